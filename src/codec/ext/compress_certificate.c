/* compress_certificate: RFC 8879, 3. */
#include "codec/ext/ext.h"

void wt_ext_compress_certificate_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                      union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->compress_certificate.algorithms =
        wt_read_codes(r, "algorithms", "algorithm", 1, 2, 254, 2, WT_REG_CERTIFICATE_COMPRESSION);
}

void wt_ext_compress_certificate_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                       const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->compress_certificate.algorithms, 1, 2, 254, "algorithms");
}
