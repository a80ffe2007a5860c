/* key_share: RFC 8446, 4.2.8; its old number 40 in the drafts up to 22 has the same forms. */
#include "codec/ext/ext.h"

#include "base/uninitialized.h"

/* draft-ietf-tls-ecdhe-mlkem, 4.1 and 4.2: the two shares one after the other. "For SecP256r1MLKEM768 and
 * SecP384r1MLKEM1024" the ECDH share comes first; for X25519MLKEM768 the ML-KEM encapsulation key, or the ciphertext.
 * Sizes are those of FIPS 203, table 3, and of RFC 8446, 4.2.8.2. */
static const struct hybrid {
    uint16_t group, ecdh, encapsulation_key, ciphertext; /* bytes */
    bool ecdh_first;
} hybrids[] = {
    {WT_GROUP_SECP256R1MLKEM768, 65, 1184, 1088, true},     {WT_GROUP_X25519MLKEM768, 32, 1184, 1088, false},
    {WT_GROUP_SECP384R1MLKEM1024, 97, 1568, 1568, true},    {WT_GROUP_CURVESM2MLKEM768, 65, 1184, 1088, true},
    {WT_GROUP_X25519KYBER768DRAFT00, 32, 1184, 1088, true}, /* draft-tls-westerbaan-xyber768d00, 3 */
};

/* For the trail alone: where each of the two is, below the opaque field that they fill. A share of another length is
 * shown as a whole. */
static void parts(const struct wt_reader *r, uint16_t group, struct wt_span share, bool client)
{
    if (!r->decode->trail || !wt_reader_ok(r))
        return;
    for (size_t i = 0; i < sizeof hybrids / sizeof *hybrids; i++) {
        const struct hybrid *h = &hybrids[i];
        size_t kem = client ? h->encapsulation_key : h->ciphertext;
        const char *name = client ? "mlkem_encapsulation_key" : "mlkem_ciphertext";
        if (h->group != group || share.n != h->ecdh + kem)
            continue;
        struct wt_reader in = {share.p, share.p + share.n, r->decode, r->depth + 1};
        if (!h->ecdh_first)
            (void)wt_read_bytes_as(&in, name, kem, WT_TRAIL_BYTES);
        (void)wt_read_bytes_as(&in, "ecdh_share", h->ecdh, WT_TRAIL_BYTES);
        if (h->ecdh_first)
            (void)wt_read_bytes_as(&in, name, kem, WT_TRAIL_BYTES);
    }
}

static void read_entry(struct wt_reader *r, const char *field, uint16_t *group, struct wt_span *key_exchange,
                       bool client)
{
    size_t mark = wt_read_enter(r, field);
    *group = wt_read_code16(r, "group", WT_REG_GROUP);
    *key_exchange = wt_read_opaque(r, "key_exchange", 2, 1, 0xffff, WT_TRAIL_BYTES);
    parts(r, *group, *key_exchange, client);
    wt_read_leave(r, mark);
}

static void read_client(struct wt_reader *r, struct wt_ext_key_share *o)
{
    struct wt_reader list = wt_read_vector(r, "client_shares", 2, 0, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)}, key;
    struct wt_ext_seen seen WT_UNINITIALIZED;
    size_t twice = SIZE_MAX;
    uint16_t group, twice_group = 0;
    wt_ext_seen_clear(&seen);
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list);
        read_entry(&list, "key_share_entry", &group, &key, true);
        if (wt_ext_seen_add(&seen, group) && twice == SIZE_MAX) {
            twice = offset;
            twice_group = group;
        }
    }
    if (!wt_reader_close(r, "key_share"))
        return;
    o->client_shares = all;
    if (twice != SIZE_MAX)
        wt_reader_fail_at(r, twice, WT_DUPLICATE, "group", twice_group, 0,
                          "RFC 8446, 4.2.8: \"Clients MUST NOT offer multiple KeyShareEntry values for the same "
                          "group.\"");
}

void wt_ext_key_share_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                           union wt_ext_body *out)
{
    struct wt_ext_key_share *o = &out->key_share;
    (void)c;
    if (where & WT_IN_CH)
        read_client(r, o);
    else if (where & WT_IN_HRR)
        o->group = wt_read_code16(r, "selected_group", WT_REG_GROUP);
    else
        read_entry(r, "server_share", &o->group, &o->key_exchange, false);
}

void wt_ext_key_share_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                            const union wt_ext_body *in)
{
    const struct wt_ext_key_share *i = &in->key_share;
    (void)c;
    if (where & WT_IN_CH) {
        wt_write_opaque(w, i->client_shares, 2, 0, 0xffff, "client_shares");
        return;
    }
    wt_write_u16(w, i->group);
    if (!(where & WT_IN_HRR))
        wt_write_opaque(w, i->key_exchange, 2, 1, 0xffff, "key_exchange");
}

bool wt_ext_key_share_next(struct wt_span *rest, uint16_t *group, struct wt_span *key_exchange)
{
    if (rest->n < 4)
        return false;
    *group = wt_get16(rest->p);
    *rest = wt_span_cut(*rest, 2, SIZE_MAX);
    return wt_ext_opaque_next(rest, 2, key_exchange);
}
