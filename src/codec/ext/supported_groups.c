/* supported_groups: RFC 8446, 4.2.7; RFC 8422, 5.1.1 (there: elliptic_curves of RFC 4492). */
#include "codec/ext/ext.h"

void wt_ext_supported_groups_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                  union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->supported_groups.named_group_list =
        wt_read_codes(r, "named_group_list", "named_group", 2, 2, 0xffff, 2, WT_REG_GROUP);
}

void wt_ext_supported_groups_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                   const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->supported_groups.named_group_list, 2, 2, 0xffff, "named_group_list");
}
