/* ech_outer_extensions: RFC 9849, 5.1. Stands only in the encoded inner hello, for what the outer one has already. */
#include "codec/ext/ext.h"

void wt_ext_ech_outer_extensions_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                      union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->ech_outer_extensions.outer_extensions =
        wt_read_codes(r, "outer_extensions", "extension_type", 1, 2, 254, 2, WT_REG_EXTENSION);
}

void wt_ext_ech_outer_extensions_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                       const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->ech_outer_extensions.outer_extensions, 1, 2, 254, "outer_extensions");
}
