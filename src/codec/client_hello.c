/* ClientHello: RFC 8446, 4.1.2; RFC 5246, 7.4.1.2. */
#include "codec/codec.h"

void wt_client_hello_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_client_hello *out)
{
    *out = (struct wt_client_hello){0};
    out->legacy_version = wt_read_code16(r, "legacy_version", WT_REG_VERSION);
    out->random = wt_read_bytes(r, "random", 32);
    out->session_id = wt_read_opaque(r, "session_id", 1, 0, 32, WT_TRAIL_BYTES);
    /* RFC 6347, 4.2.1: in DTLS a cookie is here. */
    if (wt_version_is_dtls(out->legacy_version))
        out->cookie = wt_read_opaque(r, "cookie", 1, 0, 255, WT_TRAIL_BYTES);
    out->cipher_suites =
        wt_read_codes(r, "cipher_suites", "cipher_suite", 2, 2, 65534, 2, WT_REG_CIPHER_SUITE);
    out->compression_methods = wt_read_codes(r, "compression_methods", "compression_method", 1, 1, 255, 1,
                                             WT_REG_COMPRESSION_METHOD);
    /* RFC 5246, 7.4.1.2: "The presence of extensions can be detected by determining whether there are bytes
     * following the compression_methods at the end of the ClientHello." */
    if (wt_reader_left(r))
        wt_extensions_read(r, c, WT_IN_CH, 0, &out->extensions);
    out->complete = !r->decode->lost;
}

void wt_client_hello_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_client_hello *in)
{
    (void)c;
    wt_write_u16(w, in->legacy_version);
    wt_write_bytes(w, in->random);
    wt_write_opaque(w, in->session_id, 1, 0, 32, "session_id");
    if (wt_version_is_dtls(in->legacy_version))
        wt_write_opaque(w, in->cookie, 1, 0, 255, "cookie");
    wt_write_opaque(w, in->cipher_suites, 2, 2, 65534, "cipher_suites");
    wt_write_opaque(w, in->compression_methods, 1, 1, 255, "compression_methods");
    wt_extensions_write(w, &in->extensions, 0);
}
