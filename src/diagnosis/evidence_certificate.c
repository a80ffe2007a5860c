/* Evidence: the certificates that were sent, what was concluded about their chains, and what the run knows of
 * authorities. */
#include "diagnosis/case.h"

#include "certificate/certificates.h"
#include "certificate/chain_names.h"
#include "certificate/ocsp.h"

#include <strings.h>

static void add(struct wt_case *k, enum wt_evidence id, uint32_t frame, bool seen)
{
    if (seen)
        wt_evidence_add(k, id, frame, 0);
}

/* Value: which certificate of the chain; the first one counts. */
static void add_at(struct wt_case *k, enum wt_evidence id, size_t index, bool seen)
{
    if (seen && !wt_evidence_has(k, id))
        wt_evidence_add(k, id, 0, index);
}

static const struct wt_authentication *authentication(const struct wt_case *k)
{
    return &k->tls->authentication;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

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

/* RFC 6066, 3: "Literal IPv4 and IPv6 addresses are not permitted in 'HostName'": a client that connects to an
 * address sends no name, and RFC 9525, 6.5 makes it look for that address in the certificate. */
static bool misses_address(const struct wt_case *k, const struct wt_judgement *v)
{
    const unsigned server = wt_tls_direction_of(k->tls, WT_SERVER);
    struct wt_address a = {.port = k->c->port[server]};
    char ip[46];
    memcpy(a.ip, k->c->ip[server], 16);
    return v && !k->tls->agreed.sni.n && !k->o->judge->trust->host && !k->tls->starttls &&
           !wt_chain_names_match(k->o->judge, v, wt_address_format(&a, ip));
}

/* --- the server's ------------------------------------------------------------------------------------------------- */

static bool is_weak(const struct wt_certificate_facts *f)
{
    if (f->key_type && ((strcmp(f->key_type, "RSA") == 0 && f->key_bits < 2048) ||
                        (strcmp(f->key_type, "EC") == 0 && f->key_bits < 224)))
        return true;
    return !f->self_issued && f->signature_algorithm &&
           (strstr(f->signature_algorithm, "md5") || strstr(f->signature_algorithm, "sha1") ||
            strstr(f->signature_algorithm, "SHA1") || strstr(f->signature_algorithm, "MD5"));
}

/* What the verification of the chain reported. */
static void judged(struct wt_case *k)
{
    static const uint8_t rows[][2] = {
        {WT_FINDING_CERTIFICATE_REVOKED, WT_EVIDENCE_JUDGED_REVOKED},
        {WT_FINDING_CERTIFICATE_EXPIRED, WT_EVIDENCE_JUDGED_EXPIRED},
        {WT_FINDING_CERTIFICATE_NOT_YET_VALID, WT_EVIDENCE_JUDGED_NOT_YET},
        {WT_FINDING_CERTIFICATE_BAD_SIGNATURE, WT_EVIDENCE_JUDGED_SIGNATURE},
        {WT_FINDING_CERTIFICATE_HOST_MISMATCH, WT_EVIDENCE_JUDGED_NAME},
        {WT_FINDING_CERTIFICATE_WEAK, WT_EVIDENCE_JUDGED_WEAK},
        {WT_FINDING_CERTIFICATE_WRONG_PURPOSE, WT_EVIDENCE_JUDGED_PURPOSE},
        {WT_FINDING_CERTIFICATE_SELF_SIGNED, WT_EVIDENCE_JUDGED_SELF_SIGNED},
        {WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, WT_EVIDENCE_JUDGED_INCOMPLETE},
        {WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER, WT_EVIDENCE_JUDGED_ISSUER},
        {WT_FINDING_TLCP_CERTIFICATE_PAIR, WT_EVIDENCE_JUDGED_PAIR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_case_judgement(k, (enum wt_finding_id)rows[i][0]);
        if (!f)
            continue;
        wt_evidence_add(k, (enum wt_evidence)rows[i][1], f->frame, 0);
        wt_evidence_add(k, WT_EVIDENCE_JUDGED, f->frame, 0);
    }
    const struct wt_list_finding *pair = wt_finding_of(k->tls, WT_FINDING_TLCP_CERTIFICATE_PAIR);
    add(k, WT_EVIDENCE_CLIENT_PAIR, pair ? pair->frame : 0, pair && pair->fault == WT_FAULT_CLIENT);
    add(k, WT_EVIDENCE_INTERCEPTED, 0, wt_finding_of(k->tls, WT_FINDING_TLS_INTERCEPTED));
}

/* A chain that leads to a trusted root, and of which nothing is wrong. */
static void trusted(struct wt_case *k, const struct wt_judgement *v)
{
    const struct wt_trust *trust = k->o->judge->trust;
    bool given = trust->anchor_count || trust->path_count;
    if (v && !v->faults && !v->untried && !v->no_store && !wt_evidence_has(k, WT_EVIDENCE_JUDGED))
        wt_evidence_add(k, given ? WT_EVIDENCE_CHAIN_TRUSTED_GIVEN : WT_EVIDENCE_CHAIN_TRUSTED, 0, 0);
}

/* Seconds since 1970, of a date in UTC: years begin in March here, so that February is the last month. */
#define MARCH_YEAR(y, m) ((int64_t)(y) - ((m) <= 2))
#define DAYS(y, m, d)                                                                                                  \
    (365 * MARCH_YEAR(y, m) + MARCH_YEAR(y, m) / 4 - MARCH_YEAR(y, m) / 100 + MARCH_YEAR(y, m) / 400 +                 \
     (153 * (((m) + 9) % 12) + 2) / 5 + (d)-719469)
#define SECONDS(y, m, d, hour, minute, second) (((DAYS(y, m, d) * 24 + (hour)) * 60 + (minute)) * 60 + (second))

/* RFC 5280, 3.2: a CA may have a certificate of its own and one that another CA issued for the same name and key. The
 * roots that have expired while chains with such certificates are still served, and when: whoever follows the chain
 * to them fails, although the CA's own root is trusted. */
static bool issued_by_expired_root(const struct wt_certificate_facts *f, int64_t now)
{
    static const struct {
        const char *name;
        int64_t expired;
    } roots[] = {
#define WT_EXPIRED_ROOT(name, ...) {name, SECONDS(__VA_ARGS__)},
#include "diagnosis/expired_roots.def"
#undef WT_EXPIRED_ROOT
    };
    for (size_t i = 0; f->issuer && !f->self_issued && i < sizeof roots / sizeof *roots; i++)
        if (now > roots[i].expired && strstr(f->issuer, roots[i].name))
            return true;
    return false;
}

static void sent_by_server(struct wt_case *k)
{
    const struct wt_certificate_facts *const *list = authentication(k)->certificates[WT_SERVER];
    const size_t n = authentication(k)->count[WT_SERVER];
    const struct wt_judgement *v = authentication(k)->server_chain.judgement;
    const int64_t now = wt_case_seconds(k);
    for (size_t i = 0; i < n; i++) {
        const struct wt_certificate_facts *f = list[i];
        add_at(k, WT_EVIDENCE_SENT_DAMAGED, i, !f->parsed);
        if (!f->parsed)
            continue;
        bool old = f->not_after < now;
        add_at(k, WT_EVIDENCE_SENT_EXPIRED, i, old);
        add_at(k, WT_EVIDENCE_SENT_NOT_YET, i, f->not_before > now);
        add_at(k, WT_EVIDENCE_SENT_WEAK, i, is_weak(f));
        add_at(k, WT_EVIDENCE_SENT_CROSS_SIGNED, i,
               i && !f->self_issued && (old || issued_by_expired_root(f, now)) &&
                   !wt_evidence_has(k, WT_EVIDENCE_JUDGED_EXPIRED));
        add_at(k, WT_EVIDENCE_SENT_CROSS_SIGNED, i, !i && issued_by_expired_root(f, now));
        add_at(k, WT_EVIDENCE_SENT_OLD_ROOT, i, i && f->self_issued && old);
    }
    add(k, WT_EVIDENCE_SENT_OTHER_NAME, 0,
        list[0]->parsed && k->tls->agreed.sni.n && !names_host(list[0], k->tls->agreed.sni));
    add(k, WT_EVIDENCE_SENT_NO_ADDRESS, 0, list[0]->parsed && misses_address(k, v));
    add(k, WT_EVIDENCE_SENT_NO_ALT_NAME, 0, list[0]->parsed && !list[0]->san_count && k->tls->agreed.sni.n);
    add(k, WT_EVIDENCE_SENT_SELF_SIGNED, 0, list[0]->parsed && list[0]->self_issued);
    /* an issuer that is known here and was not sent is a root: the verification of the chain reports what else is
     * missing */
    add(k, WT_EVIDENCE_SENT_ALONE, 0, list[0]->parsed && n == 1 && !list[0]->is_ca && !(v && v->path_count > 1));
    add(k, WT_EVIDENCE_SERVER_CERTIFICATE, authentication(k)->server_chain.frame, list[0]->parsed);
    trusted(k, v);
    add(k, WT_EVIDENCE_CLOCK_BEHIND, 0, authentication(k)->server_chain.behind);
}

/* What is compressed (RFC 8879), or is no X.509 certificate (RFC 7250), says nothing by its length. */
static bool may_be_shorter(const struct wt_case *k)
{
    struct wt_span body;
    return !k->has_hello || wt_extensions_find(&k->hello.extensions, WT_EXT_COMPRESS_CERTIFICATE, &body) ||
           wt_extensions_find(&k->hello.extensions, WT_EXT_SERVER_CERTIFICATE_TYPE, &body);
}

/* TLS 1.3 hides the server's certificates, but not how long they are. */
static void hidden_by_server(struct wt_case *k)
{
    static const struct row {
        uint32_t signature, single, issued;
    } rows[] = {
#define WT_CHAIN_LENGTH(signature, single, issued) {signature, single, issued},
#include "diagnosis/chain_lengths.def"
#undef WT_CHAIN_LENGTH
    };
    const struct row *row = rows;
    uint32_t signature;
    const uint32_t most = wt_tls_is_13(k->tls) ? wt_outcome_certificate_most(k->tls, &signature) : 0;
    if (!most || may_be_shorter(k))
        return;
    for (size_t i = 1; i < sizeof rows / sizeof *rows && rows[i].signature <= signature; i++)
        row = &rows[i];
    if (most < row->single)
        wt_evidence_add(k, WT_EVIDENCE_ALONE_BY_LENGTH, k->tls->side[WT_SERVER].hidden_frame, most);
    add(k, WT_EVIDENCE_ISSUED_BY_LENGTH, 0, most < row->single && row->issued && most >= row->issued);
}

/* RFC 7633, 4: a must-staple certificate without a response; RFC 6066, 8: a response that cannot be used. */
static void stapled(struct wt_case *k)
{
    const struct wt_tls_chain *chain = &authentication(k)->server_chain;
    const struct wt_chain_extras *extras = chain->extras;
    bool there = extras && extras->staple.n;
    add(k, WT_EVIDENCE_STAPLED, 0, there);
    add(k, WT_EVIDENCE_STAPLE_BAD, 0, there && extras->ocsp_fault && extras->ocsp_fault < WT_OCSP_UNTRIED_KEY);
    add(k, WT_EVIDENCE_STAPLE_DUE, 0, !there && chain->judgement && chain->judgement->must_staple);
}

/* The client cannot verify a signature, and that of the key exchange is valid here. If the chain leads to an issuer
 * that is unknown here, the last certificate's signature is the one that could not be checked. */
static void unchecked(struct wt_case *k)
{
    const struct wt_judgement *v = authentication(k)->server_chain.judgement;
    const struct wt_certificate_facts *last = v && v->path_count ? v->path[v->path_count - 1] : NULL;
    add(k, WT_EVIDENCE_SIGNATURE_UNCHECKED, 0, last && v->missing && !last->self_issued);
}

/* --- the client's ------------------------------------------------------------------------------------------------- */

/* RFC 5246, 7.4.4: certificate_authorities is "A list of the distinguished names ... of acceptable
 * certificate_authorities". A name that is on the list is in the certificate byte by byte, as its issuer or subject. */
static void authorities(struct wt_case *k)
{
    uint32_t frame;
    const struct wt_message_body *m = wt_case_message(k, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_REQUEST, &frame);
    struct wt_span rest = m ? m->certificate_request.authorities : (struct wt_span){0}, name;
    bool any = false, listed = false;
    while (wt_ext_opaque_next(&rest, 2, &name)) {
        any = true;
        for (size_t i = 0; i < authentication(k)->count[WT_CLIENT] && !listed; i++) {
            struct wt_span der = wt_certificates_der(authentication(k)->certificates[WT_CLIENT][i]);
            listed = der.n && memmem(der.p, der.n, name.p, name.n);
        }
    }
    add(k, WT_EVIDENCE_AUTHORITIES, frame, any);
    add(k, WT_EVIDENCE_ISSUER_UNLISTED, frame, any && !listed && authentication(k)->count[WT_CLIENT]);
}

/* The issuer's certificate was not sent, and is known from elsewhere in the run: no root, or it need not be sent. */
static void client_gap(struct wt_case *k)
{
    const struct wt_tls_chain *chain = authentication(k)->client_chain;
    const struct wt_judgement *v = chain ? chain->judgement : NULL;
    for (size_t i = 1; v && i < v->path_count; i++) {
        bool sent = v->path[i]->self_issued;
        for (size_t j = 0; j < v->sent_count; j++)
            sent |= v->path[i] == v->sent[j];
        add_at(k, WT_EVIDENCE_CLIENT_GAP, i, !sent);
    }
}

static void sent_by_client(struct wt_case *k)
{
    const struct wt_certificate_facts *f = authentication(k)->certificates[WT_CLIENT][0];
    const int64_t now = wt_case_seconds(k);
    wt_evidence_add(k, WT_EVIDENCE_CLIENT_CERTIFICATE, 0, 0);
    add(k, WT_EVIDENCE_CLIENT_DAMAGED, 0, !f->parsed);
    if (!f->parsed)
        return;
    add(k, WT_EVIDENCE_CLIENT_EXPIRED, 0, f->not_after < now);
    add(k, WT_EVIDENCE_CLIENT_NOT_YET, 0, f->not_before > now);
    add(k, WT_EVIDENCE_CLIENT_SELF_SIGNED, 0, f->self_issued);
    add(k, WT_EVIDENCE_CLIENT_WEAK, 0, is_weak(f));
    client_gap(k);
}

/* An SSL 3.0 client reports by an alert that it has none (RFC 6101, 5.6.6). */
static void none_by_client(struct wt_case *k)
{
    bool none = k->alert && (k->alert->description == WT_ALERT_CERTIFICATE_REQUIRED ||
                             k->tls->flow.facts & WT_FACT_CLIENT_CERTIFICATE);
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next)
        none |= a->alert.readable && a->alert.description == WT_ALERT_NO_CERTIFICATE;
    add(k, WT_EVIDENCE_CLIENT_CERTIFICATE_NONE, 0, none);
}

/* RFC 6961's status_request_v2 is in every ClientHello of Java's own TLS (JSSE, since Java 9) and in hardly another's.
 * Java sends certificate_unknown for whatever its trust manager throws, and only since Java 11 other alerts for dates,
 * signatures, algorithms and revocation. */
static bool is_java(const struct wt_case *k)
{
    struct wt_span body;
    return k->has_hello && wt_extensions_find(&k->hello.extensions, WT_EXT_STATUS_REQUEST_V2, &body);
}

/* Signatures over SHA-224, and x448's sister: hardly another library offers both (OpenSSL since 1.1.1). */
static bool is_openssl(const struct wt_case *k)
{
    enum { RSA_SHA224 = 0x0301, ECDSA_SHA224 = 0x0303, ED448 = 0x0808 };
    const struct wt_span schemes = k->has_hello && k->offer.has_schemes ? k->offer.schemes : (struct wt_span){0};
    return (wt_codes_have(schemes, RSA_SHA224) || wt_codes_have(schemes, ECDSA_SHA224)) &&
           wt_codes_have(schemes, ED448);
}

/* --- who refused whose -------------------------------------------------------------------------------------------- */

static void refusals(struct wt_case *k)
{
    bool named = wt_evidence_has(k, WT_EVIDENCE_ALERT_CERTIFICATE), client = k->from == WT_CLIENT;
    bool vague = wt_evidence_has(k, WT_EVIDENCE_ALERT_NOTHING_COMMON);
    bool answered = wt_evidence_has(k, WT_EVIDENCE_SERVER_HELLO);
    if (!k->alert)
        return;
    add(k, WT_EVIDENCE_SERVER_REFUSED, k->alert->frame,
        client && (named || wt_evidence_has(k, WT_EVIDENCE_ALERT_BAD_STATUS) ||
                   (authentication(k)->count[WT_SERVER] && !wt_evidence_has(k, WT_EVIDENCE_CLIENT_KEYS) &&
                    ((vague && answered) || wt_evidence_has(k, WT_EVIDENCE_ALERT_INTERNAL_ERROR)))));
    add(k, WT_EVIDENCE_CLIENT_REFUSED, k->alert->frame,
        !client && answered &&
            (named || vague ||
             (wt_evidence_has(k, WT_EVIDENCE_ALERT_MESSAGE) && !authentication(k)->count[WT_CLIENT])));
    const uint8_t d = k->alert->description;
    add(k, WT_EVIDENCE_ALERT_VAGUE, k->alert->frame,
        vague || wt_evidence_has(k, WT_EVIDENCE_ALERT_MESSAGE) || d == WT_ALERT_NO_CERTIFICATE);
    /* of those about certificates, the ones that say nothing about the certificate itself */
    add(k, WT_EVIDENCE_ALERT_OTHER, k->alert->frame,
        vague || d == WT_ALERT_NO_CERTIFICATE || d == WT_ALERT_CERTIFICATE_REQUIRED || d == WT_ALERT_ACCESS_DENIED);
    add(k, WT_EVIDENCE_JAVA_UNSPECIFIC, k->alert->frame, client && d == WT_ALERT_CERTIFICATE_UNKNOWN && is_java(k));
    add(k, WT_EVIDENCE_BAD_OF_TRUSTED, k->alert->frame,
        client && d == WT_ALERT_BAD_CERTIFICATE && wt_evidence_has(k, WT_EVIDENCE_CHAIN_TRUSTED_GIVEN));
    add(k, WT_EVIDENCE_OPENSSL_CLIENT, k->alert->frame, client && is_openssl(k));
    add(k, WT_EVIDENCE_CERTIFICATE_REQUESTED, 0, k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED);
}

void wt_evidence_certificate(struct wt_case *k)
{
    judged(k);
    if (authentication(k)->count[WT_SERVER])
        sent_by_server(k);
    else
        hidden_by_server(k);
    stapled(k);
    unchecked(k);
    if (authentication(k)->count[WT_CLIENT])
        sent_by_client(k);
    else
        none_by_client(k);
    authorities(k);
    refusals(k);
}
