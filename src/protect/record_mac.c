/* The MAC of records up to TLS 1.2: HMAC (RFC 2246, 6.2.3.1 and its heirs), and SSL 3.0's forerunner of it (RFC 6101,
 * 5.2.3.1). */
#include "protect/record_mac.h"

#include "protect/format.h"

#include <openssl/crypto.h>

enum { SSL3_PADS = 48 };

static bool setup_ssl3(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    /* RFC 6101, 5.2.3.1 gives the number of pad bytes for MD5 and SHA alone. */
    if (how->suite->mac != WT_HASH_MD5 && how->suite->mac != WT_HASH_SHA1)
        return wt_setup_fails(why, WT_UNSUPPORTED, "hash", how->suite->id, 0, wt_hash_info_of(how->suite->mac)->name);
    memcpy(p->secret, how->mac_key.p, how->mac_key.n);
    p->secret_n = (uint8_t)how->mac_key.n;
    p->hash = wt_hash_new(p->crypto, how->suite->mac);
    return p->hash || wt_setup_fails(why, WT_MEMORY, "mac", 0, 0, NULL);
}

bool wt_record_mac_setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    const struct wt_hash_info *info = wt_hash_info_of(how->suite->mac);
    if (how->suite->mac == WT_HASH_NONE)
        return true; /* TLS_NULL_WITH_NULL_NULL */
    if (!wt_crypto_md(p->crypto, how->suite->mac))
        return wt_setup_fails(why, WT_UNSUPPORTED, "hash", how->suite->id, 0, info->name);
    if (how->mac_key.n != info->length)
        return wt_setup_fails(why, WT_LENGTH, "mac_key", how->mac_key.n, info->length, info->name);
    p->mac_n = info->length;
    if (p->version == WT_SSL3)
        return setup_ssl3(p, how, why);
    if (how->truncated_hmac)
        p->mac_n = WT_TRUNCATED_MAC;
    p->mac = wt_mac_new(p->crypto, how->suite->mac, how->mac_key);
    return p->mac || wt_setup_fails(why, WT_MEMORY, "mac", 0, 0, NULL);
}

/* RFC 6101, 5.2.3.1: hash(MAC_write_secret + pad_2 + hash(MAC_write_secret + pad_1 + seq_num + SSLCompressed.type +
 * SSLCompressed.length + SSLCompressed.fragment)): the version is not covered. */
static size_t ssl3_mac(struct wt_protector *p, const struct wt_passing *r, struct wt_span content,
                       uint8_t out[WT_DIGEST_MOST])
{
    uint8_t head[11], pad[SSL3_PADS], inner[WT_DIGEST_MOST];
    struct wt_span secret = wt_span_of(p->secret, p->secret_n);
    struct wt_span pads = wt_span_of(pad, p->suite->mac == WT_HASH_MD5 ? SSL3_PADS : 40);
    wt_put64(head, r->sequence);
    head[8] = r->header.p[0];
    wt_put16(head + 9, (unsigned)content.n);
    memset(pad, 0x36, sizeof pad);
    wt_hash_add(p->hash, secret);
    wt_hash_add(p->hash, pads);
    wt_hash_add(p->hash, wt_span_of(head, sizeof head));
    wt_hash_add(p->hash, content);
    size_t n = wt_hash_end(p->hash, inner);
    memset(pad, 0x5c, sizeof pad);
    wt_hash_add(p->hash, secret);
    wt_hash_add(p->hash, pads);
    wt_hash_add(p->hash, wt_span_of(inner, n));
    wt_note(r->notes, WT_NOTE_PSEUDO, head, sizeof head);
    wt_note(r->notes, WT_NOTE_INNER_MAC, inner, n);
    return n ? wt_hash_end(p->hash, out) : 0;
}

bool wt_record_mac(struct wt_protector *p, const struct wt_passing *r, struct wt_span content,
                   uint8_t out[WT_DIGEST_MOST])
{
    size_t n;
    if (p->mac_n == 0)
        return true;
    if (p->hash) {
        n = ssl3_mac(p, r, content, out);
    } else {
        uint8_t pseudo[WT_PSEUDO_MOST];
        const size_t before = wt_put_pseudo(pseudo, r, content.n);
        const struct wt_span parts[] = {wt_span_of(pseudo, before), content};
        n = wt_mac_compute(p->mac, parts, 2, out);
        wt_note(r->notes, WT_NOTE_PSEUDO, pseudo, before);
    }
    wt_note(r->notes, WT_NOTE_AUTHENTIC, content.p, content.n);
    wt_note(r->notes, WT_NOTE_MAC, out, n);
    return n >= p->mac_n;
}

bool wt_record_mac_holds(struct wt_protector *p, const struct wt_passing *r, struct wt_span content,
                         const uint8_t *found)
{
    uint8_t mac[WT_DIGEST_MOST];
    wt_note(r->notes, WT_NOTE_MAC_FOUND, found, p->mac_n);
    return wt_record_mac(p, r, content, mac) && CRYPTO_memcmp(mac, found, p->mac_n) == 0;
}
