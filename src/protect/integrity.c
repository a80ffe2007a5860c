/* TLS 1.3 without secrecy: RFC 9150, 5: encrypted_record = TLSInnerPlaintext || HMAC(write_key, nonce ||
 * additional_data || TLSInnerPlaintext), the nonce as long as the hash. */
#include "protect/format.h"
#include "protect/inner.h"
#include "protect/tell.h"

#include <openssl/crypto.h>

static enum wt_hash_id hash_of(const struct wt_protector *p)
{
    return p->suite->cipher == WT_CIPHER_HMAC_SHA384 ? WT_HASH_SHA384 : WT_HASH_SHA256;
}

static bool setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    size_t n = p->cipher->tag;
    if (how->key.n != n)
        return wt_setup_fails(why, WT_LENGTH, "key", how->key.n, n, p->cipher->name);
    if (how->iv.n != n)
        return wt_setup_fails(why, WT_LENGTH, "iv", how->iv.n, n, p->cipher->name);
    if (!wt_crypto_md(p->crypto, hash_of(p)))
        return wt_setup_fails(why, WT_UNSUPPORTED, "hash", p->suite->id, 0, wt_hash_info_of(hash_of(p))->name);
    memcpy(p->iv, how->iv.p, n);
    p->iv_n = p->mac_n = (uint8_t)n;
    p->overhead = (uint32_t)n + 1;
    p->bare = wt_tls13_bare(p->version);
    p->mac = wt_mac_new(p->crypto, hash_of(p), how->key);
    return p->mac || wt_setup_fails(why, WT_MEMORY, "mac", 0, 0, NULL);
}

static bool seekable(const struct wt_protector *p)
{
    (void)p;
    return true;
}

static bool compute(struct wt_protector *p, const struct wt_passing *r, struct wt_span inner,
                    uint8_t mac[WT_DIGEST_MOST])
{
    struct wt_span header = !p->bare ? r->header : (struct wt_span){0};
    uint8_t nonce[WT_DIGEST_MOST];
    wt_xor_sequence(nonce, p->iv, p->iv_n, r->sequence);
    const struct wt_span parts[] = {wt_span_of(nonce, p->iv_n), header, inner};
    bool done = wt_mac_compute(p->mac, parts, 3, mac) == p->mac_n;
    wt_note(r->notes, WT_NOTE_FIXED, p->iv, p->iv_n);
    wt_note(r->notes, WT_NOTE_NONCE, nonce, p->iv_n);
    wt_note(r->notes, WT_NOTE_ADDITIONAL, header.p, header.n);
    wt_note(r->notes, WT_NOTE_MAC, mac, done ? p->mac_n : 0);
    return done;
}

static enum wt_opening open(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    uint8_t mac[WT_DIGEST_MOST];
    if (r->body.n < p->mac_n)
        return WT_OPEN_TOO_SHORT;
    struct wt_span inner = wt_span_of(r->body.p, r->body.n - p->mac_n);
    wt_note(r->notes, WT_NOTE_PLAIN, inner.p, inner.n);
    wt_note(r->notes, WT_NOTE_MAC_FOUND, inner.p + inner.n, p->mac_n);
    if (!compute(p, r, inner, mac) || CRYPTO_memcmp(mac, inner.p + inner.n, p->mac_n) != 0)
        return WT_OPEN_BAD_MAC;
    memmove(r->out, inner.p, inner.n);
    return wt_inner_open(p, r, wt_span_of(r->out, inner.n), opened);
}

static size_t seal(struct wt_protector *p, const struct wt_passing *r)
{
    uint8_t mac[WT_DIGEST_MOST], *body = r->out;
    size_t inner = wt_inner_seal(p, r, body);
    if (inner == WT_SEAL_FAILED)
        return WT_SEAL_FAILED;
    if (!compute(p, r, wt_span_of(body, inner), mac))
        return WT_SEAL_FAILED;
    memcpy(body + inner, mac, p->mac_n);
    return inner + p->mac_n;
}

const struct wt_format wt_format_integrity = {setup, open, seal, wt_tell_integrity, seekable, true};
