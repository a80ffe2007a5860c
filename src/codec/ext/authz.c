/* client_authz and server_authz: RFC 5878, 2.3. Client and server send the same form. */
#include "codec/ext/ext.h"

void wt_ext_authz_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                       union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->authz.authz_format_list =
        wt_read_codes(r, "authz_format_list", "authz_data_format", 1, 1, 255, 1, WT_REG_AUTHZ_FORMAT);
}

void wt_ext_authz_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                        const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->authz.authz_format_list, 1, 1, 255, "authz_format_list");
}
