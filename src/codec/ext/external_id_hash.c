/* external_id_hash: RFC 8844, 3.2: "opaque binding_hash<0..32>". */
#include "codec/ext/ext.h"

void wt_ext_external_id_hash_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                  union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->external_id_hash.binding_hash = wt_read_opaque(r, "binding_hash", 1, 0, 32, WT_TRAIL_BYTES);
}

void wt_ext_external_id_hash_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                   const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->external_id_hash.binding_hash, 1, 0, 32, "binding_hash");
}
