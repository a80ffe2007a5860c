/* pre_shared_key: RFC 8446, 4.2.11. */
#include "codec/ext/ext.h"

static size_t read_identities(struct wt_reader *r, struct wt_span *out)
{
    size_t count = 0;
    struct wt_reader list = wt_read_vector(r, "identities", 2, 7, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "psk_identity");
        (void)wt_read_opaque(&list, "identity", 2, 1, 0xffff, WT_TRAIL_BYTES);
        (void)wt_read_u32(&list, "obfuscated_ticket_age");
        wt_read_leave(&list, mark);
        count++;
    }
    if (wt_reader_ok(r))
        *out = all;
    return count;
}

void wt_ext_pre_shared_key_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                union wt_ext_body *out)
{
    struct wt_ext_pre_shared_key *o = &out->pre_shared_key;
    size_t binders = 0;
    (void)c;
    if (!(where & WT_IN_CH)) {
        o->selected_identity = wt_read_u16(r, "selected_identity");
        return;
    }
    size_t identities = read_identities(r, &o->identities);
    size_t offset = wt_reader_offset(r);
    o->binders = wt_ext_read_opaques(r, "binders", 2, 33, 0xffff, "psk_binder_entry", 1, 32, 255, WT_TRAIL_BYTES);
    if (!wt_reader_close(r, "pre_shared_key"))
        return;
    for (struct wt_span rest = o->binders, one; wt_ext_opaque_next(&rest, 1, &one);)
        binders++;
    if (binders != identities)
        wt_reader_fail_at(r, offset, WT_VALUE, "binders", binders, identities,
                          "RFC 8446, 4.2.11: \"A series of HMAC values, one for each value in the \"identities\" list "
                          "and in the same order\"");
}

void wt_ext_pre_shared_key_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                 const union wt_ext_body *in)
{
    const struct wt_ext_pre_shared_key *i = &in->pre_shared_key;
    (void)c;
    if (!(where & WT_IN_CH)) {
        wt_write_u16(w, i->selected_identity);
        return;
    }
    wt_write_opaque(w, i->identities, 2, 7, 0xffff, "identities");
    wt_write_opaque(w, i->binders, 2, 33, 0xffff, "binders");
}

bool wt_ext_psk_identity_next(struct wt_span *rest, struct wt_span *identity, uint32_t *obfuscated_ticket_age)
{
    if (!wt_ext_opaque_next(rest, 2, identity) || rest->n < 4)
        return false;
    *obfuscated_ticket_age = wt_get32(rest->p);
    *rest = wt_span_cut(*rest, 4, SIZE_MAX);
    return true;
}
