/* renegotiation_info: RFC 5746, 3.2. What renegotiated_connection has to hold (3.4 to 3.7) depends on the connection's
 * past, which no decoder knows. */
#include "codec/ext/ext.h"

void wt_ext_renegotiation_info_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                    union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->renegotiation_info.renegotiated_connection =
        wt_read_opaque(r, "renegotiated_connection", 1, 0, 255, WT_TRAIL_BYTES);
}

void wt_ext_renegotiation_info_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                     const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->renegotiation_info.renegotiated_connection, 1, 0, 255, "renegotiated_connection");
}
