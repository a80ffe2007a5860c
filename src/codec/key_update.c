/* KeyUpdate: RFC 8446, 4.6.3. */
#include "codec/codec.h"

void wt_key_update_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_key_update *out)
{
    (void)c;
    size_t offset = wt_reader_offset(r);
    out->request_update = wt_read_code8(r, "request_update", WT_REG_KEY_UPDATE_REQUEST);
    if (wt_reader_ok(r) && out->request_update > 1)
        wt_reader_fail_at(r, offset, WT_VALUE, "request_update", out->request_update, 1,
                          "RFC 8446, 4.6.3: \"If an implementation receives any other value, it MUST terminate the "
                          "connection with an \"illegal_parameter\" alert.\"");
}

void wt_key_update_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_key_update *in)
{
    (void)c;
    wt_write_u8(w, in->request_update);
}
