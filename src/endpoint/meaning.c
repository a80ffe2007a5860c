/* What a peer's alert says of the cause: by what it is, and by how far the handshake had come. RFC 8446, 6.2 has one
 * alert for several reasons, and libraries choose different ones for the same: what we have sent ourselves shows which
 * of them it is. Findings are those that an observer of the connection names. */
#include "endpoint/meaning.h"

#include "certificate/chain_names.h"
#include "endpoint/exchange12.h"
#include "endpoint/identity.h"
#include "endpoint/verify.h"

enum when {
    ALWAYS,
    PROVED,    /* our certificate has been sent, and something with it can be wrong */
    ASKED,     /* our certificate was asked for, and we have none */
    UNCHOSEN,  /* a pre-shared key was offered, and the server has not answered */
    OLDER,     /* an older version was chosen than ours and theirs, and our hello says so (RFC 8446, 4.1.3) */
    FINISHED,  /* the last of ours to be verified is no signature */
    UNSTAPLED, /* our certificate went without an OCSP response */
    DECLINED,  /* another handshake, by us */
    UNSURE,    /* TLS 1.2: whether the pre-shared key of both is the same (RFC 4279, 2) */
};

/* The first row that fits. `of`: by which side it is sent; 2: either. */
static const struct {
    uint8_t alert, of, when;
    const char *finding;
} rows[] = {
    {WT_ALERT_PROTOCOL_VERSION, 2, ALWAYS, "no-shared-version"},
    {WT_ALERT_NO_APPLICATION_PROTOCOL, 2, ALWAYS, "no-shared-alpn"},
    {WT_ALERT_UNRECOGNIZED_NAME, WT_SERVER, ALWAYS, "unrecognized-server-name"},
    {WT_ALERT_UNKNOWN_PSK_IDENTITY, WT_SERVER, ALWAYS, "psk-unknown-identity"},
    {WT_ALERT_CERTIFICATE_REQUIRED, WT_SERVER, ALWAYS, "client-certificate-missing"},
    {WT_ALERT_HANDSHAKE_FAILURE, WT_SERVER, ASKED, "client-certificate-missing"},
    {WT_ALERT_BAD_CERTIFICATE, WT_SERVER, ASKED, "client-certificate-missing"},
    {WT_ALERT_BAD_CERTIFICATE, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_UNSUPPORTED_CERTIFICATE, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_CERTIFICATE_REVOKED, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_CERTIFICATE_EXPIRED, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_CERTIFICATE_UNKNOWN, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_UNKNOWN_CA, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_ACCESS_DENIED, WT_SERVER, PROVED, "client-certificate-rejected"},
    {WT_ALERT_INAPPROPRIATE_FALLBACK, WT_SERVER, ALWAYS, "downgrade-refused"},
    {WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_CLIENT, UNSTAPLED, "ocsp-staple-missing"},
    {WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_CLIENT, ALWAYS, "ocsp-staple-bad"},
    {WT_ALERT_BAD_RECORD_MAC, 2, UNSURE, "psk-mismatch"},
    {WT_ALERT_DECRYPT_ERROR, 2, UNSURE, "psk-mismatch"},
    {WT_ALERT_ILLEGAL_PARAMETER, 2, UNSURE, "psk-mismatch"},
    {WT_ALERT_HANDSHAKE_FAILURE, 2, UNSURE, "psk-mismatch"},
    {WT_ALERT_BAD_RECORD_MAC, 2, ALWAYS, "record-corrupted"},
    {WT_ALERT_UNEXPECTED_MESSAGE, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_ILLEGAL_PARAMETER, WT_CLIENT, OLDER, "downgrade-detected"},
    {WT_ALERT_ILLEGAL_PARAMETER, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_DECODE_ERROR, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_RECORD_OVERFLOW, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_MISSING_EXTENSION, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_UNSUPPORTED_EXTENSION, 2, ALWAYS, "malformed-message"},
    {WT_ALERT_HANDSHAKE_FAILURE, WT_CLIENT, DECLINED, "renegotiation-refused"},
    {WT_ALERT_DECRYPT_ERROR, WT_CLIENT, FINISHED, "finished-mismatch"},
    {WT_ALERT_DECRYPT_ERROR, WT_CLIENT, ALWAYS, "signature-mismatch"},
    {WT_ALERT_DECRYPT_ERROR, WT_SERVER, UNCHOSEN, "psk-mismatch"},
    {WT_ALERT_DECRYPT_ERROR, WT_SERVER, PROVED, "signature-mismatch"},
    {WT_ALERT_DECRYPT_ERROR, WT_SERVER, ALWAYS, "finished-mismatch"},
    {WT_ALERT_INTERNAL_ERROR, 2, ALWAYS, "peer-internal-error"},
    {WT_ALERT_USER_CANCELED, 2, ALWAYS, "peer-internal-error"},
};

static bool fits(const struct wt_endpoint *e, enum when when)
{
    const struct wt_chosen *chosen = &e->h.agreed.chosen;
    switch (when) {
    case ALWAYS:
        return true;
    case PROVED:
        return e->presented;
    case ASKED:
        return e->side == WT_CLIENT && e->requested && !e->presented;
    case UNCHOSEN:
        return e->x && e->x->offered_psks && !chosen->seen;
    case OLDER:
        return chosen->seen && !chosen->tls13 && e->h.agreed.offered.highest_version > WT_TLS12 &&
               wt_party_has_version(e->party, WT_TLS13);
    case FINISHED:
        return e->resumed || chosen->tls13;
    case UNSTAPLED:
        return e->x && e->x->identity && !e->x->identity->staple.n;
    case DECLINED:
        return e->declined;
    case UNSURE:
        return wt_exchange12_is_unsure(e);
    }
    return false;
}

/* --- a ClientHello that is refused -------------------------------------------------------------------------------- */

static size_t suites_of(const struct wt_endpoint *e, bool tls13)
{
    const struct wt_span all = wt_buffer_span(&e->party->suites);
    size_t n = 0;
    for (size_t i = 0; i < wt_codes_count(all); i++)
        n += (wt_suite_find(wt_codes_at(all, i))->kx == WT_KX_TLS13) == tls13;
    return n;
}

/* RFC 8446, 4.1.1: "If the server is unable to negotiate a supported set of parameters … it MUST abort the handshake
 * with either a "handshake_failure" or "insufficient_security" fatal alert". Of what is offered, that is suspect of
 * which there is no choice. */
static const char *suspect(const struct wt_endpoint *e)
{
    const bool tls12 = wt_party_has_version(e->party, WT_TLS12);
    if (wt_codes_count(wt_buffer_span(&e->party->groups)) == 1)
        return "no-shared-group";
    if (suites_of(e, !tls12) == 1)
        return "no-shared-cipher-suite";
    if (wt_codes_count(wt_buffer_span(&e->party->schemes)) == 1)
        return "no-shared-signature-scheme";
    return "rejected-by-server";
}

/* --- our certificate ---------------------------------------------------------------------------------------------- */

/* What an alert about a certificate can mean, the likeliest last: it stands when the chain shows none of them. */
static const struct {
    uint8_t alert, fault; /* enum wt_chain_fault; WT_CHAIN_FAULTS: none */
    const char *finding;
} meant[] = {
    {WT_ALERT_CERTIFICATE_EXPIRED, WT_CHAIN_NOT_YET, "certificate-not-yet-valid"},
    {WT_ALERT_CERTIFICATE_EXPIRED, WT_CHAIN_FAULTS, "certificate-expired"},
    {WT_ALERT_CERTIFICATE_REVOKED, WT_CHAIN_FAULTS, "certificate-revoked"},
    {WT_ALERT_UNSUPPORTED_CERTIFICATE, WT_CHAIN_FAULTS, "certificate-wrong-purpose"},
    {WT_ALERT_UNKNOWN_CA, WT_CHAIN_SELF_SIGNED, "certificate-self-signed"},
    {WT_ALERT_UNKNOWN_CA, WT_CHAIN_INCOMPLETE, "certificate-chain-incomplete"},
    {WT_ALERT_UNKNOWN_CA, WT_CHAIN_FAULTS, "certificate-unknown-issuer"},
    {WT_ALERT_BAD_CERTIFICATE, WT_CHAIN_SIGNATURE, "certificate-bad-signature"},
    {WT_ALERT_BAD_CERTIFICATE, WT_CHAIN_EXPIRED, "certificate-expired"},
    {WT_ALERT_BAD_CERTIFICATE, WT_CHAIN_PURPOSE, "certificate-wrong-purpose"},
    {WT_ALERT_BAD_CERTIFICATE, WT_CHAIN_WEAK, "certificate-weak"},
    {WT_ALERT_CERTIFICATE_UNKNOWN, WT_CHAIN_EXPIRED, "certificate-expired"},
    {WT_ALERT_CERTIFICATE_UNKNOWN, WT_CHAIN_SELF_SIGNED, "certificate-self-signed"},
};

/* The verdict on our own chain, as the client may have come to it. NULL without memory. */
static const struct wt_judgement *judge_own(struct wt_endpoint *e)
{
    const struct wt_certificate_facts *facts[WT_LIMIT_PEER_CERTIFICATES];
    const struct wt_certificate message = {.list = wt_buffer_span(&e->x->identity->chain)};
    struct wt_span rest = message.list;
    struct wt_certificate_entry entry;
    size_t n = 0;
    while (n < WT_LIMIT_PEER_CERTIFICATES && wt_certificate_next(&message, &rest, &entry)) {
        const struct wt_certificate_facts *f = wt_certificates_intern(e->party->certificates, entry.data);
        if (!f)
            break;
        facts[n++] = wt_certificates_keep(f);
    }
    const struct wt_judgement *v =
        n ? wt_chain_judge(e->party->judge, WT_SERVER, facts, n, wt_endpoint_judged_at(e)) : NULL;
    while (n)
        wt_certificates_release(facts[--n]);
    return v;
}

static const char *of_certificate(struct wt_endpoint *e, uint8_t alert)
{
    const struct wt_judgement *v = judge_own(e);
    const char *finding = NULL;
    for (size_t i = 0; i < sizeof meant / sizeof *meant && !finding; i++)
        if (meant[i].alert == alert && (meant[i].fault == WT_CHAIN_FAULTS || (v && v->faults & 1u << meant[i].fault)))
            finding = meant[i].finding;
    /* RFC 9525, 6: the client holds the name that it has asked for against the certificate */
    if (!finding && v && (alert == WT_ALERT_BAD_CERTIFICATE || alert == WT_ALERT_CERTIFICATE_UNKNOWN) && e->host &&
        !wt_chain_names_match(e->party->judge, v, e->host))
        finding = "certificate-host-mismatch";
    if (v)
        wt_judgement_release(v);
    return finding;
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

const char *wt_meaning_of(struct wt_endpoint *e, uint8_t alert)
{
    const char *finding = NULL;
    if (e->side == WT_CLIENT && !e->h.agreed.chosen.seen && !e->h.agreed.retry.seen &&
        (alert == WT_ALERT_HANDSHAKE_FAILURE || alert == WT_ALERT_INSUFFICIENT_SECURITY))
        return suspect(e);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].alert == alert && (rows[i].of == 2 || rows[i].of == e->peer) && fits(e, (enum when)rows[i].when))
            return rows[i].finding;
    if (e->side == WT_SERVER && e->x && e->x->identity)
        finding = of_certificate(e, alert);
    if (finding)
        return finding;
    return e->peer == WT_CLIENT ? "rejected-by-client" : "rejected-by-server";
}
