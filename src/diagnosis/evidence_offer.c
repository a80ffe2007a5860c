/* Evidence: what the ClientHello offers, what is unusual in that, and what the same server chose in other
 * connections. */
#include "diagnosis/case.h"

static void add(struct wt_case *k, enum wt_evidence id, bool seen)
{
    if (seen)
        wt_evidence_add(k, id, k->hello_frame, 0);
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static bool accepts(const struct wt_case *k, uint16_t version)
{
    return k->offer.versions.n ? wt_codes_have(k->offer.versions, version) : version <= k->tls->agreed.offered;
}

static void versions(struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    uint16_t draft = 0;
    for (size_t i = 0; i < wt_codes_count(o->versions); i++)
        if (wt_version_is_tls13(wt_codes_at(o->versions, i)))
            draft =
                wt_codes_at(o->versions, i) == WT_TLS13 || draft == WT_TLS13 ? WT_TLS13 : wt_codes_at(o->versions, i);
    if (k->tls->agreed.offered && k->tls->agreed.offered < WT_TLS12 && k->tls->agreed.offered != WT_TLCP && !o->tls13)
        wt_evidence_add(k, WT_EVIDENCE_OFFER_OLD, k->hello_frame, k->tls->agreed.offered);
    if (draft && draft != WT_TLS13)
        wt_evidence_add(k, WT_EVIDENCE_OFFER_DRAFT, k->hello_frame, draft);
    add(k, WT_EVIDENCE_OFFER_CURRENT, draft == WT_TLS13 && wt_codes_have(o->versions, WT_TLS12));
    /* RFC 9001, 4.2: "Clients MUST NOT offer TLS versions older than 1.3" in QUIC: nobody misses them */
    add(k, WT_EVIDENCE_OFFER_ONLY_13, o->tls13 && !o->tls12 && !k->tls->quic);
    add(k, WT_EVIDENCE_OFFER_UPTO_12, !o->tls13 && accepts(k, WT_TLS12));
}

/* RFC 8446, 9.1: an application "MUST implement the TLS_AES_128_GCM_SHA256 ... cipher suite", "MUST support key
 * exchange with secp256r1", and signatures with rsa_pss_rsae_sha256 and ecdsa_secp256r1_sha256. A server that rejects a
 * ClientHello with these probably lacks TLS 1.3: it reads a TLS 1.2 hello (legacy_version) without any suite that it
 * knows. */
static bool is_whole_13(const struct wt_offer *o)
{
    return wt_codes_have(o->suites, 0x1301) && wt_codes_have(o->groups, WT_GROUP_SECP256R1);
}

/* --- suites ------------------------------------------------------------------------------------------------------- */

static void suites(struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    unsigned old = 0, fresh = 0, new13 = 0, usable = 0, rsa = 0, ecdsa = 0, other = 0;
    for (size_t i = 0; i < wt_codes_count(o->suites); i++) {
        const struct wt_suite *s = wt_suite_find(wt_codes_at(o->suites, i));
        if (!s)
            continue;
        usable += s->kx == WT_KX_TLS13 ? o->tls13 : o->tls12;
        if (s->kx == WT_KX_TLS13) {
            new13++;
            continue;
        }
        enum wt_cipher_mode mode = wt_cipher_of((enum wt_cipher_id)s->cipher)->mode;
        old++;
        fresh += s->kx == WT_KX_ECDHE && (mode == WT_MODE_GCM || mode == WT_MODE_POLY1305);
        rsa += s->auth == WT_AUTH_RSA;
        ecdsa += s->auth == WT_AUTH_ECDSA;
        other += s->auth != WT_AUTH_RSA && s->auth != WT_AUTH_ECDSA;
    }
    add(k, WT_EVIDENCE_SUITES_UNUSABLE, o->suites.n && !usable);
    add(k, WT_EVIDENCE_SUITES_OLD, o->tls12 && old && !fresh);
    add(k, WT_EVIDENCE_SUITE_ALONE, (o->tls12 && old == 1) || (!o->tls12 && new13 == 1));
    add(k, WT_EVIDENCE_SUITES_FEW_13, !o->tls12 && new13 == 2); /* three are common */
    add(k, WT_EVIDENCE_SUITES_ONE_KEY, o->tls12 && !o->tls13 && !other && old > 1 && (!rsa != !ecdsa));
}

/* --- groups and schemes ------------------------------------------------------------------------------------------- */

/* GREASE is no offer (RFC 8701, 3.1). */
static size_t offers_of(struct wt_span codes)
{
    size_t n = 0;
    for (size_t i = 0; i < wt_codes_count(codes); i++)
        n += !wt_is_grease(wt_codes_at(codes, i));
    return n;
}

/* What both sides of nearly every connection support today: RFC 8446, 9.1 and RFC 9325, 4.2. */
static void groups(struct wt_case *k)
{
    static const uint16_t common[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1, WT_GROUP_SECP384R1};
    const struct wt_offer *o = &k->offer;
    size_t n = offers_of(o->groups);
    bool any = false;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        any |= wt_codes_have(o->groups, common[i]);
    add(k, WT_EVIDENCE_GROUPS_UNCOMMON, o->has_groups && !any);
    add(k, WT_EVIDENCE_GROUP_ALONE, o->has_groups && n == 1);
    add(k, WT_EVIDENCE_GROUPS_FEW, o->has_groups && n == 2);
}

static bool fits_key(uint16_t scheme, bool rsa)
{
    const struct wt_scheme *s = wt_scheme_find(scheme);
    if (!s)
        return false;
    return rsa ? s->key == WT_KEY_RSA || s->key == WT_KEY_RSA_PSS : s->key == WT_KEY_EC;
}

static size_t schemes_for_key(const struct wt_offer *o, bool rsa)
{
    size_t n = 0;
    for (size_t i = 0; i < wt_codes_count(o->schemes); i++)
        n += fits_key(wt_codes_at(o->schemes, i), rsa);
    return n;
}

static void schemes(struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    size_t n = offers_of(o->schemes);
    add(k, WT_EVIDENCE_SCHEMES_NO_RSA, o->has_schemes && !schemes_for_key(o, true));
    add(k, WT_EVIDENCE_SCHEMES_NO_ECDSA, o->has_schemes && !schemes_for_key(o, false));
    add(k, WT_EVIDENCE_SCHEME_ALONE, o->has_schemes && n == 1);
    add(k, WT_EVIDENCE_SCHEMES_FEW, o->has_schemes && n == 2);
}

static void others(struct wt_case *k)
{
    const struct wt_extensions *e = &k->hello.extensions;
    struct wt_span body;
    add(k, WT_EVIDENCE_OFFER_GREASE, k->tls->seen.flags & WT_SEEN_GREASE);
    add(k, WT_EVIDENCE_NAME_ABSENT, !k->offer.has_sni && !k->tls->starttls && !(k->server && k->server->without_name));
    add(k, WT_EVIDENCE_PSK_OFFERED, wt_extensions_find(e, WT_EXT_PRE_SHARED_KEY, &body));
    add(k, WT_EVIDENCE_PSK_EXTERNAL, k->tls->handshake && k->tls->handshake->common.agreed.offered.external_psks & 1);
    add(k, WT_EVIDENCE_NO_MASTER_SECRET_EXTENSION,
        !k->offer.tls13 && accepts(k, WT_TLS12) && !wt_extensions_find(e, WT_EXT_EXTENDED_MASTER_SECRET, &body));
}

/* --- the server's other connections ------------------------------------------------------------------------------- */

/* Whether none of the numbers that were seen is offered; false if none was seen, or so many that some may be missing.
 */
static bool misses(const uint16_t *list, size_t room, struct wt_span offered)
{
    for (size_t i = 0; i < room && list[i]; i++)
        if (wt_codes_have(offered, list[i]))
            return false;
    return list[0] && !list[room - 1];
}

#define MISSES(list, offered) misses(list, sizeof(list) / sizeof *(list), offered)

/* A name that no successful connection asked for, as far as all of theirs are known: some servers send
 * handshake_failure then. */
static bool name_misses(const struct wt_case *k)
{
    const struct wt_server_facts *s = k->server;
    if (!s->names[0][0] || s->more_names || s->without_name)
        return false;
    for (size_t i = 0; i < WT_SERVER_NAMES && s->names[i][0]; i++)
        if (wt_span_equal(wt_span_text(s->names[i]), k->tls->agreed.sni))
            return false;
    return true;
}

/* By the type of key in a certificate that the server sent. RFC 5246, 7.4.2: "the end entity certificate's public key
 * … MUST be compatible with the selected key exchange algorithm"; RFC 8446, 4.4.2.2 with signature_algorithms. */
static void by_key(struct wt_case *k)
{
    const struct wt_offer *o = &k->offer;
    size_t all = 0, fitting = 0;
    bool rsa = strcmp(k->server->key_type, "RSA") == 0;
    if (!rsa && strcmp(k->server->key_type, "EC") != 0)
        return;
    for (size_t i = 0; i < wt_codes_count(o->suites); i++) {
        const struct wt_suite *s = wt_suite_find(wt_codes_at(o->suites, i));
        if (!s || s->auth == WT_AUTH_TLS13)
            continue;
        all++;
        fitting += (s->auth != WT_AUTH_RSA && s->auth != WT_AUTH_ECDSA) || (s->auth == WT_AUTH_RSA) == rsa;
    }
    add(k, WT_EVIDENCE_SCHEMES_MISS_KEY, o->has_schemes && !schemes_for_key(o, rsa));
    add(k, WT_EVIDENCE_SUITES_MISS_KEY, all && !fitting && !o->tls13);
}

static void by_server(struct wt_case *k)
{
    const struct wt_server_facts *s = k->server;
    const struct wt_offer *o = &k->offer;
    bool version = false;
    by_key(k);
    add(k, WT_EVIDENCE_NAME_MISSES, name_misses(k));
    if (!s->established)
        return;
    wt_evidence_add(k, WT_EVIDENCE_SERVER_KNOWN, 0, s->established);
    for (size_t i = 0; i < sizeof s->versions / sizeof *s->versions && s->versions[i]; i++)
        version |= accepts(k, s->versions[i]);
    add(k, WT_EVIDENCE_VERSIONS_MEET, version);
    add(k, WT_EVIDENCE_GREASE_ACCEPTED, s->greased);
    add(k, WT_EVIDENCE_SERVER_VERSIONS_KNOWN, s->versions[0]);
    add(k, WT_EVIDENCE_VERSIONS_MISS, s->versions[0] && !version);
    add(k, WT_EVIDENCE_SUITES_MISS, MISSES(s->suites, o->suites));
    add(k, WT_EVIDENCE_GROUPS_MISS, o->has_groups && MISSES(s->groups, o->groups));
    add(k, WT_EVIDENCE_SCHEMES_MISS, o->has_schemes && MISSES(s->schemes, o->schemes));
}

void wt_evidence_offer(struct wt_case *k)
{
    if (!k->has_hello || !k->hello.cipher_suites.n)
        return;
    add(k, WT_EVIDENCE_OFFER, true);
    versions(k);
    suites(k);
    groups(k);
    schemes(k);
    for (unsigned e = WT_EVIDENCE_SUITES_OLD; e <= WT_EVIDENCE_SCHEMES_FEW; e++)
        add(k, WT_EVIDENCE_OFFER_UNUSUAL, e != WT_EVIDENCE_SUITES_ONE_KEY && wt_evidence_has(k, (enum wt_evidence)e));
    add(k, WT_EVIDENCE_OFFER_WHOLE_13, is_whole_13(&k->offer));
    others(k);
    if (k->server)
        by_server(k);
}
