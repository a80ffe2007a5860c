/* A certificate that the other side rejects: the alert, what was concluded about the chain, and the certificates'
 * contents. */
#include "diagnosis/case.h"
#include "diagnosis/causes.h"

#include "base/i18n.h"
#include "certificate/chain_names.h"
#include "wording/wording.h"

#include <stdio.h>
#include <strings.h>

/* What may be wrong, and which alerts point to it. RFC 5246, 7.2.2: bad_certificate "was corrupt, contained
 * signatures that did not verify correctly, etc."; certificate_unknown "some other (unspecified) issue".
 * Implementations send bad_certificate for wrong names and dates in the future, too. Fields: finding, then a bit for
 * each alert that it fits. */
enum {
    EXPIRED = 1,
    REVOKED = 2,
    CA = 4,
    UNSUPPORTED = 8,
    BAD = 16,
    UNKNOWN = 32,
    CRYPTO = 64,
    STAPLE = 128,
    OTHER = 256
};

static const struct {
    uint8_t row; /* enum wt_finding_id */
    uint16_t alerts;
} fits[] = {
    {WT_FINDING_CERTIFICATE_REVOKED, REVOKED | BAD | UNKNOWN | STAPLE},
    {WT_FINDING_CERTIFICATE_EXPIRED, EXPIRED | BAD | UNKNOWN | OTHER},
    {WT_FINDING_CERTIFICATE_NOT_YET_VALID, EXPIRED | BAD | UNKNOWN | OTHER},
    {WT_FINDING_CERTIFICATE_BAD_SIGNATURE, CRYPTO | BAD | UNKNOWN | CA | OTHER},
    {WT_FINDING_CERTIFICATE_HOST_MISMATCH, BAD | UNKNOWN | OTHER},
    {WT_FINDING_CERTIFICATE_WEAK, BAD | UNKNOWN | UNSUPPORTED | OTHER},
    {WT_FINDING_CERTIFICATE_WRONG_PURPOSE, UNSUPPORTED | BAD | UNKNOWN | CA | OTHER},
    {WT_FINDING_CERTIFICATE_SELF_SIGNED, CA | BAD | UNKNOWN},
    {WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, CA | BAD | UNKNOWN},
    {WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER, CA | BAD | UNKNOWN},
};

static unsigned mark_of(uint8_t description)
{
    switch (description) {
    case WT_ALERT_CERTIFICATE_EXPIRED:
        return EXPIRED;
    case WT_ALERT_CERTIFICATE_REVOKED:
        return REVOKED;
    case WT_ALERT_UNKNOWN_CA:
        return CA;
    case WT_ALERT_UNSUPPORTED_CERTIFICATE:
        return UNSUPPORTED;
    case WT_ALERT_BAD_CERTIFICATE:
        return BAD;
    case WT_ALERT_CERTIFICATE_UNKNOWN:
        return UNKNOWN;
    case WT_ALERT_DECRYPT_ERROR:
        return CRYPTO;
    case WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return STAPLE;
    default:
        return OTHER;
    }
}

static const char *name_of(const struct wt_certificate_facts *f)
{
    return f->subject && *f->subject ? f->subject : _("(no subject)");
}

static int64_t seconds_of(const struct wt_case *k)
{
    return k->tls->outcome.start_ns / 1000000000;
}

/* RFC 9525, 6.3: a wildcard is the whole left-most label and matches exactly one label. */
static bool name_matches(const char *pattern, struct wt_span host)
{
    size_t n = strlen(pattern);
    if (n && pattern[n - 1] == '.')
        n--;
    if (host.n && host.p[host.n - 1] == '.')
        host.n--;
    if (n > 2 && pattern[0] == '*' && pattern[1] == '.') {
        size_t dot = 0;
        while (dot < host.n && host.p[dot] != '.')
            dot++;
        host = wt_span_cut(host, dot, host.n);
        pattern++;
        n--;
    }
    return n == host.n && n && strncasecmp(pattern, (const char *)host.p, n) == 0;
}

static bool names_host(const struct wt_certificate_facts *f, struct wt_span host)
{
    bool any = false;
    for (size_t i = 0; i < f->san_count; i++)
        any |= name_matches(f->san[i], host);
    return any || (!f->san_count && f->common_name && name_matches(f->common_name, host));
}

/* --- the server's ------------------------------------------------------------------------------------------------- */

/* RFC 6066, 3: "Literal IPv4 and IPv6 addresses are not permitted in 'HostName'": a client that connects to an
 * address sends no name, and RFC 9525, 6.5 makes it look for that address in the certificate. */
static bool by_address(struct wt_case *k)
{
    const struct wt_judgement *v = k->tls->authentication.server_chain.judgement;
    const unsigned server = wt_tls_direction_of(k->tls, WT_SERVER);
    struct wt_address a = {.port = k->c->port[server]};
    const struct wt_certificate_facts *leaf = k->tls->authentication.certificates[WT_SERVER][0];
    char at[WT_CASE_AT], ip[46];
    memcpy(a.ip, k->c->ip[server], 16);
    if (!v || k->tls->agreed.sni.n || k->o->judge->trust->host || k->tls->starttls || !leaf->parsed ||
        wt_chain_names_match(k->o->judge, v, wt_address_format(&a, ip)))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_CERTIFICATE_HOST_MISMATCH, k->alert->frame,
        _("The client sent no server name, as clients that connect to an IP address do, and the certificate %s is not "
          "valid for the address %s (it is for %s%s). Probably the client rejected it for that, with alert %s%s; if it "
          "asked for another name, pass that name with --host."),
        name_of(leaf), ip,
        leaf->san_count     ? leaf->san[0]
        : leaf->common_name ? leaf->common_name
                            : _("no host name"),
        leaf->san_count > 1 ? ", …" : "", wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

/* What the verification of the chain found: the first row that fits the alert. */
static bool judged(struct wt_case *k, unsigned mark)
{
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)fits[i].row);
        if (!f || !(fits[i].alerts & mark))
            continue;
        /* an untrusted issuer has an alert of its own, unknown_ca; and what the client trusts is not known for
         * certain */
        if (mark & BAD && fits[i].row == WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER && by_address(k))
            return true;
        bool sure = !(mark & (UNKNOWN | OTHER)) && fits[i].row != WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER;
        /* if the capture's clock is behind, the client's probably is, too, and that is why it rejects the
         * certificate */
        bool clock = fits[i].row == WT_FINDING_CERTIFICATE_NOT_YET_VALID && k->tls->authentication.server_chain.behind;
        return wt_case_conclude(k, f, clock ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT,
                                !sure || f->probable);
    }
    return false;
}

static const struct wt_list_finding *by_dates(struct wt_case *k, const struct wt_certificate_facts *f, uint32_t frame)
{
    char at[WT_CASE_AT], limit[WT_DATE_ROOM], now[WT_DATE_ROOM];
    if (f->not_after < seconds_of(k))
        return wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_EXPIRED, frame,
                              _("The certificate %s expired on %s, and the capture was taken on %s. The client "
                                "rejected it with alert %s%s."),
                              name_of(f), wt_judge_date(f->not_after, limit), wt_judge_date(seconds_of(k), now),
                              wt_case_alert(k), wt_case_at(k->alert->frame, at));
    if (f->not_before > seconds_of(k))
        return wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_NOT_YET_VALID, frame,
                              _("The certificate %s becomes valid on %s, but the capture was taken on %s. The client "
                                "rejected it with alert %s%s."),
                              name_of(f), wt_judge_date(f->not_before, limit), wt_judge_date(seconds_of(k), now),
                              wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return NULL;
}

static bool is_weak(const struct wt_certificate_facts *f)
{
    if (f->key_type && ((strcmp(f->key_type, "RSA") == 0 && f->key_bits < 2048) ||
                        (strcmp(f->key_type, "EC") == 0 && f->key_bits < 224)))
        return true;
    return !f->self_issued && f->signature_algorithm &&
           (strstr(f->signature_algorithm, "md5") || strstr(f->signature_algorithm, "sha1") ||
            strstr(f->signature_algorithm, "SHA1") || strstr(f->signature_algorithm, "MD5"));
}

/* The issuer of the last certificate that was sent. */
static const struct wt_list_finding *by_chain(struct wt_case *k, const struct wt_certificate_facts *leaf,
                                              uint32_t frame, bool *probable)
{
    char at[WT_CASE_AT];
    size_t n = k->tls->authentication.count[WT_SERVER];
    const struct wt_certificate_facts *last = k->tls->authentication.certificates[WT_SERVER][n - 1];
    wt_case_at(k->alert->frame, at);
    if (leaf->self_issued)
        return wt_finding_say(
            k->tls, WT_FINDING_CERTIFICATE_SELF_SIGNED, frame,
            _("The certificate %s is self-signed and the client does not trust it: it answered with alert %s%s."),
            name_of(leaf), wt_case_alert(k), at);
    *probable = true;
    /* an issuer that is known here and was not sent is a root: the verification of the chain reports what else is
     * missing */
    const struct wt_judgement *v = k->tls->authentication.server_chain.judgement;
    if (n == 1 && !leaf->is_ca && !(v && v->path_count > 1))
        return wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, frame,
                              _("The server sent only the certificate %s, probably without the intermediate "
                                "certificate of its issuer, %s: the client found no path to a root that it trusts and "
                                "sent alert %s%s. If that issuer is itself a root, the client does not trust it."),
                              name_of(leaf), leaf->issuer ? leaf->issuer : "?", wt_case_alert(k), at);
    return wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER, frame,
                          _("The chain that the server sent leads to %s, which the client probably does not trust: it "
                            "answered with alert %s%s."),
                          last->issuer && *last->issuer ? last->issuer : "?", wt_case_alert(k), at);
}

/* RFC 9525, 2: "the Common Name … is not used" to identify a service; some clients still check it. */
static const struct wt_list_finding *by_common_name(struct wt_case *k, const struct wt_certificate_facts *leaf,
                                                    uint32_t frame)
{
    char at[WT_CASE_AT], name[72];
    if (leaf->san_count || !k->tls->agreed.sni.n)
        return NULL;
    return wt_finding_say(
        k->tls, WT_FINDING_CERTIFICATE_HOST_MISMATCH, frame,
        _("The client asked for %s, and the certificate %s has no subjectAltName: probably the client ignores the "
          "common name, as RFC 9525 requires, and rejected the certificate for that, with alert %s%s."),
        wt_case_span(k->tls->agreed.sni, name), name_of(leaf), wt_case_alert(k), wt_case_at(k->alert->frame, at));
}

/* Without a verified chain: what the certificates themselves show. */
static bool by_facts(struct wt_case *k, unsigned mark)
{
    const struct wt_certificate_facts *const *list = k->tls->authentication.certificates[WT_SERVER];
    const struct wt_certificate_facts *leaf = list[0];
    uint32_t frame = k->alert->frame;
    const struct wt_list_finding *f = NULL;
    char at[WT_CASE_AT], name[72];
    bool probable = mark & (UNKNOWN | OTHER);
    if (!leaf->parsed)
        return false;
    wt_case_at(k->alert->frame, at);
    for (size_t i = 0; !f && mark & (EXPIRED | BAD | UNKNOWN | OTHER) && i < k->tls->authentication.count[WT_SERVER];
         i++)
        if (list[i]->parsed)
            f = by_dates(k, list[i], frame);
    if (!f && mark & (BAD | UNKNOWN | OTHER) && k->tls->agreed.sni.n && !names_host(leaf, k->tls->agreed.sni))
        f = wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_HOST_MISMATCH, frame,
                           _("The client asked for %s, but the certificate %s is for other names (%s%s). The client "
                             "rejected it with alert %s%s."),
                           wt_case_span(k->tls->agreed.sni, name), name_of(leaf),
                           leaf->san_count ? leaf->san[0] : _("no subjectAltName"), leaf->san_count > 1 ? ", …" : "",
                           wt_case_alert(k), at);
    for (size_t i = 0; !f && mark & (BAD | UNSUPPORTED | OTHER) && i < k->tls->authentication.count[WT_SERVER]; i++)
        if (list[i]->parsed && is_weak(list[i]))
            f = wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_WEAK, frame,
                               _("The certificate %s (%s key of %d bits, signed with %s) is probably too weak for the "
                                 "client, which rejected it with alert %s%s."),
                               name_of(list[i]), list[i]->key_type ? list[i]->key_type : "?", list[i]->key_bits,
                               list[i]->signature_algorithm ? list[i]->signature_algorithm : "?", wt_case_alert(k), at);
    if (!f && mark & (BAD | UNKNOWN) && by_address(k))
        return true;
    if (!f && mark & (BAD | UNKNOWN) && (f = by_common_name(k, leaf, frame)))
        probable = true;
    if (!f && mark & (CA | BAD | UNKNOWN))
        f = by_chain(k, leaf, frame, &probable);
    return f && wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, probable);
}

/* The alert names it; nothing else in the capture shows it. */
static bool by_alert_alone(struct wt_case *k)
{
    char at[WT_CASE_AT], now[WT_DATE_ROOM];
    const struct wt_list_finding *f = NULL;
    bool seen = k->tls->authentication.count[WT_SERVER] > 0;
    enum wt_finding_id id;
    wt_case_at(k->alert->frame, at);
    switch (k->alert->description) {
    case WT_ALERT_CERTIFICATE_EXPIRED:
        f = wt_finding_say(k->tls, WT_FINDING_CERTIFICATE_EXPIRED, k->alert->frame,
                           seen ? _("The client sent alert %s%s: it considers the server's certificate expired. At the "
                                    "time of the capture, %s, everything that the server sent was valid: probably the "
                                    "client's clock is wrong, or one of the client's own certificates has expired.")
                                : _("The client sent alert %s%s at %s: it considers the server's certificate expired. "
                                    "The certificate was sent encrypted, so the capture does not show its dates."),
                           wt_case_alert(k), at, wt_judge_date(seconds_of(k), now));
        return wt_case_conclude(k, f, seen ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, seen);
    case WT_ALERT_CERTIFICATE_REVOKED:
        id = WT_FINDING_CERTIFICATE_REVOKED;
        break;
    case WT_ALERT_UNKNOWN_CA:
        id = WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER;
        break;
    default:
        return false;
    }
    f = wt_finding_say(k->tls, id, k->alert->frame,
                       _("The client rejected the server's certificate%s with alert %s%s; nothing else in the capture "
                         "shows what is wrong with it."),
                       seen && k->tls->authentication.certificates[WT_SERVER][0]->parsed ? ""
                                                                                         : _(" (not visible here)"),
                       wt_case_alert(k), at);
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

/* RFC 7633, 4: a must-staple certificate without a response; RFC 6066, 8: a response that cannot be used. GnuTLS
 * sends bad_certificate for both. */
static bool staple_of_judgement(struct wt_case *k)
{
    const struct wt_tls_chain *chain = &k->tls->authentication.server_chain;
    const struct wt_chain_extras *extras = chain->extras;
    char at[WT_CASE_AT];
    bool stapled = extras && extras->staple.n;
    const struct wt_list_finding *f = NULL;
    wt_case_at(k->alert->frame, at);
    if (stapled && extras->ocsp_fault)
        f = wt_finding_say(k->tls, WT_FINDING_OCSP_STAPLE_BAD, k->alert->frame,
                           _("The client rejected the stapled OCSP response with alert %s%s: %s."), wt_case_alert(k),
                           at, _(wt_wording_ocsp((enum wt_ocsp_fault)extras->ocsp_fault)));
    else if (!stapled && chain->judgement && chain->judgement->must_staple)
        f = wt_finding_say(k->tls, WT_FINDING_OCSP_STAPLE_MISSING, k->alert->frame,
                           _("The server's certificate requires a stapled OCSP response (RFC 7633), but the server "
                             "sent none; the client rejected that with alert %s%s."),
                           wt_case_alert(k), at);
    return f && wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
}

bool wt_cause_server_certificate(struct wt_case *k)
{
    unsigned mark = mark_of(k->alert->description);
    bool hard = wt_finding_of(k->tls, WT_FINDING_CERTIFICATE_REVOKED) ||
                wt_finding_of(k->tls, WT_FINDING_CERTIFICATE_EXPIRED) ||
                wt_finding_of(k->tls, WT_FINDING_CERTIFICATE_HOST_MISMATCH);
    if (mark & (BAD | UNKNOWN | STAPLE) && !hard && staple_of_judgement(k))
        return true;
    if (judged(k, mark))
        return true;
    if (k->tls->authentication.count[WT_SERVER] && by_facts(k, mark))
        return true;
    return by_alert_alone(k);
}

/* RFC 6066, 8: "If a client … receives a certificate status … that is not valid … it MUST abort with a
 * bad_certificate_status_response alert". */
bool wt_cause_staple(struct wt_case *k)
{
    const struct wt_list_finding *f = wt_finding_of(k->tls, WT_FINDING_CERTIFICATE_REVOKED);
    char at[WT_CASE_AT];
    if (k->from != WT_CLIENT)
        return false;
    if (f)
        return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
    if (staple_of_judgement(k))
        return true;
    wt_case_at(k->alert->frame, at);
    /* in TLS 1.3 the response is in the Certificate message: nothing is known of it if that could not be read */
    bool hidden = wt_tls_is_13(k->tls) && !k->tls->authentication.count[WT_SERVER];
    const struct wt_chain_extras *extras = k->tls->authentication.server_chain.extras;
    bool stapled = extras && extras->staple.n;
    if (stapled || hidden)
        f = wt_finding_say(k->tls, WT_FINDING_OCSP_STAPLE_BAD, k->alert->frame,
                           hidden ? _("The client sent alert %s%s: it rejected the stapled OCSP response, or got none. "
                                      "The server's flight is encrypted, so the capture does not show which.")
                                  : _("The client rejected the stapled OCSP response with alert %s%s."),
                           wt_case_alert(k), at);
    else
        f = wt_finding_say(k->tls, WT_FINDING_OCSP_STAPLE_MISSING, k->alert->frame,
                           _("The client requires a stapled OCSP response, and the server sent none: the client "
                             "answered with alert %s%s."),
                           wt_case_alert(k), at);
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, hidden);
}

/* --- the client's ------------------------------------------------------------------------------------------------- */

static bool no_certificate(const struct wt_case *k)
{
    if (k->tls->authentication.count[WT_CLIENT])
        return false;
    /* an SSL 3.0 client reports that by an alert (RFC 6101, 5.6.6) */
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next)
        if (a->alert.readable && a->alert.description == WT_ALERT_NO_CERTIFICATE)
            return true;
    return k->alert->description == WT_ALERT_CERTIFICATE_REQUIRED || k->tls->flow.facts & WT_FACT_CLIENT_CERTIFICATE;
}

static const char *why_refused(const struct wt_case *k, char out[256])
{
    const struct wt_certificate_facts *f = k->tls->authentication.certificates[WT_CLIENT][0];
    char limit[WT_DATE_ROOM];
    out[0] = '\0';
    if (!f->parsed)
        return _("It cannot be parsed as a certificate.");
    if (f->not_after < seconds_of(k))
        (void)snprintf(out, 256, _("It expired on %s."), wt_judge_date(f->not_after, limit));
    else if (f->not_before > seconds_of(k))
        (void)snprintf(out, 256, _("It becomes valid only on %s."), wt_judge_date(f->not_before, limit));
    else if (f->self_issued)
        (void)snprintf(out, 256, "%s", _("It is self-signed."));
    else if (k->alert->description == WT_ALERT_UNKNOWN_CA)
        (void)snprintf(out, 256, _("The server does not know or trust its issuer, %.150s."),
                       f->issuer ? f->issuer : "?");
    else if (is_weak(f))
        (void)snprintf(out, 256, _("Its key has %d bits, which is probably too weak."), f->key_bits);
    else if (k->alert->description == WT_ALERT_UNSUPPORTED_CERTIFICATE)
        (void)snprintf(out, 256, "%s", _("It is probably not meant for client authentication (extendedKeyUsage)."));
    else if (k->alert->description == WT_ALERT_CERTIFICATE_REVOKED)
        (void)snprintf(out, 256, "%s", _("The server says that it has been revoked."));
    else
        (void)snprintf(
            out, 256,
            _("Its issuer is %.150s; probably the server does not trust that issuer, or accepts only others."),
            f->issuer ? f->issuer : "?");
    return out;
}

bool wt_cause_client_certificate(struct wt_case *k)
{
    char at[WT_CASE_AT], why[256];
    const struct wt_list_finding *f;
    bool asked = k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED;
    if (k->from != WT_SERVER || !(k->tls->flow.facts & WT_FACT_SERVER_HELLO))
        return false;
    bool failure = mark_of(k->alert->description) == OTHER && k->alert->description != WT_ALERT_CERTIFICATE_REQUIRED &&
                   k->alert->description != WT_ALERT_ACCESS_DENIED;
    wt_case_at(k->alert->frame, at);
    if (no_certificate(k) && (asked || !failure)) {
        f = wt_finding_say(
            k->tls, WT_FINDING_CLIENT_CERTIFICATE_MISSING, k->alert->frame,
            failure ? _("The server requested a client certificate, the client sent none (an empty Certificate), and "
                        "the server ended the handshake with alert %s%s: it probably requires one.")
                    : _("The server requires a client certificate, and the client sent none: the server answered with "
                        "alert %s%s."),
            wt_case_alert(k), at);
        return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, failure);
    }
    if (k->tls->authentication.count[WT_CLIENT]) {
        if (failure && k->tls->proofs[WT_PROOF_CLIENT_SIGNATURE].result == WT_PROOF_BAD)
            return false;
        f = wt_finding_say(k->tls, WT_FINDING_CLIENT_CERTIFICATE_REJECTED, k->alert->frame,
                           _("The server rejected the client's certificate %s with alert %s%s. %s"),
                           name_of(k->tls->authentication.certificates[WT_CLIENT][0]), wt_case_alert(k), at,
                           why_refused(k, why));
        return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, failure);
    }
    if (failure)
        return false;
    f = wt_finding_say(
        k->tls, WT_FINDING_CLIENT_CERTIFICATE_REJECTED, k->alert->frame,
        _("The server rejected the client's certificate with alert %s%s; the certificate is not visible here."),
        wt_case_alert(k), at);
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, false);
}
