/* certificate_authorities: RFC 8446, 4.2.4. */
#include "codec/ext/ext.h"

void wt_ext_certificate_authorities_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                         union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->certificate_authorities.authorities =
        wt_ext_read_opaques(r, "authorities", 2, 3, 0xffff, "distinguished_name", 2, 1, 0xffff, WT_TRAIL_BYTES);
}

void wt_ext_certificate_authorities_write(struct wt_writer *w, const struct wt_codec_context *c,
                                          enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->certificate_authorities.authorities, 2, 3, 0xffff, "authorities");
}
