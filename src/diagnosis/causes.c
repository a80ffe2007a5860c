/* The root cause of a failed connection: what was offered and chosen, which side sent which alert, how TCP ended,
 * what proofs and certificates showed. A sentence says "probably", and what would settle it, unless the cause is
 * certain. */
#include "diagnosis/causes.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "diagnosis/hypotheses.h"

/* --- by alert ----------------------------------------------------------------------------------------------------- */

/* A client that answers internal_error to a certificate that no client should accept means that certificate: GnuTLS
 * does so if the key usage forbids the key exchange. */
static bool error_upon_certificate(struct wt_case *k)
{
    static const uint8_t rows[] = {WT_FINDING_CERTIFICATE_WRONG_PURPOSE, WT_FINDING_CERTIFICATE_BAD_SIGNATURE,
                                   WT_FINDING_CERTIFICATE_EXPIRED, WT_FINDING_CERTIFICATE_NOT_YET_VALID};
    if (k->from != WT_CLIENT || k->alert->description != WT_ALERT_INTERNAL_ERROR ||
        k->tls->flow.facts & WT_FACT_CLIENT_KEYS)
        return false;
    for (size_t i = 0; i < sizeof rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i]);
        if (f)
            return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
    }
    return false;
}

/* An alert that gives no reason known here, or one that does not fit where it was sent. */
static bool rejected(struct wt_case *k)
{
    char at[WT_CASE_AT];
    unsigned other = !k->from;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, k->from == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER, k->alert->frame,
        _("%s ended the handshake with alert %s%s after %s from %s; the capture does not show what it objected to."),
        wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_last(k, other),
        wt_case_side(other));
    return wt_case_conclude(k, f, WT_FAULT_NONE, wt_case_noticed(k->from), false);
}

/* Up to TLS 1.2 a client rejects the server's certificate, key exchange or parameters; a server rejects a
 * ClientHello, or what the client sent last. */
static bool handshake_failure(struct wt_case *k)
{
    bool answered = k->tls->flow.facts & WT_FACT_SERVER_HELLO;
    if (k->from == WT_CLIENT)
        return wt_cause_weak_dh(k) || wt_cause_crypto(k) || wt_cause_refused_server_hello(k);
    if (!answered)
        return k->tls->proofs[WT_PROOF_PSK_BINDER].result == WT_PROOF_BAD ? wt_cause_crypto(k)
                                                                          : wt_hypotheses_conclude(k);
    return wt_cause_client_certificate(k) || wt_cause_crypto(k);
}

static bool certificate(struct wt_case *k)
{
    return k->from == WT_CLIENT ? wt_cause_server_certificate(k) : wt_cause_client_certificate(k);
}

static bool by_alert(struct wt_case *k)
{
    switch (k->alert->description) {
    case WT_ALERT_PROTOCOL_VERSION:
    case WT_ALERT_UNKNOWN_PSK_IDENTITY:
    case WT_ALERT_UNRECOGNIZED_NAME:
    case WT_ALERT_NO_APPLICATION_PROTOCOL:
    case WT_ALERT_INAPPROPRIATE_FALLBACK:
        return wt_hypotheses_conclude(k);
    case WT_ALERT_HANDSHAKE_FAILURE:
    case WT_ALERT_INSUFFICIENT_SECURITY:
    case WT_ALERT_EXPORT_RESTRICTION:
        return handshake_failure(k);
    case WT_ALERT_BAD_CERTIFICATE:
    case WT_ALERT_UNSUPPORTED_CERTIFICATE:
    case WT_ALERT_CERTIFICATE_REVOKED:
    case WT_ALERT_CERTIFICATE_EXPIRED:
    case WT_ALERT_CERTIFICATE_UNKNOWN:
    case WT_ALERT_UNKNOWN_CA:
    case WT_ALERT_CERTIFICATE_REQUIRED:
    case WT_ALERT_NO_CERTIFICATE:
    case WT_ALERT_ACCESS_DENIED:
        return certificate(k);
    case WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return wt_cause_staple(k);
    case WT_ALERT_DECRYPT_ERROR:
    case WT_ALERT_BAD_RECORD_MAC:
    case WT_ALERT_DECRYPTION_FAILED:
        return wt_cause_crypto(k);
    case WT_ALERT_ILLEGAL_PARAMETER:
        return wt_cause_downgrade(k) || wt_cause_weak_dh(k) || wt_cause_malformed(k);
    case WT_ALERT_UNEXPECTED_MESSAGE:
    case WT_ALERT_RECORD_OVERFLOW:
    case WT_ALERT_DECOMPRESSION_FAILURE:
    case WT_ALERT_DECODE_ERROR:
    case WT_ALERT_MISSING_EXTENSION:
    case WT_ALERT_UNSUPPORTED_EXTENSION:
    case WT_ALERT_BAD_CERTIFICATE_HASH_VALUE:
        return wt_cause_malformed(k);
    case WT_ALERT_INTERNAL_ERROR:
    case WT_ALERT_USER_CANCELED:
    case WT_ALERT_GENERAL_ERROR:
    case WT_ALERT_CERTIFICATE_UNOBTAINABLE:
        return error_upon_certificate(k) || (k->alert->description == WT_ALERT_INTERNAL_ERROR && wt_cause_broken(k)) ||
               wt_hypotheses_conclude(k);
    default:
        return false;
    }
}

/* An earlier finding that explains everything after it: one side does not speak TLS. */
static bool by_finding(struct wt_case *k)
{
    static const struct {
        uint8_t row, fault, noticed;
    } rows[] = {
        {WT_FINDING_STARTTLS_REFUSED, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT},
        {WT_FINDING_PEER_NOT_TLS, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT},
        {WT_FINDING_CLIENT_NOT_TLS, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i].row);
        if (f)
            return wt_case_conclude(k, f, (enum wt_fault)rows[i].fault, (enum wt_noticed)rows[i].noticed, false);
    }
    return false;
}

/* Both sides had sent Finished, and then one rejected what it was shown (a late check, or post-handshake
 * authentication), or could not decrypt a record. */
static bool refused_later(struct wt_case *k)
{
    if (!k->alert)
        return false;
    switch (k->alert->description) {
    case WT_ALERT_BAD_RECORD_MAC:
        /* RFC 8446, 6.2: "always fatal"; in a capture from the other end the record may be intact */
        return wt_cause_crypto(k);
    case WT_ALERT_BAD_CERTIFICATE:
    case WT_ALERT_UNSUPPORTED_CERTIFICATE:
    case WT_ALERT_CERTIFICATE_REVOKED:
    case WT_ALERT_CERTIFICATE_EXPIRED:
    case WT_ALERT_CERTIFICATE_UNKNOWN:
    case WT_ALERT_UNKNOWN_CA:
    case WT_ALERT_CERTIFICATE_REQUIRED:
    case WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return by_alert(k) || rejected(k);
    default:
        return false;
    }
}

void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_case k = {0};
    if (tls->outcome.state == WT_INCOMPLETE || tls->report.cause)
        return;
    wt_case_open(&k, o, c);
    wt_evidence_gather(&k);
    if (tls->outcome.state == WT_ESTABLISHED)
        (void)(wt_cause_renegotiation(&k) || refused_later(&k));
    else if (!by_finding(&k) && !(k.alert && (by_alert(&k) || wt_cause_broken(&k) || rejected(&k))))
        (void)wt_cause_end(&k);
}
