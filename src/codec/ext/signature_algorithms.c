/* signature_algorithms and signature_algorithms_cert: RFC 8446, 4.2.3; RFC 5246, 7.4.1.4.1.
 *
 * Up to draft-ietf-tls-tls13-17 a server said with "an empty "signature_algorithms" extension" in its ServerHello that
 * it has a certificate (4.2.3 there). */
#include "codec/ext/ext.h"

void wt_ext_signature_algorithms_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                      union wt_ext_body *out)
{
    (void)c;
    if (where & WT_EXT_ANSWER && !wt_reader_left(r))
        return;
    out->signature_algorithms.supported_signature_algorithms = wt_read_codes(
        r, "supported_signature_algorithms", "signature_scheme", 2, 2, 0xfffe, 2, WT_REG_SIGNATURE_SCHEME);
}

void wt_ext_signature_algorithms_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                       const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_EXT_ANSWER && !in->signature_algorithms.supported_signature_algorithms.n)
        return;
    wt_write_opaque(w, in->signature_algorithms.supported_signature_algorithms, 2, 2, 0xfffe,
                    "supported_signature_algorithms");
}
