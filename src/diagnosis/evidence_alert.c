/* Evidence: the alert that ended the handshake, and how far that had come. */
#include "diagnosis/case.h"
#include "observer/quic/close.h"

static const struct {
    uint8_t alert, first, second; /* enum wt_evidence; 0: none */
} alerts[] = {
    {WT_ALERT_PROTOCOL_VERSION, WT_EVIDENCE_ALERT_PROTOCOL_VERSION, 0},
    {WT_ALERT_HANDSHAKE_FAILURE, WT_EVIDENCE_ALERT_NOTHING_COMMON, 0},
    {WT_ALERT_INSUFFICIENT_SECURITY, WT_EVIDENCE_ALERT_NOTHING_COMMON, 0},
    {WT_ALERT_EXPORT_RESTRICTION, WT_EVIDENCE_ALERT_NOTHING_COMMON, 0},
    {WT_ALERT_BAD_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_BAD_CERTIFICATE},
    {WT_ALERT_UNSUPPORTED_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_UNSUPPORTED_CERTIFICATE},
    {WT_ALERT_CERTIFICATE_REVOKED, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE_REVOKED},
    {WT_ALERT_CERTIFICATE_EXPIRED, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE_EXPIRED},
    {WT_ALERT_CERTIFICATE_UNKNOWN, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE_UNKNOWN},
    {WT_ALERT_UNKNOWN_CA, WT_EVIDENCE_ALERT_CERTIFICATE, WT_EVIDENCE_ALERT_UNKNOWN_CA},
    {WT_ALERT_CERTIFICATE_REQUIRED, WT_EVIDENCE_ALERT_CERTIFICATE, 0},
    {WT_ALERT_NO_CERTIFICATE, WT_EVIDENCE_ALERT_CERTIFICATE, 0},
    {WT_ALERT_ACCESS_DENIED, WT_EVIDENCE_ALERT_CERTIFICATE, 0},
    {WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_EVIDENCE_ALERT_BAD_STATUS, 0},
    {WT_ALERT_DECRYPT_ERROR, WT_EVIDENCE_ALERT_DECRYPT_ERROR, 0},
    {WT_ALERT_BAD_RECORD_MAC, WT_EVIDENCE_ALERT_BAD_RECORD, 0},
    {WT_ALERT_DECRYPTION_FAILED, WT_EVIDENCE_ALERT_BAD_RECORD, 0},
    {WT_ALERT_UNKNOWN_PSK_IDENTITY, WT_EVIDENCE_ALERT_UNKNOWN_PSK, 0},
    {WT_ALERT_UNRECOGNIZED_NAME, WT_EVIDENCE_ALERT_UNRECOGNIZED_NAME, 0},
    {WT_ALERT_NO_APPLICATION_PROTOCOL, WT_EVIDENCE_ALERT_NO_ALPN, 0},
    {WT_ALERT_INAPPROPRIATE_FALLBACK, WT_EVIDENCE_ALERT_FALLBACK, 0},
    {WT_ALERT_ILLEGAL_PARAMETER, WT_EVIDENCE_ALERT_MESSAGE, WT_EVIDENCE_ALERT_ILLEGAL_PARAMETER},
    {WT_ALERT_UNEXPECTED_MESSAGE, WT_EVIDENCE_ALERT_MESSAGE, WT_EVIDENCE_ALERT_UNEXPECTED},
    {WT_ALERT_RECORD_OVERFLOW, WT_EVIDENCE_ALERT_MESSAGE, 0},
    {WT_ALERT_DECOMPRESSION_FAILURE, WT_EVIDENCE_ALERT_MESSAGE, 0},
    {WT_ALERT_DECODE_ERROR, WT_EVIDENCE_ALERT_MESSAGE, 0},
    {WT_ALERT_MISSING_EXTENSION, WT_EVIDENCE_ALERT_MESSAGE, WT_EVIDENCE_ALERT_MISSING_EXTENSION},
    {WT_ALERT_UNSUPPORTED_EXTENSION, WT_EVIDENCE_ALERT_MESSAGE, WT_EVIDENCE_ALERT_UNSUPPORTED_EXTENSION},
    {WT_ALERT_BAD_CERTIFICATE_HASH_VALUE, WT_EVIDENCE_ALERT_MESSAGE, 0},
    {WT_ALERT_INTERNAL_ERROR, WT_EVIDENCE_ALERT_OWN_ERROR, WT_EVIDENCE_ALERT_INTERNAL_ERROR},
    {WT_ALERT_USER_CANCELED, WT_EVIDENCE_ALERT_OWN_ERROR, WT_EVIDENCE_ALERT_CANCELED},
    {WT_ALERT_GENERAL_ERROR, WT_EVIDENCE_ALERT_OWN_ERROR, 0},
    {WT_ALERT_CERTIFICATE_UNOBTAINABLE, WT_EVIDENCE_ALERT_OWN_ERROR, 0},
};

/* A first ClientHello that breaks no rule is never unexpected, and its offers are no illegal values: a server that
 * sends these alerts means that it found nothing to choose. */
static void refusal_of_hello(struct wt_case *k)
{
    if (k->from != WT_SERVER || k->tls->flow.facts & WT_FACT_SERVER_HELLO)
        return;
    /* a binder that does not verify is the reason, whatever the alert */
    if (wt_evidence_has(k, WT_EVIDENCE_ALERT_NOTHING_COMMON) &&
        k->tls->proofs[WT_PROOF_PSK_BINDER].result != WT_PROOF_BAD)
        wt_evidence_add(k, WT_EVIDENCE_HELLO_REFUSED, k->alert->frame, 0);
    if ((k->alert->description == WT_ALERT_UNEXPECTED_MESSAGE || k->alert->description == WT_ALERT_ILLEGAL_PARAMETER) &&
        !k->tls->agreed.retried && k->has_hello) {
        wt_evidence_add(k, WT_EVIDENCE_HELLO_REFUSED, k->alert->frame, 0);
        wt_evidence_add(k, WT_EVIDENCE_HELLO_SUSPECT, k->alert->frame, 0);
    }
}

static void progress(struct wt_case *k)
{
    static const struct {
        uint64_t fact;
        uint8_t evidence;
    } rows[] = {
        {WT_FACT_CLIENT_HELLO, WT_EVIDENCE_CLIENT_HELLO},
        {WT_FACT_SERVER_HELLO, WT_EVIDENCE_SERVER_HELLO},
        {WT_FACT_CLIENT_KEYS, WT_EVIDENCE_CLIENT_KEYS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (k->tls->flow.facts & rows[i].fact)
            wt_evidence_add(k, (enum wt_evidence)rows[i].evidence, 0, 0);
    if (wt_tls_is_13(k->tls))
        wt_evidence_add(k, WT_EVIDENCE_TLS13, 0, 0);
}

/* RFC 9001, 8.1: a server without a protocol in common must close with no_application_protocol; where one says
 * handshake_failure, its reason phrase may be clearer. */
static uint8_t description(const struct wt_case *k)
{
    const bool alpn = k->tls->quic && k->alert->description == WT_ALERT_HANDSHAKE_FAILURE &&
                      wt_quic_close_mentions(k->tls->quic, "ALPN");
    return alpn ? WT_ALERT_NO_APPLICATION_PROTOCOL : k->alert->description;
}

void wt_evidence_alert(struct wt_case *k)
{
    progress(k);
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next)
        if (a->alert.readable && a->alert.level == 1 && a->alert.from == WT_SERVER &&
            a->alert.description == WT_ALERT_UNRECOGNIZED_NAME)
            wt_evidence_add(k, WT_EVIDENCE_NAME_WARNED, a->alert.frame, 0);
    if (!k->alert)
        return;
    wt_evidence_add(k, WT_EVIDENCE_ALERT, k->alert->frame, k->alert->description);
    wt_evidence_add(k, k->from == WT_CLIENT ? WT_EVIDENCE_FROM_CLIENT : WT_EVIDENCE_FROM_SERVER, k->alert->frame, 0);
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++)
        if (alerts[i].alert == description(k)) {
            wt_evidence_add(k, (enum wt_evidence)alerts[i].first, k->alert->frame, 0);
            if (alerts[i].second)
                wt_evidence_add(k, (enum wt_evidence)alerts[i].second, k->alert->frame, 0);
        }
    refusal_of_hello(k);
}
