/* pwd_protect and pwd_clear: RFC 8492, 4.2: a PWD_name<1..2^8-1>, encrypted or not. Bytes, not text: which it is the
 * number of the extension says. */
#include "codec/ext/ext.h"

void wt_ext_pwd_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                     union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->pwd.name = wt_read_opaque(r, "PWD_name", 1, 1, 255, WT_TRAIL_BYTES);
}

void wt_ext_pwd_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                      const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->pwd.name, 1, 1, 255, "PWD_name");
}
