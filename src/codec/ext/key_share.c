/* key_share: RFC 8446, 4.2.8; its old number 40 in the drafts up to 22 has the same forms. */
#include "codec/ext/ext.h"

static void read_entry(struct wt_reader *r, const char *field, uint16_t *group, struct wt_span *key_exchange)
{
    size_t mark = wt_read_enter(r, field);
    *group = wt_read_code16(r, "group", WT_REG_GROUP);
    *key_exchange = wt_read_opaque(r, "key_exchange", 2, 1, 0xffff, WT_TRAIL_BYTES);
    wt_read_leave(r, mark);
}

static void read_client(struct wt_reader *r, struct wt_ext_key_share *o)
{
    struct wt_reader list = wt_read_vector(r, "client_shares", 2, 0, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)}, key;
    struct wt_ext_seen seen;
    size_t twice = SIZE_MAX;
    uint16_t group, twice_group = 0;
    wt_ext_seen_clear(&seen);
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list);
        read_entry(&list, "key_share_entry", &group, &key);
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
        read_entry(r, "server_share", &o->group, &o->key_exchange);
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
