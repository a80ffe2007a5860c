/* OCSP responses that a server staples to its certificate (RFC 6066, 8; RFC 8446, 4.4.2.1). */
#include "endpoint/status.h"

#include "certificate/ocsp.h"
#include "codec/ext/ext.h"
#include "endpoint/failure.h"

/* --- what came ---------------------------------------------------------------------------------------------------- */

static struct wt_span in_message(const struct wt_endpoint *e)
{
    const struct wt_handshake_message *m =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_STATUS);
    return m && m->body.certificate_status.status_type == 1 ? m->body.certificate_status.response : (struct wt_span){0};
}

static const struct wt_certificate *certificate_of(const struct wt_endpoint *e)
{
    const struct wt_handshake_message *m =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_COMPRESSED_CERTIFICATE);
    if (m)
        return m->inner ? &m->inner->body.certificate : NULL;
    m = wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE);
    return m ? &m->body.certificate : NULL;
}

/* RFC 8446, 4.4.2.1: "In TLS 1.3, the server's OCSP information is carried in an extension in the CertificateEntry
 * containing the associated certificate." */
static struct wt_span in_entry(const struct wt_endpoint *e)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    const struct wt_certificate *certificate = certificate_of(e);
    struct wt_certificate_entry entry;
    union wt_ext_body body;
    if (!certificate)
        return (struct wt_span){0};
    struct wt_span rest = certificate->list;
    if (!wt_certificate_next(certificate, &rest, &entry))
        return (struct wt_span){0};
    const struct wt_extensions extensions = {.block = entry.extensions, .present = true};
    return wt_extensions_get(&extensions, WT_EXT_STATUS_REQUEST, &context, WT_IN_CT, &body)
               ? body.status_request.response
               : (struct wt_span){0};
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

const char *wt_status_judge(struct wt_endpoint *e, struct wt_judgement *judgement, uint8_t *alert)
{
    const struct wt_span response = e->h.agreed.chosen.tls13 ? in_entry(e) : in_message(e);
    *alert = WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE;
    if (!wt_buffer_add(&e->staple, response.p, response.n)) {
        *alert = WT_ALERT_INTERNAL_ERROR;
        return "peer-internal-error";
    }
    if (!response.n)
        /* RFC 7633, 4.2: the certificate itself asks for status_request */
        return judgement->must_staple || e->party->o.staple_required ? "ocsp-staple-missing" : NULL;
    const struct wt_judged_staple *staple = wt_ocsp_judge(e->party->judge, judgement, response);
    if (!staple)
        return "ocsp-staple-bad";
    /* RFC 6066, 8: "Clients requesting an OCSP response and receiving an OCSP response in a "CertificateStatus" message
     * MUST check the OCSP response and abort the handshake if the response is not satisfactory with
     * bad_certificate_status_response(113) alert." */
    if (wt_ocsp_fault_at(staple, wt_endpoint_judged_at(e)) != WT_OCSP_FINE)
        return "ocsp-staple-bad";
    e->status = staple->status;
    if (staple->status == WT_OCSP_GOOD)
        return NULL;
    if (staple->status != WT_OCSP_REVOKED)
        return "ocsp-staple-bad";
    *alert = WT_ALERT_CERTIFICATE_REVOKED;
    return "certificate-revoked";
}
