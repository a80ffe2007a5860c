/* status_request_v2: RFC 6961, 2.2. */
#include "codec/ext/ext.h"

enum { OCSP = 1, OCSP_MULTI = 2 };

/* RFC 6961, 2.2 gives every item its request_length, whatever the type, so that types that
 * we do not know are passed over. */
static void read_item(struct wt_reader *r)
{
    size_t mark = wt_read_enter(r, "certificate_status_req_item");
    uint8_t type = wt_read_code8(r, "status_type", WT_REG_CERTIFICATE_STATUS_TYPE);
    if (type == OCSP || type == OCSP_MULTI) {
        struct wt_reader request = wt_read_vector(r, "request", 2, 4, 0xffff, WT_TRAIL_STRUCT);
        (void)wt_ext_read_opaques(&request, "responder_id_list", 2, 0, 0xffff, "responder_id", 2, 1, 0xffff,
                                  WT_TRAIL_BYTES);
        (void)wt_read_opaque(&request, "request_extensions", 2, 0, 0xffff, WT_TRAIL_BYTES);
        (void)wt_reader_close(&request, "request");
    } else {
        (void)wt_read_opaque(r, "request", 2, 0, 0xffff, WT_TRAIL_BYTES);
    }
    wt_read_leave(r, mark);
}

/* In a ServerHello the extension is empty: the answer is a CertificateStatus message. */
void wt_ext_status_request_v2_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                   union wt_ext_body *out)
{
    (void)c;
    if (!(where & WT_IN_CH))
        return;
    struct wt_reader list = wt_read_vector(r, "certificate_status_req_list", 2, 1, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        read_item(&list);
    if (wt_reader_ok(r))
        out->status_request_v2.certificate_status_req_list = all;
}

void wt_ext_status_request_v2_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                    const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, in->status_request_v2.certificate_status_req_list, 2, 1, 0xffff,
                        "certificate_status_req_list");
}

bool wt_ext_status_request_v2_next(struct wt_span *rest, uint8_t *status_type, struct wt_span *request)
{
    if (rest->n < 3)
        return false;
    *status_type = rest->p[0];
    *rest = wt_span_cut(*rest, 1, SIZE_MAX);
    return wt_ext_opaque_next(rest, 2, request);
}
