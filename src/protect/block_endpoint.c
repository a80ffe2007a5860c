/* CBC as an endpoint opens it. RFC 5246, 6.2.3.2: "implementations MUST ensure that record processing time is
 * essentially the same whether or not the padding is correct." With the MAC outside (RFC 7366) nothing is decrypted
 * that is not authentic, and what block.c does is enough. */
#include "protect/format.h"
#include "protect/record_mac.h"
#include "protect/tell.h"

/* A MAC over the plaintext, of TLS 1.0 to 1.2; SSL 3.0 has another, and padding that may be anything. */
static bool setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why)
{
    if (p->mac_outside)
        return wt_format_block.setup(p, how, why);
    const struct wt_hash_info *hash = wt_hash_info_of(how->suite->mac);
    if (how->version < WT_TLS10 || how->version > WT_TLS12 || !wt_crypto_cipher(p->crypto, how->suite->cipher))
        return wt_setup_fails(why, WT_UNSUPPORTED, "cipher", how->suite->id, 0, p->cipher->name);
    if (!hash || !wt_crypto_md(p->crypto, how->suite->mac))
        return wt_setup_fails(why, WT_UNSUPPORTED, "hash", how->suite->id, 0, hash ? hash->name : NULL);
    if (how->key.n != p->cipher->key)
        return wt_setup_fails(why, WT_LENGTH, "key", how->key.n, p->cipher->key, p->cipher->name);
    if (how->mac_key.n != hash->length)
        return wt_setup_fails(why, WT_LENGTH, "mac_key", how->mac_key.n, hash->length, hash->name);
    if (how->version == WT_TLS10 && how->iv.n != p->cipher->block)
        return wt_setup_fails(why, WT_LENGTH, "iv", how->iv.n, p->cipher->block, p->cipher->name);
    p->explicit_iv = how->version > WT_TLS10;
    p->iv_n = p->cipher->block;
    p->mac_n = how->truncated_hmac ? WT_TRUNCATED_MAC : hash->length;
    p->overhead = p->mac_n + 1u + (p->explicit_iv ? p->iv_n : 0u);
    p->cbc = wt_cbc_record_new(p->crypto, how->suite->cipher, how->version, how->key, how->iv, how->suite->mac,
                               how->mac_key, p->mac_n);
    return p->cbc || wt_setup_fails(why, WT_MEMORY, "cipher", how->suite->id, 0, NULL);
}

static enum wt_opening open(struct wt_protector *p, const struct wt_passing *r, struct wt_opened *opened)
{
    uint8_t header[WT_PSEUDO_MOST];
    if (p->mac_outside)
        return wt_format_block.open(p, r, opened) == WT_OPENED ? WT_OPENED : WT_OPEN_BAD_MAC;
    if (r->out != r->body.p && r->body.n)
        memmove(r->out, r->body.p, r->body.n);
    (void)wt_put_pseudo(header, r, 0);
    if (!wt_cbc_record_open(p->cbc, header, r->out, r->body.n, &opened->text))
        return WT_OPEN_BAD_MAC;
    opened->padding = (uint32_t)(r->body.n - (p->explicit_iv ? p->iv_n : 0) - opened->text.n - p->mac_n);
    return WT_OPENED;
}

static bool seekable(const struct wt_protector *p)
{
    return p->explicit_iv;
}

const struct wt_format wt_format_block_endpoint = {
    .setup = setup, .open = open, .tell = wt_tell_block, .seekable = seekable};
