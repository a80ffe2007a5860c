/* CertificateStatus: RFC 6066, 8; RFC 6961, 2.2. In TLS 1.3 it is the body of a certificate's status_request. */
#include "codec/codec.h"

#define STATUS_TYPE_OCSP 1
#define STATUS_TYPE_OCSP_MULTI 2

void wt_certificate_status_read(struct wt_reader *r, const struct wt_codec_context *c,
                                struct wt_certificate_status *out)
{
    (void)c;
    *out = (struct wt_certificate_status){0};
    out->status_type = wt_read_code8(r, "status_type", WT_REG_CERTIFICATE_STATUS_TYPE);
    if (out->status_type == STATUS_TYPE_OCSP) {
        out->response = wt_read_opaque(r, "response", 3, 1, 0xffffff, WT_TRAIL_BYTES);
        return;
    }
    if (out->status_type != STATUS_TYPE_OCSP_MULTI) {
        out->response = wt_read_rest(r, "response");
        return;
    }
    struct wt_reader list = wt_read_vector(r, "ocsp_response_list", 3, 1, 0xffffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    /* RFC 6961, 2.2: "opaque OCSPResponse<0..2^24-1>"; an empty one says that there is no answer for that certificate.
     */
    while (wt_reader_left(&list))
        (void)wt_read_opaque(&list, "ocsp_response", 3, 0, 0xffffff, WT_TRAIL_BYTES);
    if (wt_reader_ok(r))
        out->responses = all;
}

void wt_certificate_status_write(struct wt_writer *w, const struct wt_codec_context *c,
                                 const struct wt_certificate_status *in)
{
    (void)c;
    wt_write_u8(w, in->status_type);
    if (in->status_type == STATUS_TYPE_OCSP)
        wt_write_opaque(w, in->response, 3, 1, 0xffffff, "response");
    else if (in->status_type == STATUS_TYPE_OCSP_MULTI)
        wt_write_opaque(w, in->responses, 3, 1, 0xffffff, "ocsp_response_list");
    else
        wt_write_bytes(w, in->response);
}
