/* srp: RFC 5054, 2.8.1: "opaque srp_I<1..2^8-1>". A server answers in its ServerKeyExchange. */
#include "codec/ext/ext.h"

void wt_ext_srp_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                     union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->srp.srp_i = wt_read_opaque(r, "srp_I", 1, 1, 255, WT_TRAIL_TEXT);
}

void wt_ext_srp_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                      const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->srp.srp_i, 1, 1, 255, "srp_I");
}
