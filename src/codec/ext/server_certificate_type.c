/* server_certificate_type: RFC 7250, 3: a list in the ClientHello, the server's choice in its answer. */
#include "codec/ext/ext.h"

void wt_ext_server_certificate_type_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                         union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        out->certificate_type.certificate_types = wt_read_codes(
            r, "server_certificate_types", "server_certificate_type", 1, 1, 255, 1, WT_REG_CERTIFICATE_TYPE);
    else
        out->certificate_type.certificate_type = wt_read_code8(r, "server_certificate_type", WT_REG_CERTIFICATE_TYPE);
}

void wt_ext_server_certificate_type_write(struct wt_writer *w, const struct wt_codec_context *c,
                                          enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, in->certificate_type.certificate_types, 1, 1, 255, "server_certificate_types");
    else
        wt_write_u8(w, in->certificate_type.certificate_type);
}
