/* ServerHello and HelloRetryRequest. */
#include "handshake/rules_check.h"

static bool has(const struct wt_server_hello *hello, uint16_t id)
{
    struct wt_span none;
    return wt_extensions_find(&hello->extensions, id, &none);
}

/* Where the suite is: RFC 8446, 4.1.3, after legacy_version, random and legacy_session_id_echo. */
static const uint8_t *suite_at(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    return k->body.p + 2 + 32 + (hello->has_session_id ? 1 + hello->session_id.n : 0);
}

/* --- of any version ----------------------------------------------------------------------------------------------- */

static void suite(const struct wt_rules_case *k, const struct wt_server_hello *hello, uint16_t version)
{
    const struct wt_suite *s = wt_suite_find(hello->cipher_suite);
    const uint8_t *at = suite_at(k, hello);
    bool tls13 = s && s->kx == WT_KX_TLS13;
    if (wt_suite_is_signal(hello->cipher_suite)) {
        wt_rules_broken(k, WT_RULE_SERVER_SUITE_SIGNAL, at, hello->cipher_suite, 0);
        return;
    }
    if (wt_agreed_has(k->agreed, WT_SET_SUITES, hello->cipher_suite) == WT_IS_NOT)
        wt_rules_broken(k, WT_RULE_SERVER_SUITE, at, hello->cipher_suite, 0);
    else if (s && ((wt_rules_is_13(version) && !tls13) || (wt_rules_is_12(version) && tls13)))
        wt_rules_broken(k, WT_RULE_SERVER_SUITE_13, at, hello->cipher_suite, 0);
    else if (s && version >= WT_SSL3 && version < WT_TLS12 && wt_suite_min_version(s) == WT_TLS12)
        wt_rules_broken(k, WT_RULE_SERVER_SUITE_VERSION, at, hello->cipher_suite, 0);
}

/* RFC 8446, 4.1.3: the sentinel. Another version than the client's highest is no proof of anything: the server may have
 * no newer one. */
static void downgrade(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    if (k->agreed->offered.whole && k->agreed->offered.highest_version == WT_TLS13 && wt_server_hello_downgrade(hello))
        wt_rules_broken(k, WT_RULE_SERVER_DOWNGRADE, hello->random.p + 24, 0, 0);
}

/* --- TLS 1.3 ------------------------------------------------------------------------------------------------------ */

static void fields_13(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_offered *o = &k->agreed->offered;
    /* where the client's hello was not seen, the server's says itself that it is of DTLS */
    const bool dtls = o->seen ? o->dtls : wt_version_is_dtls(hello->legacy_version);
    if (!dtls && hello->legacy_version != WT_TLS12)
        wt_rules_broken(k, WT_RULE_SERVER_LEGACY_VERSION, k->body.p, hello->legacy_version, WT_TLS12);
    /* RFC 9147, 5: "DTLS servers MUST NOT echo the "legacy_session_id" value from the client" */
    if (o->seen && o->whole && !o->ssl2 && !o->dtls &&
        !wt_span_equal(hello->session_id, wt_span_of(o->session_id, o->session_id_length)))
        wt_rules_broken(k, WT_RULE_SERVER_SESSION_ID, k->body.p + 34, 0, 0);
}

static void version_13(const struct wt_rules_case *k, const struct wt_server_hello *hello, uint16_t version)
{
    const uint8_t *at = NULL;
    union wt_ext_body e;
    enum wt_ext_where where = wt_server_hello_is_retry(hello) ? WT_IN_HRR : WT_IN_SH;
    if (!wt_rules_body(&hello->extensions, WT_EXT_SUPPORTED_VERSIONS, where, &e, &at))
        return;
    /* one that nobody asked for is the grid's to find */
    if (wt_agreed_offers(k->agreed, WT_EXT_SUPPORTED_VERSIONS, NULL) != WT_IS_NOT &&
        ((!wt_version_is_tls13(version) && version != WT_DTLS13) ||
         wt_agreed_has(k->agreed, WT_SET_VERSIONS, version) == WT_IS_NOT))
        wt_rules_broken(k, WT_RULE_SERVER_VERSION, at + 4, version, 0);
    if (where == WT_IN_SH && k->agreed->retry.seen && k->agreed->retry.version != version)
        wt_rules_broken(k, WT_RULE_SERVER_RETRY_VERSION, at + 4, version, k->agreed->retry.version);
}

static void share(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    union wt_ext_body e;
    const uint8_t *at = NULL;
    if (!wt_rules_body(&hello->extensions, WT_EXT_KEY_SHARE, WT_IN_SH, &e, &at))
        return;
    if (a->retry.seen && a->retry.group && e.key_share.group != a->retry.group)
        wt_rules_broken(k, WT_RULE_SERVER_SHARE_RETRY, at + 4, e.key_share.group, a->retry.group);
    else if (wt_agreed_offers(a, WT_EXT_KEY_SHARE, NULL) == WT_IS)
        wt_rules_listed(k, WT_RULE_SERVER_SHARE_GROUP, WT_SET_SHARES, at + 4, e.key_share.group);
    wt_rules_share_length(k, WT_RULE_SERVER_SHARE_LENGTH, e.key_share.group, e.key_share.key_exchange);
}

static void psk(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    enum { PSK_KE = 0, PSK_DHE_KE = 1 }; /* RFC 8446, 4.2.9 */
    union wt_ext_body e;
    const uint8_t *at = NULL;
    const bool key_share = has(hello, WT_EXT_KEY_SHARE);
    if (!wt_rules_body(&hello->extensions, WT_EXT_PRE_SHARED_KEY, WT_IN_SH, &e, &at)) {
        if (!key_share && !has(hello, WT_EXT_PRE_SHARED_KEY))
            wt_rules_broken(k, WT_RULE_SERVER_KEYS_MISSING, NULL, WT_EXT_KEY_SHARE, 0);
        return;
    }
    if (a->offered.whole && a->offered.psks && e.pre_shared_key.selected_identity >= a->offered.psks)
        wt_rules_broken(k, WT_RULE_SERVER_PSK_INDEX, at + 4, e.pre_shared_key.selected_identity, a->offered.psks);
    if (!a->sets[WT_SET_PSK_MODES].present)
        return;
    if (!key_share && wt_agreed_has(a, WT_SET_PSK_MODES, PSK_KE) == WT_IS_NOT)
        wt_rules_broken(k, WT_RULE_SERVER_PSK_SHARE, NULL, WT_EXT_KEY_SHARE, 0);
    if (key_share && wt_agreed_has(a, WT_SET_PSK_MODES, PSK_DHE_KE) == WT_IS_NOT)
        wt_rules_broken(k, WT_RULE_SERVER_PSK_MODE, at, WT_EXT_PRE_SHARED_KEY, 0);
}

static void retry(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    union wt_ext_body e;
    const uint8_t *at = NULL;
    bool share = wt_rules_body(&hello->extensions, WT_EXT_KEY_SHARE, WT_IN_HRR, &e, &at);
    if (!has(hello, WT_EXT_SUPPORTED_VERSIONS))
        wt_rules_broken(k, WT_RULE_RETRY_VERSION_MISSING, NULL, WT_EXT_SUPPORTED_VERSIONS, 0);
    if (!has(hello, WT_EXT_KEY_SHARE) && !has(hello, WT_EXT_COOKIE)) {
        /* RFC 8446, 4.1.2: "Other modifications that may be allowed by an extension defined in the future" */
        struct wt_span rest = hello->extensions.block;
        struct wt_extension x;
        bool other = false;
        while (wt_extensions_next(&rest, &x))
            other |= x.id != WT_EXT_SUPPORTED_VERSIONS;
        if (!other)
            wt_rules_broken(k, WT_RULE_RETRY_NO_CHANGE, NULL, WT_EXT_KEY_SHARE, 0);
    }
    if (!share || a->offered.stale || a->offered.second) /* a second one has no place at all: flow.def */
        return;
    if (wt_agreed_offers(a, WT_EXT_SUPPORTED_GROUPS, NULL) == WT_IS)
        wt_rules_listed(k, WT_RULE_RETRY_GROUP, WT_SET_GROUPS, at + 4, e.key_share.group);
    if (a->offered.whole && wt_agreed_has(a, WT_SET_SHARES, e.key_share.group) == WT_IS)
        wt_rules_broken(k, WT_RULE_RETRY_SHARE, at + 4, e.key_share.group, 0);
}

static void hello_13(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    if (a->retry.seen && a->retry.has_suite && hello->cipher_suite != a->retry.suite)
        wt_rules_broken(k, WT_RULE_SERVER_RETRY_SUITE, suite_at(k, hello), hello->cipher_suite, a->retry.suite);
    share(k, hello);
    psk(k, hello);
}

/* --- up to TLS 1.2 ------------------------------------------------------------------------------------------------ */

static void renegotiation(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    const uint8_t client = a->verify_data_length[WT_CLIENT], server = a->verify_data_length[WT_SERVER];
    union wt_ext_body e;
    const uint8_t *at = NULL;
    bool well = wt_rules_body(&hello->extensions, WT_EXT_RENEGOTIATION_INFO, WT_IN_SH12, &e, &at);
    const struct wt_span in = well ? e.renegotiation_info.renegotiated_connection : (struct wt_span){0};
    if (a->first && !a->again && in.n)
        wt_rules_broken(k, WT_RULE_SERVER_RENEGOTIATED, at + 4, 0, 0);
    if (a->interleaved && a->again && a->was_extended && !has(hello, WT_EXT_EXTENDED_MASTER_SECRET) &&
        wt_agreed_offers(a, WT_EXT_EXTENDED_MASTER_SECRET, NULL) == WT_IS)
        wt_rules_broken(k, WT_RULE_SERVER_EXTENDED_MASTER_AGAIN, NULL, WT_EXT_EXTENDED_MASTER_SECRET, 0);
    if (!a->again || !a->was_secure)
        return;
    if (!has(hello, WT_EXT_RENEGOTIATION_INFO))
        wt_rules_broken(k, WT_RULE_SERVER_RENEGOTIATION_MISSING, NULL, WT_EXT_RENEGOTIATION_INFO, 0);
    if (well && client && server &&
        !(in.n == (size_t)client + server &&
          wt_span_equal(wt_span_cut(in, 0, client), wt_span_of(a->verify_data[WT_CLIENT], client)) &&
          wt_span_equal(wt_span_cut(in, client, server), wt_span_of(a->verify_data[WT_SERVER], server))))
        wt_rules_broken(k, WT_RULE_SERVER_RENEGOTIATION_DATA, at + 4, 0, 0);
}

/* RFC 7366, 3: Encrypt-then-MAC is for block ciphers alone. */
static void encrypt_then_mac(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_suite *s = wt_suite_find(hello->cipher_suite);
    const struct wt_cipher *cipher = s ? wt_cipher_of((enum wt_cipher_id)s->cipher) : NULL;
    struct wt_span body;
    if (cipher && cipher->mode != WT_MODE_CBC && cipher->mode != WT_MODE_OTHER && cipher->mode != WT_MODE_NULL &&
        wt_extensions_find(&hello->extensions, WT_EXT_ENCRYPT_THEN_MAC, &body))
        wt_rules_broken(k, WT_RULE_SERVER_ENCRYPT_THEN_MAC, body.p - 4, WT_EXT_ENCRYPT_THEN_MAC, 0);
}

static void resumption(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const struct wt_session_terms *session = &k->agreed->session;
    struct wt_span body = {0};
    if (!wt_agreed_resumes(k->agreed, hello))
        return;
    if (wt_extensions_find(&hello->extensions, WT_EXT_SERVER_NAME, &body))
        wt_rules_broken(k, WT_RULE_SERVER_NAME_RESUMED, body.p - 4, WT_EXT_SERVER_NAME, 0);
    if (!session->known)
        return;
    if (hello->cipher_suite != session->suite)
        wt_rules_broken(k, WT_RULE_SESSION_SUITE, suite_at(k, hello), hello->cipher_suite, session->suite);
    bool extended = wt_extensions_find(&hello->extensions, WT_EXT_EXTENDED_MASTER_SECRET, &body);
    if (extended && !session->extended_master)
        wt_rules_broken(k, WT_RULE_SESSION_EXTENDED_MASTER, body.p - 4, WT_EXT_EXTENDED_MASTER_SECRET, 0);
    if (!extended && session->extended_master)
        wt_rules_broken(k, WT_RULE_SESSION_EXTENDED_MASTER_MISSING, NULL, WT_EXT_EXTENDED_MASTER_SECRET, 0);
}

static void hello_12(const struct wt_rules_case *k, const struct wt_server_hello *hello, uint16_t version)
{
    const uint8_t *method = suite_at(k, hello) + 2;
    const struct wt_offered *o = &k->agreed->offered;
    /* a server that does not know supported_versions is right to go by legacy_version; the client leaves all the same
     */
    if (o->seen && !o->dtls && version > o->legacy_version && o->legacy_version >= WT_SSL3)
        wt_rules_broken(k, WT_RULE_SERVER_VERSION_HIGHER, k->body.p, version, o->legacy_version);
    else if (wt_agreed_has(k->agreed, WT_SET_VERSIONS, version) == WT_IS_NOT)
        wt_rules_broken(k, WT_RULE_SERVER_VERSION_12, k->body.p, version, o->highest_version);
    wt_rules_listed(k, WT_RULE_SERVER_COMPRESSION, WT_SET_COMPRESSION, method, hello->compression_method);
    downgrade(k, hello);
    wt_rules_extensions(k, &hello->extensions, WT_IN_SH12);
    wt_rules_answers(k, &hello->extensions, WT_IN_SH12);
    renegotiation(k, hello);
    encrypt_then_mac(k, hello);
    resumption(k, hello);
}

void wt_rules_server_hello(const struct wt_rules_case *k, const struct wt_server_hello *hello)
{
    const bool again = wt_server_hello_is_retry(hello);
    const uint16_t version = wt_agreed_version_of(hello);
    if (!hello->has_session_id) { /* a draft before 22 of TLS 1.3 */
        wt_rules_listed(k, WT_RULE_SERVER_SUITE, WT_SET_SUITES, suite_at(k, hello), hello->cipher_suite);
        return;
    }
    version_13(k, hello, version);
    suite(k, hello, again && !wt_version_is_tls13(version) ? WT_TLS13 : version);
    if (wt_rules_is_13(version) || (again && !wt_version_is_tls13(version))) {
        fields_13(k, hello);
        wt_rules_extensions(k, &hello->extensions, again ? WT_IN_HRR : WT_IN_SH);
        if (again)
            retry(k, hello);
        else
            hello_13(k, hello);
    } else if (wt_rules_is_12(version) && !has(hello, WT_EXT_SUPPORTED_VERSIONS)) {
        hello_12(k, hello, version);
    }
}
