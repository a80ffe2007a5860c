/* status_request: RFC 6066, 8; in TLS 1.3: RFC 8446, 4.4.2.1. */
#include "codec/ext/ext.h"

/* RFC 6066, 8: "enum { ocsp(1), (255) } CertificateStatusType". What follows another type has no length of its own. */
static bool is_ocsp(struct wt_reader *r, uint8_t type)
{
    if (type == 1 || !wt_reader_ok(r))
        return true;
    wt_reader_fail(r, WT_UNSUPPORTED, "status_type", type, 1, NULL);
    return false;
}

void wt_ext_status_request_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                union wt_ext_body *out)
{
    struct wt_ext_status_request *o = &out->status_request;
    (void)c;
    /* In a ServerHello "The "extension_data" field of this extension SHALL be empty" (RFC 6066, 8), and a server asks
     * by "an empty "status_request" extension in its CertificateRequest message" (RFC 8446, 4.4.2.1). */
    if (!(where & (WT_IN_CH | WT_IN_CT)))
        return;
    o->status_type = wt_read_code8(r, "status_type", WT_REG_CERTIFICATE_STATUS_TYPE);
    if (!is_ocsp(r, o->status_type))
        return;
    if (where & WT_IN_CT) {
        o->response = wt_read_opaque(r, "response", 3, 1, 0xffffff, WT_TRAIL_BYTES);
        return;
    }
    o->responder_id_list =
        wt_ext_read_opaques(r, "responder_id_list", 2, 0, 0xffff, "responder_id", 2, 1, 0xffff, WT_TRAIL_BYTES);
    o->request_extensions = wt_read_opaque(r, "request_extensions", 2, 0, 0xffff, WT_TRAIL_BYTES);
}

void wt_ext_status_request_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                 const union wt_ext_body *in)
{
    const struct wt_ext_status_request *i = &in->status_request;
    (void)c;
    if (!(where & (WT_IN_CH | WT_IN_CT)))
        return;
    wt_write_u8(w, i->status_type);
    if (where & WT_IN_CT) {
        wt_write_opaque(w, i->response, 3, 1, 0xffffff, "response");
        return;
    }
    wt_write_opaque(w, i->responder_id_list, 2, 0, 0xffff, "responder_id_list");
    wt_write_opaque(w, i->request_extensions, 2, 0, 0xffff, "request_extensions");
}
