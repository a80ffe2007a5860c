/* application_layer_protocol_negotiation: RFC 7301, 3.1. */
#include "codec/ext/ext.h"

void wt_ext_alpn_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                      union wt_ext_body *out)
{
    (void)c;
    /* "Empty strings MUST NOT be included and byte strings MUST NOT be truncated." */
    struct wt_span list =
        wt_ext_read_opaques(r, "protocol_name_list", 2, 2, 0xffff, "protocol_name", 1, 1, 255, WT_TRAIL_TEXT);
    out->alpn.protocol_name_list = list;
    if (!wt_reader_close(r, "protocol_name_list") || !(where & WT_EXT_ANSWER))
        return;
    if (list.n != 1 + (size_t)list.p[0])
        wt_reader_fail_at(r, wt_reader_offset(r) - list.n, WT_VALUE, "protocol_name_list", list.n,
                          1 + (size_t)list.p[0],
                          "RFC 7301, 3.1: in the server's answer the list \"MUST contain exactly one "
                          "\"ProtocolName\"\"");
}

void wt_ext_alpn_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                       const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->alpn.protocol_name_list, 2, 2, 0xffff, "protocol_name_list");
}
