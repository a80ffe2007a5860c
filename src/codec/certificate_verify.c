/* CertificateVerify: RFC 8446, 4.4.3; RFC 5246, 7.4.8; RFC 4346, 7.4.8; RFC 6101, 5.6.8. */
#include "codec/shape.h"

void wt_certificate_verify_read(struct wt_reader *r, const struct wt_codec_context *c,
                                struct wt_certificate_verify *out)
{
    struct wt_signed s = wt_signed_read(r, c->version, "algorithm");
    *out = (struct wt_certificate_verify){s.has_scheme, s.scheme, s.signature};
}

void wt_certificate_verify_write(struct wt_writer *w, const struct wt_codec_context *c,
                                 const struct wt_certificate_verify *in)
{
    (void)c;
    wt_signed_write(w, in->has_scheme, in->signature_scheme, in->signature);
}
