/* Nothing in common: what an alert after the hellos means, judging by what was offered, what was chosen, and what
 * the same server chose in other connections of the capture. */
#include "diagnosis/causes_case.h"

#include "base/i18n.h"
#include "observer/breaches.h"

#include <stdio.h>

/* Whether one of the seen numbers is offered; also true if none was seen. */
static bool meets(const uint16_t *list, size_t room, struct wt_span offered)
{
    for (size_t i = 0; i < room && list[i]; i++)
        if (wt_codes_have(offered, list[i]))
            return true;
    return !list[0];
}

static const char *numbers(enum wt_registry registry, const uint16_t *list, size_t room, char out[WT_CASE_LIST])
{
    uint8_t codes[32];
    size_t n = 0;
    for (; n < room && n < sizeof codes / 2 && list[n]; n++) {
        codes[2 * n] = (uint8_t)(list[n] >> 8);
        codes[2 * n + 1] = (uint8_t)list[n];
    }
    return wt_case_list(registry, wt_span_of(codes, 2 * n), out);
}

#define NUMBERS(registry, list, out) numbers(registry, list, sizeof(list) / sizeof *(list), out)
#define MEETS(list, offered) meets(list, sizeof(list) / sizeof *(list), offered)

/* The versions that the client offers, as a list or as the highest one. */
static const char *versions(const struct wt_case *k, const struct wt_offer *offer, char out[WT_CASE_LIST])
{
    char number[16], list[WT_CASE_LIST];
    if (offer->versions.n)
        return wt_case_list(WT_REG_VERSION, offer->versions, out);
    const char *name = wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, number);
    (void)snprintf(list, sizeof list, _("up to %s"), name);
    memcpy(out, list, sizeof list);
    return out;
}

static bool accepts(const struct wt_case *k, const struct wt_offer *offer, uint16_t version)
{
    return offer->versions.n ? wt_codes_have(offer->versions, version) : version <= k->tls->agreed.offered;
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static bool version_by_server(struct wt_case *k)
{
    struct wt_offer offer;
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    const struct wt_list_finding *f;
    if (!k->has_hello) {
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                           _("The server supports none of the versions that the client offers: it answered with alert "
                             "protocol_version%s."),
                           wt_case_at(k->alert->frame, at));
        return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, false);
    }
    wt_case_offer(k, &offer);
    versions(k, &offer, list);
    const bool older = offer.tls13 && wt_codes_have(offer.versions, WT_TLS12);
    if (k->facts && k->facts->versions[0]) {
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                           _("The server supports none of the versions that the client offers (%s): it answered with "
                             "alert protocol_version%s. In successful connections it chose %s."),
                           list, wt_case_at(k->alert->frame, at), NUMBERS(WT_REG_VERSION, k->facts->versions, seen));
    } else {
        bool old = k->tls->agreed.offered < WT_TLS12 && !offer.tls13;
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                           _("The server supports none of the versions that the client offers (%s): it answered with "
                             "alert protocol_version%s. %s"),
                           list, wt_case_at(k->alert->frame, at),
                           older          ? _("It probably supports only older versions, which RFC 8996 deprecates.")
                           : !offer.tls12 ? _("It probably does not support TLS 1.3.")
                           : old          ? _("It probably requires TLS 1.2 or later.")
                           : offer.tls13  ? _("The capture does not show which version it requires.")
                                          : _("It probably requires TLS 1.3."));
    }
    if (older)
        return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_SERVER, false);
    /* RFC 8996 deprecates everything older than TLS 1.2: a client that offers nothing else is at fault */
    bool client = k->tls->agreed.offered && k->tls->agreed.offered < WT_TLS12 && !offer.tls13;
    return wt_case_conclude(k, f, client ? WT_FAULT_CLIENT : WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, false);
}

static bool version_by_client(struct wt_case *k)
{
    struct wt_offer offer = {0};
    char at[WT_CASE_AT], number[16], list[WT_CASE_LIST] = "?";
    uint16_t chosen = k->tls->agreed.version;
    if (k->has_hello) {
        wt_case_offer(k, &offer);
        versions(k, &offer, list);
    }
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                       _("The server chose %s, which the client rejected with alert protocol_version%s: it does not "
                         "support that version, or has disabled it. The client offers %s."),
                       wt_case_name(WT_REG_VERSION, chosen, number), wt_case_at(k->alert->frame, at), list);
    /* RFC 8446, 4.2.1: a server "MUST NOT select a version" that supported_versions lacks */
    bool unasked = offer.versions.n && !wt_codes_have(offer.versions, chosen);
    return wt_case_conclude(k, f, chosen < WT_TLS12 || unasked ? WT_FAULT_SERVER : WT_FAULT_BOTH, WT_NOTICED_BY_CLIENT,
                            false);
}

bool wt_cause_version(struct wt_case *k)
{
    if (k->from == WT_SERVER)
        return version_by_server(k);
    return k->tls->agreed.version && version_by_client(k);
}

/* --- the server rejects a ClientHello without a reason ------------------------------------------------------------ */

enum suspect { SUITES, GROUPS, SCHEMES, SUSPECTS };

/* What both sides of nearly every connection support today: RFC 8446, 9.1 and RFC 9325, 4.2. A list without any of
 * them is unusual. */
static const uint16_t common_groups[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1, WT_GROUP_SECP384R1};

static size_t offers_of(enum wt_registry registry, struct wt_span codes)
{
    size_t n = 0;
    for (size_t i = 0; i < wt_codes_count(codes); i++)
        n += !wt_is_grease(wt_codes_at(codes, i)) &&
             (registry != WT_REG_CIPHER_SUITE || wt_suite_find(wt_codes_at(codes, i)));
    return n;
}

static bool fits_key(uint16_t scheme, bool rsa)
{
    const struct wt_scheme *s = wt_scheme_find(scheme);
    if (!s)
        return false;
    return rsa ? s->key == WT_KEY_RSA || s->key == WT_KEY_RSA_PSS : s->key == WT_KEY_EC;
}

/* Suites of TLS 1.2 and below that a server with such a key can choose; *all becomes the number of all such suites. */
static size_t suites_for_key(struct wt_span suites, bool rsa, size_t *all)
{
    size_t n = 0;
    *all = 0;
    for (size_t i = 0; i < wt_codes_count(suites); i++) {
        const struct wt_suite *s = wt_suite_find(wt_codes_at(suites, i));
        if (!s || s->auth == WT_AUTH_TLS13)
            continue;
        (*all)++;
        n += (s->auth != WT_AUTH_RSA && s->auth != WT_AUTH_ECDSA) || (s->auth == WT_AUTH_RSA) == rsa;
    }
    return n;
}

static unsigned suspicion_of_suites(const struct wt_offer *o)
{
    unsigned old = 0, fresh = 0, fresh13 = 0, points = 0;
    for (size_t i = 0; i < wt_codes_count(o->suites); i++) {
        const struct wt_suite *s = wt_suite_find(wt_codes_at(o->suites, i));
        if (!s)
            continue;
        if (s->kx == WT_KX_TLS13) {
            fresh13++;
        } else {
            enum wt_cipher_mode mode = wt_cipher_of((enum wt_cipher_id)s->cipher)->mode;
            old++;
            fresh += s->kx == WT_KX_ECDHE && (mode == WT_MODE_GCM || mode == WT_MODE_POLY1305);
        }
    }
    points += o->tls12 && old && !fresh ? 5 : 0;
    points += o->tls12 && old == 1 ? 3 : 0;
    /* three are common */
    if (!o->tls12 && fresh13 && fresh13 < 3)
        points += 3 - fresh13;
    return points && o->tls13 && o->tls12 ? points - 1 : points;
}

static unsigned suspicion_of_groups(const struct wt_offer *o)
{
    size_t n = offers_of(WT_REG_GROUP, o->groups);
    bool common = false;
    for (size_t i = 0; i < sizeof common_groups / sizeof *common_groups; i++)
        common |= wt_codes_have(o->groups, common_groups[i]);
    /* a single group is more unusual than a single suite: suites are restricted for many reasons, groups seldom */
    return o->has_groups ? (common ? 0 : 6) + (n == 1 ? 4 : n == 2 ? 1 : 0) : 0;
}

static unsigned suspicion_of_schemes(const struct wt_offer *o)
{
    size_t n = offers_of(WT_REG_SIGNATURE_SCHEME, o->schemes);
    bool rsa = false, ec = false;
    for (size_t i = 0; i < wt_codes_count(o->schemes); i++) {
        rsa |= fits_key(wt_codes_at(o->schemes, i), true);
        ec |= fits_key(wt_codes_at(o->schemes, i), false);
    }
    return o->has_schemes ? (rsa && ec ? 0 : rsa ? 3 : 4) + (n == 1 ? 3 : n == 2 ? 1 : 0) : 0;
}

/* Judged by what the server was seen to choose. */
static bool refused_by_facts(struct wt_case *k, const struct wt_offer *o)
{
    const struct wt_server_facts *s = k->facts;
    char at[WT_CASE_AT], list[WT_CASE_LIST], seen[WT_CASE_LIST];
    const struct wt_list_finding *f = NULL;
    enum wt_finding_id id = WT_FINDING_NO_SHARED_CIPHER_SUITE;
    bool version = false;
    if (!s || !s->established)
        return false;
    for (size_t i = 0; i < sizeof s->versions / sizeof *s->versions && s->versions[i]; i++)
        version |= accepts(k, o, s->versions[i]);
    if (!version && s->versions[0]) {
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because of its versions: "
                             "the client offers %s, but in successful connections the server chose %s."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at), versions(k, o, list),
                           NUMBERS(WT_REG_VERSION, s->versions, seen));
        return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
    }
    if (!MEETS(s->suites, o->suites)) {
        f = wt_finding_say(k->tls, id, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because of its cipher "
                             "suites: the client offers %s, but in successful connections the server chose %s."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at),
                           wt_case_list(WT_REG_CIPHER_SUITE, o->suites, list),
                           NUMBERS(WT_REG_CIPHER_SUITE, s->suites, seen));
    } else if (o->has_groups && !MEETS(s->groups, o->groups)) {
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_SHARED_GROUP, k->alert->frame,
            _("The server rejected the ClientHello with alert %s%s, probably because of its key-exchange groups: the "
              "client offers %s, but in successful connections the server chose %s."),
            wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_list(WT_REG_GROUP, o->groups, list),
            NUMBERS(WT_REG_GROUP, s->groups, seen));
    } else if (o->has_schemes && !MEETS(s->schemes, o->schemes)) {
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_SCHEME, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because of its signature "
                             "schemes: the client offers %s, but in successful connections the server signed with %s."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at),
                           wt_case_list(WT_REG_SIGNATURE_SCHEME, o->schemes, list),
                           NUMBERS(WT_REG_SIGNATURE_SCHEME, s->schemes, seen));
    }
    return f && wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
}

/* Judged by the type of key in a certificate that the server sent in another connection. RFC 5246, 7.4.2: "the end
 * entity certificate's public key … MUST be compatible with the selected key exchange algorithm"; RFC 8446, 4.4.2.2
 * with signature_algorithms. */
static bool refused_by_key(struct wt_case *k, const struct wt_offer *o)
{
    const struct wt_certificate_facts *leaf = k->facts ? k->facts->leaf : NULL;
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    const struct wt_list_finding *f = NULL;
    size_t all, fitting, schemes = 0;
    if (!leaf || !leaf->parsed || !leaf->key_type)
        return false;
    bool rsa = strcmp(leaf->key_type, "RSA") == 0;
    if (!rsa && strcmp(leaf->key_type, "EC") != 0)
        return false;
    fitting = suites_for_key(o->suites, rsa, &all);
    for (size_t i = 0; i < wt_codes_count(o->schemes); i++)
        schemes += fits_key(wt_codes_at(o->schemes, i), rsa);
    /* schemes first: a client without schemes for such a key also leaves out the suites that need one, while the
     * suites say nothing about the schemes */
    if (o->has_schemes && !schemes)
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_SCHEME, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s: none of the client's signature "
                             "schemes works with the server's key (%s, according to a certificate that it sent in "
                             "another connection); the client offers %s."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at), leaf->key_type,
                           wt_case_list(WT_REG_SIGNATURE_SCHEME, o->schemes, list));
    else if (all && !fitting && !o->tls13)
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_CIPHER_SUITE, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s: none of the client's cipher suites "
                             "works with the server's key (%s, according to a certificate that it sent in another "
                             "connection); the client offers %s."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at), leaf->key_type,
                           wt_case_list(WT_REG_CIPHER_SUITE, o->suites, list));
    return f && wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, false);
}

/* The client offers only TLS 1.3 but no suite for it, or the other way round: no server could choose. */
static bool refused_by_itself(struct wt_case *k, const struct wt_offer *o)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST], names[WT_CASE_LIST];
    size_t usable = 0;
    for (size_t i = 0; i < wt_codes_count(o->suites); i++) {
        const struct wt_suite *s = wt_suite_find(wt_codes_at(o->suites, i));
        usable += s && (s->kx == WT_KX_TLS13 ? o->tls13 : o->tls12);
    }
    if (usable || !o->suites.n)
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_NO_SHARED_CIPHER_SUITE, k->alert->frame,
                       _("The server rejected the ClientHello with alert %s%s: none of the cipher suites that the "
                         "client offers (%s) can be used with the versions that it offers (%s)."),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at),
                       wt_case_list(WT_REG_CIPHER_SUITE, o->suites, list), versions(k, o, names));
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, false);
}

/* A name that no successful connection asked for, while everything else matches: some servers send handshake_failure
 * then. */
static bool refused_by_name(struct wt_case *k, const struct wt_offer *o)
{
    const struct wt_server_facts *s = k->facts;
    char at[WT_CASE_AT], name[72];
    if (!s || !s->names[0][0] || s->without_name)
        return false;
    for (size_t i = 0; i < WT_SERVER_NAMES && s->names[i][0]; i++)
        if (wt_span_equal(wt_span_text(s->names[i]), k->tls->agreed.sni))
            return false;
    const struct wt_list_finding *f =
        o->has_sni ? wt_finding_say(k->tls, WT_FINDING_UNRECOGNIZED_NAME, k->alert->frame,
                                    _("The server rejected the ClientHello with alert %s%s, probably because of the "
                                      "server name %s: everything else in it matches what the server chose in "
                                      "successful connections, which asked for %s."),
                                    wt_case_alert(k), wt_case_at(k->alert->frame, at),
                                    wt_case_span(k->tls->agreed.sni, name), s->names[0])
                   : wt_finding_say(k->tls, WT_FINDING_UNRECOGNIZED_NAME, k->alert->frame,
                                    _("The server rejected the ClientHello with alert %s%s, probably because it has no "
                                      "server_name: everything else in it matches what the server chose in successful "
                                      "connections, which asked for %s."),
                                    wt_case_alert(k), wt_case_at(k->alert->frame, at), s->names[0]);
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
}

/* RFC 8446, 4.2.11: "If no acceptable PSKs are found, the server SHOULD perform a non-PSK handshake if possible". A
 * server that is configured for PSKs has no certificate for that; unknown_psk_identity "is OPTIONAL" (6.2). */
static bool refused_for_psk(struct wt_case *k, const struct wt_offer *o)
{
    char at[WT_CASE_AT];
    if (!k->tls->handshake || !(k->tls->handshake->common.agreed.offered.external_psks & 1) || suspicion_of_suites(o) ||
        suspicion_of_groups(o) || suspicion_of_schemes(o))
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_PSK_UNKNOWN_IDENTITY, k->alert->frame,
                       _("The server rejected the ClientHello with alert %s%s. The ClientHello offers a pre-shared "
                         "key: probably the server does not know the key's identity and has no certificate to fall "
                         "back on. The server's configuration would settle it."),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
}

/* RFC 8446, 9.1: an application "MUST implement the TLS_AES_128_GCM_SHA256 cipher suite", "MUST support key exchange
 * with secp256r1", and signatures with rsa_pss_rsae_sha256 and ecdsa_secp256r1_sha256. A server that rejects a
 * ClientHello with these probably lacks TLS 1.3: it reads a TLS 1.2 hello (legacy_version) without any suite that it
 * knows. */
static bool refused_as_new(struct wt_case *k, const struct wt_offer *o)
{
    const uint16_t suite = 0x1301;
    char at[WT_CASE_AT];
    if (o->tls12 || !wt_codes_have(o->suites, suite) || !wt_codes_have(o->groups, WT_GROUP_SECP256R1) ||
        suspicion_of_suites(o) || suspicion_of_groups(o) || suspicion_of_schemes(o))
        return false;
    for (size_t i = 0; k->facts && i < sizeof k->facts->versions / sizeof *k->facts->versions; i++)
        if (wt_version_is_tls13(k->facts->versions[i]))
            return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
        _("The server rejected the ClientHello with alert %s%s, probably because of its version: the client offers "
          "only TLS 1.3, with every algorithm that a TLS 1.3 server must support. A server without TLS 1.3 finds no "
          "cipher suite that it knows in such a ClientHello. The server's configuration would settle it."),
        wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
}

/* Judged by what is unusual in the ClientHello alone. */
static bool refused_by_look(struct wt_case *k, const struct wt_offer *o)
{
    const unsigned points[SUSPECTS] = {suspicion_of_suites(o), suspicion_of_groups(o), suspicion_of_schemes(o)};
    char at[WT_CASE_AT], suites[WT_CASE_LIST], groups[WT_CASE_LIST], schemes[WT_CASE_LIST];
    const struct wt_list_finding *f;
    enum suspect worst = SUITES;
    for (enum suspect i = GROUPS; i < SUSPECTS; i++)
        if (points[i] > points[worst])
            worst = i;
    wt_case_list(WT_REG_CIPHER_SUITE, o->suites, suites);
    wt_case_list(WT_REG_GROUP, o->groups, groups);
    wt_case_list(WT_REG_SIGNATURE_SCHEME, o->schemes, schemes);
    wt_case_at(k->alert->frame, at);
    if (worst == GROUPS)
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_SHARED_GROUP, k->alert->frame,
            _("The server rejected the ClientHello with alert %s%s, probably because of its key-exchange groups: the "
              "client offers only %s. The alert gives no reason; the server's configuration or log would settle it."),
            wt_case_alert(k), at, groups);
    else if (worst == SCHEMES)
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_SCHEME, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because of its signature "
                             "schemes: the client accepts only %s, which may not work with the server's key. The alert "
                             "gives no reason; the server's certificate or log would settle it."),
                           wt_case_alert(k), at, schemes);
    else if (points[SUITES])
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_SHARED_CIPHER_SUITE, k->alert->frame,
            _("The server rejected the ClientHello with alert %s%s, probably because of its cipher suites: the client "
              "offers %s. The alert gives no reason; the server's configuration or log would settle it."),
            wt_case_alert(k), at, suites);
    else
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_CIPHER_SUITE, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because there is no common "
                             "cipher suite, or none that works with the server's key: the client offers %s. Its groups "
                             "(%s) and signature schemes (%s) are common ones, but could also be the reason%s%s. The "
                             "alert gives no reason; the server's log would settle it."),
                           wt_case_alert(k), at, suites, groups, schemes,
                           o->tls13 ? "" : _("; the server may also require TLS 1.3"),
                           o->has_sni ? "" : _("; the server may also require a server_name, which is missing"));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
}

/* RFC 8996: "TLS 1.0 [and] 1.1 MUST NOT be used"; RFC 7568 says the same of SSL 3.0. Servers that disabled them may
 * send handshake_failure. */
static bool refused_for_age(struct wt_case *k, const struct wt_offer *o)
{
    char at[WT_CASE_AT], list[WT_CASE_LIST];
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_NO_SHARED_VERSION, k->alert->frame,
                       _("The server rejected the ClientHello with alert %s%s, probably because of its version: the "
                         "client offers %s, and most servers require TLS 1.2 or later. The cipher suites could also be "
                         "the reason; the server's configuration would settle it."),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at), versions(k, o, list));
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
}

bool wt_cause_refused_hello(struct wt_case *k)
{
    struct wt_offer offer;
    char at[WT_CASE_AT];
    if (k->tls->proofs[WT_PROOF_PSK_BINDER].result == WT_PROOF_BAD)
        return wt_cause_crypto(k);
    if (!k->has_hello || !k->hello.cipher_suites.n) {
        const struct wt_list_finding *f =
            wt_finding_say(k->tls, WT_FINDING_NO_SHARED_CIPHER_SUITE, k->alert->frame,
                           _("The server rejected the ClientHello with alert %s%s, probably because nothing that it "
                             "offers matches the server's configuration."),
                           wt_case_alert(k), wt_case_at(k->alert->frame, at));
        return wt_case_conclude(k, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, true);
    }
    wt_case_offer(k, &offer);
    if (k->tls->agreed.offered < WT_TLS12 && !offer.tls13 && !(k->facts && k->facts->established))
        return refused_for_age(k, &offer);
    return refused_by_itself(k, &offer) || refused_by_key(k, &offer) || refused_by_facts(k, &offer) ||
           (!suspicion_of_suites(&offer) && !suspicion_of_groups(&offer) && !suspicion_of_schemes(&offer) &&
            refused_by_name(k, &offer)) ||
           refused_for_psk(k, &offer) || refused_as_new(k, &offer) || refused_by_look(k, &offer);
}

/* A first ClientHello that breaks no rule is never unexpected, and its offers are no illegal values: a server that
 * sends these alerts means that it found nothing to choose. */
bool wt_cause_suspect_hello(struct wt_case *k)
{
    struct wt_offer offer;
    if (k->from != WT_SERVER || k->tls->flow.facts & WT_FACT_SERVER_HELLO || k->tls->agreed.retried || !k->has_hello ||
        (k->alert->description != WT_ALERT_UNEXPECTED_MESSAGE && k->alert->description != WT_ALERT_ILLEGAL_PARAMETER))
        return false;
    wt_case_offer(k, &offer);
    return refused_by_itself(k, &offer) || refused_by_key(k, &offer) || refused_by_facts(k, &offer) ||
           ((suspicion_of_suites(&offer) || suspicion_of_groups(&offer) || suspicion_of_schemes(&offer)) &&
            refused_by_look(k, &offer));
}

/* --- the alert names the reason ----------------------------------------------------------------------------------- */

bool wt_cause_alpn(struct wt_case *k)
{
    struct wt_offer offer = {0};
    struct wt_span rest, name;
    char at[WT_CASE_AT], text[72], list[WT_CASE_LIST] = "";
    size_t n = 0;
    if (k->has_hello)
        wt_case_offer(k, &offer);
    rest = offer.protocols;
    for (unsigned i = 0; i < 4 && wt_ext_opaque_next(&rest, 1, &name); i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", wt_case_span(name, text));
    const struct wt_list_finding *f =
        *list ? wt_finding_say(k->tls, WT_FINDING_NO_SHARED_ALPN, k->alert->frame,
                               _("%s supports none of the application protocols that the client offers (%s): it "
                                 "answered with alert no_application_protocol%s."),
                               wt_case_side_first(k->from), list, wt_case_at(k->alert->frame, at))
              : wt_finding_say(k->tls, WT_FINDING_NO_SHARED_ALPN, k->alert->frame,
                               _("%s ended the handshake with alert no_application_protocol%s: the ClientHello offers "
                                 "no application protocol."),
                               wt_case_side_first(k->from), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, wt_case_noticed(k->from), false);
}

bool wt_cause_server_name(struct wt_case *k)
{
    char at[WT_CASE_AT], name[72];
    const struct wt_list_finding *f =
        k->tls->agreed.sni.n
            ? wt_finding_say(k->tls, WT_FINDING_UNRECOGNIZED_NAME, k->alert->frame,
                             _("The server does not know the name %s: it answered with alert unrecognized_name%s."),
                             wt_case_span(k->tls->agreed.sni, name), wt_case_at(k->alert->frame, at))
            : wt_finding_say(k->tls, WT_FINDING_UNRECOGNIZED_NAME, k->alert->frame,
                             _("The server requires a server name, and the ClientHello has no server_name: the server "
                               "answered with alert unrecognized_name%s."),
                             wt_case_at(k->alert->frame, at));
    return k->from == WT_SERVER && wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, false);
}

/* RFC 7507, 3: "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version supported by
 * the server is higher than the version indicated in ClientHello.client_version, the server MUST respond with a fatal
 * inappropriate_fallback alert". */
bool wt_cause_fallback(struct wt_case *k)
{
    const uint16_t fallback_scsv = 0x5600;
    char at[WT_CASE_AT], number[16];
    bool scsv = k->has_hello && wt_codes_have(k->hello.cipher_suites, fallback_scsv);
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_DOWNGRADE_REFUSED, k->alert->frame,
                       scsv ? _("The client fell back to %s (TLS_FALLBACK_SCSV in its ClientHello), but the server "
                                "supports a newer version: it answered with alert inappropriate_fallback%s.")
                            : _("The server treats the %s ClientHello as a fallback and supports a newer version: it "
                                "answered with alert inappropriate_fallback%s."),
                       wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, number), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, wt_case_noticed(k->from), false);
}

/* RFC 8446, 4.1.3: clients "MUST check that the last 8 bytes are not equal to either of these values" and, if they are,
 * "abort the handshake with an illegal_parameter alert". */
bool wt_cause_downgrade(struct wt_case *k)
{
    char at[WT_CASE_AT], chosen[16], offered[16];
    if (!k->has_server_hello || wt_tls_is_13(k->tls) || !wt_server_hello_downgrade(&k->server_hello) ||
        k->tls->agreed.version >= k->tls->agreed.offered)
        return false;
    wt_breach_joins(k->tls, WT_FINDING_DOWNGRADE_DETECTED, k->server_hello_frame, 0);
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_DOWNGRADE_DETECTED, k->server_hello_frame,
        k->from == WT_CLIENT
            ? _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client rejected it with alert %s: the ClientHello was "
                "probably modified on the way.")
            : _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client continued, but the server found that the keys do "
                "not match and sent alert %s: the ClientHello was probably modified on the way."),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.version, chosen), wt_case_at(k->server_hello_frame, at),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, offered), wt_case_alert(k));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, true);
}
