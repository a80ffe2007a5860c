/* ticket_pinning: RFC 8672, 3. */
#include "codec/ext/ext.h"

void wt_ext_ticket_pinning_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                union wt_ext_body *out)
{
    struct wt_ext_ticket_pinning *o = &out->ticket_pinning;
    (void)c;
    if (!(where & WT_IN_CH))
        o->proof = wt_read_opaque(r, "proof", 1, 0, 255, WT_TRAIL_BYTES);
    o->ticket = wt_read_opaque(r, "ticket", 2, 0, 0xffff, WT_TRAIL_BYTES);
    if (!(where & WT_IN_CH))
        o->lifetime = wt_read_u32(r, "lifetime");
}

void wt_ext_ticket_pinning_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                 const union wt_ext_body *in)
{
    const struct wt_ext_ticket_pinning *i = &in->ticket_pinning;
    (void)c;
    if (!(where & WT_IN_CH))
        wt_write_opaque(w, i->proof, 1, 0, 255, "proof");
    wt_write_opaque(w, i->ticket, 2, 0, 0xffff, "ticket");
    if (!(where & WT_IN_CH))
        wt_write_u32(w, i->lifetime);
}
