/* supported_versions: RFC 8446, 4.2.1. */
#include "codec/ext/ext.h"

void wt_ext_supported_versions_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                    union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        out->supported_versions.versions =
            wt_read_codes(r, "versions", "protocol_version", 1, 2, 254, 2, WT_REG_VERSION);
    else
        out->supported_versions.selected_version = wt_read_code16(r, "selected_version", WT_REG_VERSION);
}

void wt_ext_supported_versions_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                     const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, in->supported_versions.versions, 1, 2, 254, "versions");
    else
        wt_write_u16(w, in->supported_versions.selected_version);
}
