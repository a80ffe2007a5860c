/* Block ciphers in CBC mode: RFC 6101, 5.2.3.2; RFC 2246, 6.2.3.2 (implicit IV); RFC 4346, 6.2.3.2 and RFC
 * 5246, 6.2.3.2 (explicit IV); RFC 7366 (MAC outside).
 *
 * Opening takes no constant time here. A passive reader of a record has no peer to whom padding or MAC could be told
 * apart by a stopwatch; an endpoint, which must not let its peer know which of the two was wrong (RFC 5246, 6.2.3.2),
 * opens in block_endpoint.c. */
#include "protect/format.h"
#include "protect/record_mac.h"
#include "protect/tell.h"

#include <openssl/rand.h>

static bool setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    if (p->cipher->block == 0 || p->cipher->block > WT_BLOCK_MOST)
        return wt_setup_fails(why, WT_UNSUPPORTED, "cipher", how->suite->id, 0, p->cipher->name);
    if (!wt_record_mac_setup(p, how, why))
        return false;
    /* TLCP (GB/T 38636) took the explicit IV over from TLS 1.1. */
    p->explicit_iv = how->version >= WT_TLS11 || how->version == WT_TLCP;
    p->iv_n = p->cipher->block;
    p->overhead = p->mac_n + 1u + (p->explicit_iv ? p->iv_n : 0u);
    if (p->explicit_iv)
        return true;
    if (how->iv.n != p->iv_n)
        return wt_setup_fails(why, WT_LENGTH, "iv", how->iv.n, p->iv_n, p->cipher->name);
    memcpy(p->iv, how->iv.p, p->iv_n);
    return true;
}

static bool seekable(const struct wt_protector *p)
{
    return p->explicit_iv;
}

/* Bytes of padding with its length byte at the end of `plain`; 0: it is none. `mac` bytes must be left before it. */
static size_t padding_of(const struct wt_protector *p, struct wt_span plain, size_t mac)
{
    uint8_t last = plain.p[plain.n - 1];
    size_t n = last + 1u;
    if (n + mac > plain.n)
        return 0;
    /* RFC 6101, 5.2.3.2: "The length of the padding must be less than the cipher's block length"; the bytes themselves
     * may have any value. */
    if (p->version == WT_SSL3)
        return n <= p->cipher->block ? n : 0;
    /* RFC 5246, 6.2.3.2: "Each uint8 in the padding data vector MUST be filled with the padding length value." */
    for (size_t i = plain.n - n; i < plain.n; i++)
        if (plain.p[i] != last)
            return 0;
    return n;
}

/* The ciphertext of a record with its IV before it; where IVs are implicit, the chain goes on whatever comes out. */
static bool decipher(struct wt_protector *p, const struct wt_passing *r, struct wt_span sealed, uint8_t *out)
{
    uint8_t iv[WT_BLOCK_MOST];
    memcpy(iv, p->explicit_iv ? r->body.p : p->iv, p->iv_n);
    wt_note(r->notes, WT_NOTE_IV, iv, p->iv_n);
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, sealed.p, sealed.n);
    if (p->explicit_iv)
        wt_note(r->notes, WT_NOTE_EXPLICIT, iv, p->iv_n);
    else if (!r->trial)
        memcpy(p->iv, sealed.p + sealed.n - p->iv_n, p->iv_n);
    return wt_cipher_cbc(p->context, iv, sealed, out);
}

/* A record without a whole block in it leaves the chain where it was: there is nothing else to go on with. */
static void keep_chain(struct wt_protector *p, const struct wt_passing *r, size_t end)
{
    if (!p->explicit_iv && !r->trial && end >= p->iv_n)
        memcpy(p->iv, r->body.p + end - p->iv_n, p->iv_n);
}

static enum wt_opening open(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    size_t before = p->explicit_iv ? p->iv_n : 0, behind = p->mac_outside ? p->mac_n : 0;
    size_t mac = p->mac_n - behind, least = before + behind + (mac + p->iv_n) / p->iv_n * p->iv_n;
    size_t end = r->body.n >= behind ? r->body.n - behind : 0;
    if (r->body.n < least || (end - before) % p->iv_n != 0) {
        keep_chain(p, r, end);
        return r->body.n < least ? WT_OPEN_TOO_SHORT : WT_OPEN_NOT_BLOCKS;
    }
    /* RFC 7366, 3: the MAC "SHALL be evaluated before any further processing such as decryption is performed". It is
     * over what stands in the record, the IV included. */
    if (p->mac_outside && !wt_record_mac_holds(p, r, wt_span_of(r->body.p, end), r->body.p + end)) {
        wt_note(r->notes, WT_NOTE_CIPHERTEXT, r->body.p + before, end - before);
        keep_chain(p, r, end);
        return WT_OPEN_BAD_MAC;
    }
    uint8_t *out = r->out + before;
    if (!decipher(p, r, wt_span_of(r->body.p + before, end - before), out))
        return WT_OPEN_BAD_MAC;
    struct wt_span plain = wt_span_of(out, end - before);
    wt_note(r->notes, WT_NOTE_PLAIN, plain.p, plain.n);
    size_t padding = padding_of(p, plain, mac);
    if (padding == 0)
        return WT_OPEN_BAD_PADDING;
    wt_note(r->notes, WT_NOTE_PADDING, plain.p + plain.n - padding, padding);
    struct wt_span text = wt_span_of(out, plain.n - padding - mac);
    if (mac && !wt_record_mac_holds(p, r, text, text.p + text.n))
        return WT_OPEN_BAD_MAC;
    opened->text = text;
    opened->padding = (uint32_t)padding;
    return WT_OPENED;
}

/* content, MAC (if inside), padding: written to `plain`. Its length, 0 on failure. */
static size_t lay_out(struct wt_protector *p, const struct wt_passing *r, uint8_t *plain)
{
    uint8_t mac[WT_DIGEST_MOST];
    size_t n = r->body.n;
    if (n > 0)
        memmove(plain, r->body.p, n);
    if (!p->mac_outside && p->mac_n > 0) {
        if (!wt_record_mac(p, r, wt_span_of(plain, n), mac))
            return 0;
        memcpy(plain + n, mac, p->mac_n);
        n += p->mac_n;
    }
    /* RFC 5246, 6.2.3.2: "The padding MAY be any length up to 255 bytes, as long as it results in the
     * TLSCiphertext.length being an integral multiple of the block length." */
    size_t padding = p->iv_n - n % p->iv_n + (size_t)r->padding * p->iv_n;
    if (padding > (p->version == WT_SSL3 ? p->iv_n : 256u))
        return 0;
    memset(plain + n, (int)(padding - 1), padding);
    wt_note(r->notes, WT_NOTE_PADDING, plain + n, padding);
    wt_note(r->notes, WT_NOTE_PLAIN, plain, n + padding);
    return n + padding;
}

static size_t seal(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t iv[WT_BLOCK_MOST], mac[WT_DIGEST_MOST], *body = r->out;
    size_t before = p->explicit_iv ? p->iv_n : 0;
    if (r->nonce && p->explicit_iv)
        memcpy(iv, r->nonce, p->iv_n);
    else if (!p->explicit_iv)
        memcpy(iv, p->iv, p->iv_n);
    /* RFC 5246, 6.2.3.2: "The Initialization Vector (IV) SHOULD be chosen at random, and MUST be unpredictable." */
    else if (RAND_bytes_ex(wt_crypto_context(p->crypto), iv, p->iv_n, 0) != 1)
        return WT_SEAL_FAILED;
    size_t n = lay_out(p, r, body + before);
    if (n == 0 || !wt_cipher_cbc(p->context, iv, wt_span_of(body + before, n), body + before))
        return WT_SEAL_FAILED;
    memcpy(body, iv, before);
    memcpy(p->iv, body + before + n - p->iv_n, p->iv_n);
    wt_note(r->notes, WT_NOTE_IV, iv, p->iv_n);
    if (before)
        wt_note(r->notes, WT_NOTE_EXPLICIT, iv, p->iv_n);
    wt_note(r->notes, WT_NOTE_CIPHERTEXT, body + before, n);
    n += before;
    if (p->mac_outside) {
        if (!wt_record_mac(p, r, wt_span_of(body, n), mac))
            return WT_SEAL_FAILED;
        memcpy(body + n, mac, p->mac_n);
        n += p->mac_n;
    }
    return n;
}

const struct wt_format wt_format_block = {setup, open, seal, wt_tell_block, seekable, false};
