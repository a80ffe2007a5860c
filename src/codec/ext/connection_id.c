/* connection_id: RFC 9146, 3: "opaque cid<0..2^8-1>"; the draft's number 53 has the same form. */
#include "codec/ext/ext.h"

void wt_ext_connection_id_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                               union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->connection_id.cid = wt_read_opaque(r, "cid", 1, 0, 255, WT_TRAIL_BYTES);
}

void wt_ext_connection_id_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->connection_id.cid, 1, 0, 255, "cid");
}
