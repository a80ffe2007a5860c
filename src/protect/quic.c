#include "protect/quic.h"

#include "base/memory.h"
#include "base/writer.h"
#include "crypto/cipher.h"
#include "protect/number.h"

#include <stdlib.h>

enum {
    LONG = 0x80,
    LONG_HIDDEN = 0x0f,  /* bits of a long header's first byte that are protected: RFC 9001, 5.4.1 */
    SHORT_HIDDEN = 0x1f, /* of a short header's */
};

struct wt_protector *wt_quic_protector_new(struct wt_crypto *crypto, const struct wt_suite *suite, struct wt_span key,
                                           struct wt_span iv, bool seal, struct wt_error *why)
{
    const struct wt_protection how = {
        .suite = suite, .version = WT_TLS13, .key = key, .iv = iv, .no_content_type = true};
    const struct wt_cipher *cipher = wt_cipher_of(suite->cipher);
    if (cipher && cipher->tag == WT_QUIC_TAG)
        return wt_protector_new(crypto, &how, seal, why);
    if (why)
        *why = (struct wt_error){.code = WT_UNSUPPORTED, .field = "cipher", .value = suite->id, .rule = suite->name};
    return NULL;
}

static unsigned hidden(uint8_t first)
{
    return first & LONG ? LONG_HIDDEN : SHORT_HIDDEN;
}

/* RFC 9001, 5.4.2: "in sampling packet ciphertext for header protection, the Packet Number field is assumed to be 4
 * bytes long". */
static bool mask_of(struct wt_mask *mask, const uint8_t *packet, size_t n, size_t number_at, uint8_t out[WT_MASK_BYTES])
{
    return n >= number_at + WT_QUIC_NUMBER_MOST + WT_MASK_SAMPLE &&
           wt_mask_make(mask, packet + number_at + WT_QUIC_NUMBER_MOST, out);
}

bool wt_quic_unmask(struct wt_mask *mask, struct wt_span packet, size_t number_at, struct wt_quic_bare *bare)
{
    uint8_t bits[WT_MASK_BYTES];
    if (!mask_of(mask, packet.p, packet.n, number_at, bits))
        return false;
    bare->first = packet.p[0] ^ (uint8_t)(bits[0] & hidden(packet.p[0]));
    bare->number_length = (uint8_t)((bare->first & 3) + 1);
    bare->number = 0;
    for (unsigned i = 0; i < bare->number_length; i++)
        bare->number = bare->number << 8 | (packet.p[number_at + i] ^ bits[1 + i]);
    return true;
}

bool wt_quic_mask(struct wt_mask *mask, uint8_t *packet, size_t n, size_t number_at, unsigned number_length)
{
    uint8_t bits[WT_MASK_BYTES];
    if (!mask_of(mask, packet, n, number_at, bits))
        return false;
    packet[0] ^= (uint8_t)(bits[0] & hidden(packet[0]));
    for (unsigned i = 0; i < number_length; i++)
        packet[number_at + i] ^= bits[1 + i];
    return true;
}

/* RFC 9000, 17.1: "the packet number is decoded by finding the packet number value that is closest to the next expected
 * packet." */
uint64_t wt_quic_number_restore(uint64_t expected, uint32_t number, unsigned length)
{
    return wt_number_restore(expected, number, length, WT_VARINT_MOST);
}

/* RFC 9000, 17.1: "the sender MUST use a packet number size able to represent more than twice as large a range as the
 * difference between the largest acknowledged packet number and the packet number being sent." */
unsigned wt_quic_number_length(uint64_t number, uint64_t acknowledged)
{
    const uint64_t unacknowledged = number + 1 - acknowledged;
    for (unsigned length = 1; length <= WT_QUIC_NUMBER_MOST; length++)
        if (unacknowledged <= (uint64_t)1 << (8 * length - 1))
            return length;
    return 0;
}

struct wt_span wt_quic_header(struct wt_span packet, size_t number_at, const struct wt_quic_bare *bare, uint8_t *out)
{
    memcpy(out, packet.p, number_at);
    out[0] = bare->first;
    for (unsigned i = 0; i < bare->number_length; i++)
        out[number_at + i] = (uint8_t)(bare->number >> (8 * (bare->number_length - 1 - i)));
    return wt_span_of(out, number_at + bare->number_length);
}

enum wt_opening wt_quic_open(struct wt_protector *p, struct wt_span header, uint64_t number, struct wt_span payload,
                             uint8_t *out, struct wt_opened *opened)
{
    const struct wt_protect_header known = {header, number};
    return wt_protector_open(p, &known, payload, out, false, opened, NULL);
}

size_t wt_quic_seal(struct wt_protector *p, struct wt_mask *mask, struct wt_span header, unsigned number_length,
                    uint64_t number, struct wt_span frames, uint8_t *out)
{
    const struct wt_protect_header known = {header, number};
    if (number_length + frames.n < WT_QUIC_NUMBER_MOST)
        return 0;
    const size_t n = wt_protector_seal(p, &known, 0, frames, 0, NULL, out + header.n, NULL);
    if (n == WT_SEAL_FAILED)
        return 0;
    memcpy(out, header.p, header.n);
    return wt_quic_mask(mask, out, header.n + n, header.n - number_length, number_length) ? header.n + n : 0;
}

/* RFC 9001, 5.8: AEAD_AES_128_GCM with a key and a nonce that the version prescribes; "The plaintext, P, is empty";
 * "The associated data, A, is the contents of the Retry Pseudo-Packet": length and bytes of the original id, then the
 * packet without its tag. A Retry is no larger than a datagram. */
bool wt_quic_retry_tag(struct wt_crypto *crypto, const struct wt_quic_version *version, struct wt_span original,
                       struct wt_span retry, uint8_t tag[WT_QUIC_TAG])
{
    const struct wt_span key = {version->retry_key, WT_QUIC_RETRY_KEY_BYTES}, none = {0};
    const size_t n = 1 + original.n + retry.n;
    if (!wt_quic_version_has_retry_tag(version) || original.n > WT_QUIC_CID_MOST || retry.n > UINT16_MAX)
        return false;
    struct wt_cipher_context *cipher = wt_cipher_new(crypto, WT_CIPHER_AES_128_GCM, key, true);
    uint8_t *pseudo = cipher ? wt_malloc(n) : NULL;
    if (pseudo) {
        struct wt_writer w = wt_writer_start(pseudo, n);
        wt_write_opaque(&w, original, 1, 0, WT_QUIC_CID_MOST, NULL);
        wt_write_bytes(&w, retry);
    }
    const bool done = pseudo && wt_cipher_seal(cipher, version->retry_nonce, wt_span_of(pseudo, n), none, tag);
    free(pseudo);
    wt_cipher_free(cipher);
    return done;
}
