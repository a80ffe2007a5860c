/* What a server sends with its certificate: an OCSP response that it staples (RFC 6066, 8; RFC 8446, 4.4.2.1), signed
 * certificate timestamps (RFC 6962, 3.3). */
#include "endpoint/status.h"

#include "certificate/ocsp.h"
#include "certificate/sct.h"
#include "codec/ext/ext.h"
#include "endpoint/failure.h"

#include <openssl/x509.h>

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
 * containing the associated certificate." So are its timestamps. */
static bool in_entry(const struct wt_endpoint *e, uint16_t id, union wt_ext_body *body)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    const struct wt_certificate *certificate = certificate_of(e);
    struct wt_certificate_entry entry;
    if (!certificate)
        return false;
    struct wt_span rest = certificate->list;
    if (!wt_certificate_next(certificate, &rest, &entry))
        return false;
    const struct wt_extensions extensions = {.block = entry.extensions, .present = true};
    return wt_extensions_get(&extensions, id, &context, WT_IN_CT, body);
}

static struct wt_span staple_of(const struct wt_endpoint *e)
{
    union wt_ext_body body;
    if (!e->h.agreed.chosen.tls13)
        return in_message(e);
    return in_entry(e, WT_EXT_STATUS_REQUEST, &body) ? body.status_request.response : (struct wt_span){0};
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

const char *wt_status_judge(struct wt_endpoint *e, struct wt_judgement *judgement, uint8_t *alert)
{
    const struct wt_span response = staple_of(e);
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

/* --- timestamps --------------------------------------------------------------------------------------------------- */

/* RFC 6962, 3.3.1: up to TLS 1.2 in the ServerHello. */
static bool in_hello(const struct wt_endpoint *e, union wt_ext_body *body)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    const struct wt_handshake_message *m = wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO);
    return m && wt_extensions_get(&m->body.server_hello.extensions, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &context,
                                  WT_IN_SH12, body);
}

/* With its length before it, as it came. */
static bool keep_timestamps(struct wt_endpoint *e)
{
    union wt_ext_body body;
    const bool tls13 = e->h.agreed.chosen.tls13;
    if (!(tls13 ? in_entry(e, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &body) : in_hello(e, &body)))
        return true;
    const struct wt_span list = body.signed_certificate_timestamp.sct_list;
    const uint8_t length[2] = {(uint8_t)(list.n >> 8), (uint8_t)list.n};
    return wt_buffer_add(&e->timestamps, length, sizeof length) && wt_buffer_add(&e->timestamps, list.p, list.n);
}

/* Those of the extension cover the certificate as it is. */
static struct wt_sct_result judge_timestamps(const struct wt_endpoint *e)
{
    struct wt_sct_result r = {0};
    struct wt_judge *judge = e->party->judge;
    X509 *leaf = judge->trust->log_count ? wt_judge_x509(judge, e->certificates[0]) : NULL;
    wt_sct_judge(judge, wt_buffer_span(&e->timestamps), leaf, NULL, false, &r);
    X509_free(leaf);
    return r;
}

bool wt_status_timestamps(struct wt_endpoint *e, struct wt_judgement *judgement)
{
    const struct wt_span response = wt_buffer_span(&e->staple);
    const struct wt_judged_staple *staple =
        response.n ? wt_ocsp_judge(e->party->judge, judgement, response) : NULL; /* judged before */
    if (!keep_timestamps(e))
        return wt_endpoint_broken(e);
    const struct wt_sct_result here = e->timestamps.n ? judge_timestamps(e) : (struct wt_sct_result){0};
    const struct wt_judged_staple none = {0}, *s = staple ? staple : &none;
    e->scts = (struct wt_scts){
        .certificate = judgement->sct_count,
        .extension = here.count,
        .ocsp = s->scts,
        .verified = (uint16_t)(judgement->sct_verified + here.verified + s->sct_verified),
        .bad = (uint16_t)(judgement->sct_bad + here.bad + s->sct_bad),
        .unknown_log = (uint16_t)(judgement->sct_unknown + here.unknown + s->sct_unknown),
        .judged = e->party->judge->trust->log_count > 0,
    };
    return true;
}
