/* cookie: RFC 8446, 4.2.2. */
#include "codec/ext/ext.h"

void wt_ext_cookie_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                        union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->cookie.cookie = wt_read_opaque(r, "cookie", 2, 1, 0xffff, WT_TRAIL_BYTES);
}

void wt_ext_cookie_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                         const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->cookie.cookie, 2, 1, 0xffff, "cookie");
}
