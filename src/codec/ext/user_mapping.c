/* user_mapping: RFC 4681, 2. Client and server send the same form. */
#include "codec/ext/ext.h"

void wt_ext_user_mapping_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                              union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->user_mapping.user_mapping_types =
        wt_read_codes(r, "user_mapping_types", "user_mapping_type", 1, 1, 255, 1, WT_REG_USER_MAPPING);
}

void wt_ext_user_mapping_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                               const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->user_mapping.user_mapping_types, 1, 1, 255, "user_mapping_types");
}
