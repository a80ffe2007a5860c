/* HelloRetryRequest as a message of its own: draft-ietf-tls-tls13-16 to -21, 4.1.4. The RFC's own stands in
 * server_hello.c. */
#include "codec/shape.h"

void wt_hello_retry_request_read(struct wt_reader *r, const struct wt_codec_context *c,
                                 struct wt_hello_retry_request *out)
{
    *out = (struct wt_hello_retry_request){0};
    out->server_version = wt_read_code16(r, "server_version", WT_REG_VERSION);
    /* Draft 19 hashes the first ClientHello with the suite's hash (message_hash), so it names the suite here. */
    out->has_cipher_suite = wt_draft_of(out->server_version) >= 19;
    if (out->has_cipher_suite)
        out->cipher_suite = wt_read_code16(r, "cipher_suite", WT_REG_CIPHER_SUITE);
    wt_extensions_read(r, c, WT_IN_HRR, 2, &out->extensions);
}

void wt_hello_retry_request_write(struct wt_writer *w, const struct wt_codec_context *c,
                                  const struct wt_hello_retry_request *in)
{
    (void)c;
    wt_write_u16(w, in->server_version);
    if (in->has_cipher_suite)
        wt_write_u16(w, in->cipher_suite);
    wt_extensions_write(w, &in->extensions, 2);
}
