/* ec_point_formats: RFC 8422, 5.1.2 and 5.2. */
#include "codec/ext/ext.h"

void wt_ext_ec_point_formats_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                  union wt_ext_body *out)
{
    (void)c;
    (void)where;
    struct wt_span list =
        wt_read_codes(r, "ec_point_format_list", "ec_point_format", 1, 1, 255, 1, WT_REG_EC_POINT_FORMAT);
    out->ec_point_formats.ec_point_format_list = list;
    if (wt_reader_close(r, "ec_point_formats") && !memchr(list.p, 0, list.n))
        wt_reader_fail_at(r, wt_reader_offset(r) - list.n, WT_VALUE, "ec_point_format_list", list.p[0], 0,
                          "RFC 8422, 5.1.2: \"If the client sends the extension and the extension does not contain "
                          "the uncompressed point format [...] then the server MUST abort the handshake\"");
}

void wt_ext_ec_point_formats_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                   const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->ec_point_formats.ec_point_format_list, 1, 1, 255, "ec_point_format_list");
}
