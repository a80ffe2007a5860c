/* What is worth knowing of a connection apart from its outcome: concluded when it is over, from what facts.c
 * recorded. */
#include "diagnosis/observations.h"
#include "observer/facts.h"
#include "observer/state.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "http/http.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* The input of an observation. */
struct view {
    struct wt_observer *o;
    const struct wt_conversation *c;
    struct wt_tls *tls;
    const struct wt_suite *suite; /* that the server chose; NULL: none, or unknown */
    bool established;
};

static struct wt_list_finding *add(const struct view *v, enum wt_finding_id id, uint32_t frame, const char *text,
                                   uint64_t a, uint64_t b)
{
    wt_finding_add(v->tls, id, frame, text, a, b);
    return (struct wt_list_finding *)(uintptr_t)wt_finding_of(v->tls, id);
}

static uint32_t chosen_at(const struct view *v)
{
    return v->tls->seen.hello_frame[WT_SERVER];
}

/* --- how it ends -------------------------------------------------------------------------------------------------- */

static void closing(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    if (!v->established || tls->agreed.version == WT_SSL2 || tls->side[0].missing || tls->side[1].missing)
        return;
    for (unsigned d = 0; d < 2; d++) {
        if (!(tls->seen.flags & (uint32_t)WT_SEEN_CUT << d) || wt_facts_has_closed(tls, d))
            continue;
        bool server = d == WT_SERVER, reset = tls->seen.flags & WT_SEEN_CUT_RESET;
        struct wt_list_finding *f =
            add(v, WT_FINDING_TRUNCATED_CLOSE,
                reset ? tls->end.reset_frame : tls->end.fin[wt_tls_direction_of(tls, d)].frame, wt_tls_sender(d), 0, 0);
        if (!f)
            return;
        /* TLS 1.3 may pad an alert: RFC 8446, 5.4 */
        wt_finding_blame(v->tls, f, server ? WT_FAULT_SERVER : WT_FAULT_CLIENT, WT_NOTICED_BY_NONE,
                         wt_tls_is_13(tls) && tls->side[d].hidden && !(tls->keys && tls->keys->by[d].opened));
        if (!server || !tls->side[d].data.records)
            wt_finding_grade(f, WT_NOTICE);
    }
}

/* --- what was agreed on ------------------------------------------------------------------------------------------- */

static void version(const struct view *v)
{
    uint16_t agreed = v->tls->agreed.version;
    if (!(v->tls->flow.facts & WT_FACT_SERVER_HELLO) || !agreed || agreed >= WT_TLS12 || wt_tls_is_13(v->tls) ||
        agreed == WT_TLCP || !wt_version_name(agreed))
        return;
    struct wt_list_finding *f = add(v, WT_FINDING_DEPRECATED_VERSION, chosen_at(v), wt_version_name(agreed), 0, 0);
    if (agreed <= WT_SSL3)
        wt_finding_grade(f, WT_ERROR);
}

/* Why the suite is weak, by the registry's columns; NULL when it is not. */
static const char *weakness(const struct wt_suite *suite, enum wt_severity *severity)
{
    enum { STRONG_BYTES = 14, SMALL_BLOCK = 8 }; /* RFC 9325, 4.1: 112 bits; 64-bit blocks: CVE-2016-2183 */
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    *severity = WT_ERROR;
    if (cipher->mode == WT_MODE_NULL || suite->cipher == WT_CIPHER_HMAC_SHA256 ||
        suite->cipher == WT_CIPHER_HMAC_SHA384)
        return _("it does not encrypt");
    if (suite->auth == WT_AUTH_ANON)
        return _("it authenticates neither side, so anyone in the middle can impersonate both");
    if (wt_suite_is_export(suite))
        return _("its keys are deliberately short (1990s export rules) and can be broken at once");
    if (cipher->mode == WT_MODE_STREAM)
        return _("RC4's output is biased enough to recover data that is sent repeatedly, and TLS forbids it");
    if (cipher->mode == WT_MODE_CBC && cipher->effective && cipher->effective < STRONG_BYTES)
        return _("its key is short enough for brute force");
    if (cipher->mode == WT_MODE_CBC && cipher->block == SMALL_BLOCK) {
        *severity = WT_WARNING;
        return _("its 64-bit blocks start to collide after some gigabytes under one key (Sweet32)");
    }
    return NULL;
}

static void cipher_suite(const struct view *v)
{
    enum wt_severity severity;
    const char *why = v->suite ? weakness(v->suite, &severity) : NULL;
    if (!why)
        return;
    const struct wt_list_finding *f = wt_finding_say(v->tls, WT_FINDING_WEAK_CIPHER_SUITE, chosen_at(v),
                                                     _("The server chose %s: %s."), v->suite->name, why);
    wt_finding_grade(f, severity);
}

static void forward_secrecy(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    if (!v->suite || v->suite->kx == WT_KX_NULL)
        return;
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)v->suite->kx);
    if (wt_tls_is_13(tls)) {
        if (tls->seen.flags & WT_SEEN_PSK_ALONE)
            (void)add(v, WT_FINDING_NO_FORWARD_SECRECY, chosen_at(v), "psk_ke", 0, 0);
    } else if (!kx->forward_secret) {
        (void)add(v, WT_FINDING_NO_FORWARD_SECRECY, chosen_at(v), kx->name, 0, 0);
    }
}

static void group(const struct view *v)
{
    enum { DH_LEAST = 2048, CURVE_LEAST = 224 };
    const struct wt_group *g = v->tls->agreed.group ? wt_group_find(v->tls->agreed.group) : NULL;
    if (v->tls->agreed.dh_bits && v->tls->agreed.dh_bits < DH_LEAST)
        (void)add(v, WT_FINDING_WEAK_KEY, v->tls->seen.key_frame, N_("The server's Diffie-Hellman group"),
                  v->tls->agreed.dh_bits, DH_LEAST);
    else if (g && g->kind == WT_GROUP_EC && g->bits && g->bits < CURVE_LEAST)
        (void)add(v, WT_FINDING_WEAK_KEY, v->tls->seen.key_frame ? v->tls->seen.key_frame : chosen_at(v),
                  N_("The curve of the key exchange"), g->bits, CURVE_LEAST);
}

static void server_key(const struct view *v)
{
    static const struct {
        const char *type;
        int least;
    } rows[] = {{"RSA", 2048}, {"RSA-PSS", 2048}, {"DSA", 2048}, {"DH", 2048}, {"EC", 224}};
    const struct wt_certificate_facts *f =
        v->tls->authentication.count[WT_SERVER] ? v->tls->authentication.certificates[WT_SERVER][0] : NULL;
    const struct wt_judgement *judged = v->tls->authentication.server_chain.judgement;
    /* on a failed connection it may be the cause, which certificate-weak reports */
    if (v->tls->outcome.state == WT_FAILED && judged && judged->weak_leaf)
        return;
    for (size_t i = 0; f && f->parsed && f->key_type && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(f->key_type, rows[i].type) == 0 && f->key_bits > 0 && f->key_bits < rows[i].least)
            (void)add(v, WT_FINDING_WEAK_KEY, 0, N_("The key of the server's certificate"), (uint64_t)f->key_bits,
                      (uint64_t)rows[i].least);
}

/* Up to TLS 1.1 the version fixes the hash: deprecated-version reports that. */
static void signatures(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    const struct wt_scheme *s = tls->agreed.scheme ? wt_scheme_find(tls->agreed.scheme) : NULL;
    if (tls->agreed.version < WT_TLS12)
        return;
    if (s && (s->hash == WT_HASH_MD5 || s->hash == WT_HASH_SHA1))
        (void)wt_finding_say(v->tls, WT_FINDING_WEAK_SIGNATURE, tls->seen.key_frame,
                             _("The server signed the handshake with %s, whose hash is not collision-resistant."),
                             s->name);
    if (tls->seen.flags & WT_SEEN_CLIENT_SHA1)
        (void)wt_finding_say(
            v->tls, WT_FINDING_WEAK_SIGNATURE, tls->seen.proof_frame,
            _("The client signed the handshake with MD5 or SHA-1, which are not collision-resistant."));
}

static void compression(const struct view *v)
{
    /* if the handshake failed, nothing was compressed */
    if (!(v->tls->seen.flags & WT_SEEN_COMPRESSION) || v->tls->outcome.state == WT_FAILED)
        return;
    const char *name = wt_registry_name(WT_REG_COMPRESSION_METHOD, v->tls->agreed.compression);
    (void)add(v, WT_FINDING_COMPRESSION_ENABLED, chosen_at(v), name ? name : "?", 0, 0);
}

/* RFC 7627 applies from TLS 1.0 on; RFC 5746 to SSL 3.0, too. */
static void bindings(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    const uint32_t both = WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO;
    if ((tls->flow.facts & both) != both || wt_tls_is_13(tls) || tls->agreed.version < WT_SSL3 ||
        tls->agreed.version > WT_TLS12)
        return;
    static const struct {
        uint32_t offered, done;
        enum wt_finding_id id;
        uint16_t from;
    } rows[] = {
        {WT_SEEN_EXTENDED_MASTER_OFFERED, WT_SEEN_EXTENDED_MASTER, WT_FINDING_NO_EXTENDED_MASTER_SECRET, WT_TLS10},
        {WT_SEEN_SECURE_RENEGOTIATION_OFFERED, WT_SEEN_SECURE_RENEGOTIATION, WT_FINDING_NO_SECURE_RENEGOTIATION,
         WT_SSL3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (tls->seen.flags & rows[i].done || tls->agreed.version < rows[i].from)
            continue;
        bool server = tls->seen.flags & rows[i].offered;
        struct wt_list_finding *f = add(v, rows[i].id, tls->seen.hello_frame[server ? WT_SERVER : WT_CLIENT],
                                        server ? N_("the server") : N_("the client"), 0, 0);
        if (f)
            wt_finding_blame(v->tls, f, server ? WT_FAULT_SERVER : WT_FAULT_CLIENT, WT_NOTICED_BY_NONE, false);
    }
}

static void renegotiation(const struct view *v)
{
    if (v->tls->seen.flags & WT_SEEN_CLIENT_RENEGOTIATION)
        (void)add(v, WT_FINDING_CLIENT_RENEGOTIATION, v->tls->seen.renegotiation_frame, NULL, 0, 0);
}

static void quantum(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    const struct wt_group *g = tls->agreed.group ? wt_group_find(tls->agreed.group) : NULL;
    if (!v->established || !v->suite)
        return;
    if (g && (g->kind == WT_GROUP_PQ || g->kind == WT_GROUP_HYBRID))
        (void)add(v, WT_FINDING_POST_QUANTUM, chosen_at(v), g->name, 0, 0);
    else if (g && g->kind != WT_GROUP_OTHER)
        (void)add(v, WT_FINDING_QUANTUM_VULNERABLE, chosen_at(v), g->name, 0, 0);
    else if (!wt_tls_is_13(tls) && v->suite->kx != WT_KX_NULL && v->suite->kx != WT_KX_PSK &&
             v->suite->kx != WT_KX_KRB5 && v->suite->kx != WT_KX_KRB5_EXPORT && v->suite->kx != WT_KX_CECPQ1)
        (void)add(v, WT_FINDING_QUANTUM_VULNERABLE, chosen_at(v), wt_kx_info_of((enum wt_kx)v->suite->kx)->name, 0, 0);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void client_hello(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    if (!(tls->flow.facts & WT_FACT_CLIENT_HELLO) || tls->agreed.protocol == WT_PROTOCOL_SSL2)
        return;
    /* extensions exist from TLS 1.0 on */
    if (!(tls->seen.flags & WT_SEEN_SNI) && tls->agreed.offered > WT_SSL3)
        (void)add(v, WT_FINDING_SNI_MISSING, tls->seen.hello_frame[WT_CLIENT], NULL, 0, 0);
    if (tls->seen.flags & WT_SEEN_ECH)
        (void)add(v, WT_FINDING_ECH_OFFERED, tls->seen.hello_frame[WT_CLIENT], NULL, 0, 0);
}

/* The host of an authority: without user, port and trailing dot. */
static struct wt_span host_of(struct wt_span a)
{
    for (size_t i = a.n; i; i--)
        if (a.p[i - 1] == '@') {
            a = wt_span_cut(a, i, a.n);
            break;
        }
    size_t end = a.n;
    if (a.n && a.p[0] == '[')
        return wt_span_cut(a, 0, 0); /* an address: SNI has none */
    for (size_t i = 0; i < a.n && end == a.n; i++)
        if (a.p[i] == ':')
            end = i;
    if (end && a.p[end - 1] == '.')
        end--;
    return wt_span_cut(a, 0, end);
}

static bool is_address(struct wt_span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!isdigit(name.p[i]) && name.p[i] != '.')
            return false;
    return true;
}

static const char *shown(struct wt_span s, char out[80])
{
    return wt_printable_into(out, 80, s);
}

static bool is_safe(struct wt_span method)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"}; /* RFC 9110, 9.2.1 */
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
        if (method.n == strlen(safe[i]) && memcmp(method.p, safe[i], method.n) == 0)
            return true;
    return false;
}

static void hosts(const struct view *v, const struct wt_exchange *exchanges, size_t n)
{
    struct wt_span sni = host_of(v->tls->agreed.sni);
    char a[80], b[80];
    for (size_t i = 0; sni.n && i < n; i++) {
        struct wt_span host = host_of(exchanges[i].authority);
        bool through = exchanges[i].method.n == 7 && memcmp(exchanges[i].method.p, "CONNECT", 7) == 0;
        bool elsewhere =
            exchanges[i].scheme.n && !(exchanges[i].scheme.n == 5 && memcmp(exchanges[i].scheme.p, "https", 5) == 0);
        /* a request that a proxy forwards has its own host */
        if (through || elsewhere || is_address(host) || wt_facts_host(host) == wt_facts_host(sni))
            continue;
        (void)wt_finding_say(v->tls, WT_FINDING_SNI_MISMATCH_HOST, exchanges[i].request_frame,
                             _("The handshake asks for %s, but the request inside is for %s."), shown(sni, a),
                             shown(host, b));
        return;
    }
}

static void early_data(const struct view *v, const struct wt_exchange *exchanges, size_t n)
{
    const struct wt_tls *tls = v->tls;
    const struct wt_exchange *worst = NULL;
    char method[80];
    if (tls->agreed.early_data != WT_EARLY_ACCEPTED)
        return;
    for (size_t i = 0; i < n; i++)
        if (exchanges[i].request_frame && exchanges[i].request_frame <= tls->seen.early_frame &&
            (!worst || (is_safe(worst->method) && !is_safe(exchanges[i].method))))
            worst = &exchanges[i];
    if (!worst) {
        (void)add(v, WT_FINDING_EARLY_DATA_REPLAYABLE,
                  tls->seen.early_frame ? tls->seen.early_frame : tls->seen.hello_frame[WT_CLIENT], NULL, 0, 0);
        return;
    }
    bool safe = is_safe(worst->method);
    const struct wt_list_finding *f =
        wt_finding_say(v->tls, WT_FINDING_EARLY_DATA_REPLAYABLE, worst->request_frame,
                       safe ? _("The server accepted early data (0-RTT) with a %s request: an attacker can replay it, "
                                "but the method is safe to repeat (RFC 9110, 9.2.1).")
                            : _("The server accepted early data (0-RTT) with a %s request: an attacker can replay it, "
                                "and it would be executed again."),
                       shown(worst->method, method));
    wt_finding_grade(f, safe ? WT_NOTICE : WT_WARNING);
}

static void application(const struct view *v)
{
    size_t n = 0, dropped = 0;
    const struct wt_exchange *exchanges =
        v->tls->keys && v->tls->keys->http ? wt_http_exchanges(v->tls->keys->http, &n, &dropped) : NULL;
    hosts(v, exchanges, n);
    early_data(v, exchanges, n);
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static void speed(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    int64_t took = tls->outcome.ready_ns - tls->outcome.start_ns;
    if (!v->established || !tls->outcome.ready_ns || took < WT_LIMIT_SLOW_NS || tls->side[0].missing ||
        tls->side[1].missing)
        return;
    unsigned side = tls->pace.from;
    const char *format =
        wt_transport_repeats(&v->c->transport, 0) || wt_transport_repeats(&v->c->transport, 1)
            ? side == WT_CLIENT ? _("The handshake took %.1f s; %.1f s of that was spent waiting for packet %" PRIu32
                                    " from the client. Segments were retransmitted: the network dropped some.")
                                : _("The handshake took %.1f s; %.1f s of that was spent waiting for packet %" PRIu32
                                    " from the server. Segments were retransmitted: the network dropped some.")
        : side == WT_CLIENT
            ? _("The handshake took %.1f s; the client took the longest, %.1f s before its packet %" PRIu32 ".")
            : _("The handshake took %.1f s; the server took the longest, %.1f s before its packet %" PRIu32 ".");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const struct wt_list_finding *f = wt_finding_say(v->tls, WT_FINDING_SLOW_HANDSHAKE, tls->pace.frame, format,
                                                     (double)took / 1e9, (double)tls->pace.us / 1e6, tls->pace.frame);
#pragma GCC diagnostic pop
    if (f)
        wt_finding_blame(v->tls, f, side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE, true);
}

void wt_observations_settle(struct wt_observer *o, struct wt_conversation *c)
{
    static void (*const all[])(const struct view *) = {
        version,  cipher_suite,  forward_secrecy, group,        server_key,  signatures, compression,
        bindings, renegotiation, quantum,         client_hello, application, speed,      closing};
    struct wt_tls *tls = c->tls;
    const bool chosen = tls->agreed.has_suite && tls->flow.facts & WT_FACT_SERVER_HELLO;
    const struct view v = {o, c, tls, chosen ? wt_suite_find(tls->agreed.suite) : NULL,
                           tls->outcome.state == WT_ESTABLISHED};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i](&v);
    /* an upgrade that was refused but followed by TLS all the same caused nothing */
    if (tls->outcome.state != WT_FAILED && tls->report.cause && tls->report.cause->row == WT_FINDING_STARTTLS_REFUSED)
        tls->report.cause = NULL;
}
