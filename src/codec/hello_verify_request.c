/* HelloVerifyRequest: RFC 6347, 4.2.1. */
#include "codec/codec.h"

void wt_hello_verify_request_read(struct wt_reader *r, const struct wt_codec_context *c,
                                  struct wt_hello_verify_request *out)
{
    (void)c;
    out->server_version = wt_read_code16(r, "server_version", WT_REG_VERSION);
    out->cookie = wt_read_opaque(r, "cookie", 1, 0, 255, WT_TRAIL_BYTES);
}

void wt_hello_verify_request_write(struct wt_writer *w, const struct wt_codec_context *c,
                                   const struct wt_hello_verify_request *in)
{
    (void)c;
    wt_write_u16(w, in->server_version);
    wt_write_opaque(w, in->cookie, 1, 0, 255, "cookie");
}
