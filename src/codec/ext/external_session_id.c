/* external_session_id: RFC 8844, 4.3: "opaque session_id<20..255>". */
#include "codec/ext/ext.h"

void wt_ext_external_session_id_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                     union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->external_session_id.session_id = wt_read_opaque(r, "session_id", 1, 20, 255, WT_TRAIL_BYTES);
}

void wt_ext_external_session_id_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                      const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->external_session_id.session_id, 1, 20, 255, "session_id");
}
