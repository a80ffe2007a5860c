/* What the files of one record format share: the protector, one record on its way in or out, and the notes that are
 * taken on it when somebody wants to be shown. */
#ifndef WT_PROTECT_FORMAT_H
#define WT_PROTECT_FORMAT_H

#include "crypto/cbc_record.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/mac.h"
#include "protect/notes.h"
#include "protect/protect.h"

enum {
    WT_BLOCK_MOST = 16,         /* bytes of the largest block of a CBC cipher */
    WT_FRAGMENT_MOST = 1 << 14, /* RFC 8446, 5.1: "The length MUST NOT exceed 2^14 bytes." */
};

struct wt_deflate; /* compress.c */

/* A record on its way in, or a fragment on its way out. */
struct wt_passing {
    uint8_t type;          /* sealing TLS 1.3, the inner one */
    struct wt_span header; /* the caller's */
    uint64_t sequence;
    struct wt_span body; /* opening: what follows the header; sealing: what is to be protected */
    uint8_t *out;        /* opening: room for body.n; sealing: what follows the header */
    unsigned padding;    /* sealing */
    const uint8_t *nonce;
    bool trial;             /* opening: leave the state alone when it fails */
    struct wt_notes *notes; /* NULL: nobody watches */
};

#define WT_NOT_IN_PIECES SIZE_MAX

struct wt_format {
    /* False with the reason in *why. The cipher's context is there already, if it has one. */
    bool (*setup)(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why);
    /* Fills text (as it was compressed), type and padding. */
    enum wt_opening (*open)(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened);
    /* Bytes written to r->out, or WT_SEAL_FAILED. */
    size_t (*seal)(struct wt_protector *p, const struct wt_passing *r);
    /* Tells the notes outwards from the plaintext. */
    void (*tell)(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);
    /* Whether nothing but the sequence number goes on from record to record. */
    bool (*seekable)(const struct wt_protector *p);
    /* The header is the additional data, with the length of what follows; otherwise it counts for type and version. */
    bool header_is_additional;
    /* Opening in pieces: r->body is the first of the fragment's `length` bytes. How many bytes come before what is
     * enciphered (they are in the piece), or WT_NOT_IN_PIECES. NULL: never. */
    size_t (*begin)(struct wt_protector *p, const struct wt_passing *r, size_t length);
    /* The fragment as wt_protector_open_more() left it in r->body, with its tag. */
    enum wt_opening (*end)(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened);
};

extern const struct wt_format wt_format_aead12, wt_format_aead13, wt_format_block, wt_format_block_endpoint,
    wt_format_stream, wt_format_integrity;

struct wt_protector {
    const struct wt_format *format;
    struct wt_crypto *crypto;
    const struct wt_suite *suite;
    const struct wt_cipher *cipher;
    uint16_t version;
    bool seals;
    bool mac_outside; /* RFC 7366 */
    bool explicit_iv; /* CBC, or the explicit half of an AEAD's nonce */
    bool bare;        /* TLS 1.3 drafts whose records have no additional data */
    bool typeless;    /* QUIC: no content type inside */
    uint8_t mac_n;    /* bytes of MAC in a record */
    uint8_t iv_n;     /* bytes of iv */
    uint32_t fragment;
    uint32_t overhead;
    bool endpoint;
    struct wt_cipher_context *context;
    struct wt_cbc_record *cbc; /* an endpoint's that opens, with the MAC inside: instead of context and mac */
    struct wt_mac *mac;        /* TLS: HMAC */
    struct wt_hash *hash;      /* SSL 3.0: its forerunner */
    uint8_t secret[WT_DIGEST_MOST], secret_n;
    uint8_t iv[WT_DIGEST_MOST]; /* fixed half of the nonce, whole static nonce, or CBC's chain */
    struct wt_deflate *deflate; /* NULL: no compression */
    struct {
        bool begun;
        size_t before, text; /* bytes still to come: of what is before the enciphered text, and of that */
        size_t waiting;      /* bytes of the text that came and are still enciphered */
    } pieces;                /* of a record that is opened in pieces */
    uint8_t *spare;          /* UINT16_MAX bytes, made for the first trial in place */
};

static inline void wt_put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void wt_put64(uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(value >> (56 - 8 * i));
}

/* RFC 5246, 6.2.3.1 and 6.2.3.3: what stands before the content in the MAC, and what is an AEAD's additional data:
 * seq_num, type, version, length. */
enum {
    WT_PSEUDO = 13,
    WT_PSEUDO_CID = 23,                        /* of a record with a connection id, without that */
    WT_PSEUDO_MOST = WT_PSEUDO_CID + UINT8_MAX /* RFC 9146, 3: "opaque cid<0..2^8-1>" */
};

/* Of a record of type tls12_cid the whole header is there, with the id (RFC 9146, 4). */
static inline bool wt_has_cid(const struct wt_passing *r)
{
    enum { HEADER = 13, TLS12_CID = 25 };
    return r->header.n >= HEADER && r->header.n <= HEADER + UINT8_MAX && r->header.p[0] == TLS12_CID;
}

/* RFC 9146, 5: "seq_num_placeholder + tls12_cid + cid_length + tls12_cid + DTLSCiphertext.version + epoch +
 * sequence_number + cid + length_of_DTLSInnerPlaintext", of which the placeholder is 8 bytes of 0xff. */
static inline size_t wt_put_pseudo_cid(uint8_t p[WT_PSEUDO_MOST], const struct wt_passing *r, size_t length)
{
    enum { PLACEHOLDER = 8, BEFORE_CID = 11 };
    const size_t cid = r->header.n - BEFORE_CID - 2;
    memset(p, 0xff, PLACEHOLDER);
    p[PLACEHOLDER] = r->header.p[0];
    p[PLACEHOLDER + 1] = (uint8_t)cid;
    memcpy(p + PLACEHOLDER + 2, r->header.p, BEFORE_CID + cid);
    wt_put16(p + PLACEHOLDER + 2 + BEFORE_CID + cid, (unsigned)length);
    return WT_PSEUDO_CID + cid;
}

/* Returns its length. */
static inline size_t wt_put_pseudo(uint8_t p[WT_PSEUDO_MOST], const struct wt_passing *r, size_t length)
{
    if (wt_has_cid(r))
        return wt_put_pseudo_cid(p, r, length);
    wt_put64(p, r->sequence);
    memcpy(p + 8, r->header.p, 3);
    wt_put16(p + 11, (unsigned)length);
    return WT_PSEUDO;
}

/* RFC 8446, 5.3: the sequence number, padded with zeros on the left, exclusive-ored with the static IV. */
static inline void wt_xor_sequence(uint8_t *nonce, const uint8_t *iv, size_t n, uint64_t sequence)
{
    memcpy(nonce, iv, n);
    for (size_t i = 0; i < 8; i++)
        nonce[n - 1 - i] ^= (uint8_t)(sequence >> (8 * i));
}

/* Fails a setup. */
static inline bool wt_setup_fails(struct wt_error *why, enum wt_code code, const char *field, uint64_t value,
                                  uint64_t bound, const char *rule)
{
    *why = (struct wt_error){.code = code, .field = field, .value = value, .bound = bound, .rule = rule};
    return false;
}

#endif
