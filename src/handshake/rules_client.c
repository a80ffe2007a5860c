/* ClientHello: the first, the one after a HelloRetryRequest, and one that begins a renegotiation. */
#include "base/span_hash.h"
#include "handshake/rules_check.h"

static bool has(const struct wt_client_hello *hello, uint16_t id)
{
    struct wt_span none;
    return wt_extensions_find(&hello->extensions, id, &none);
}

static const uint8_t *type_at(const struct wt_client_hello *hello, uint16_t id)
{
    struct wt_span body;
    return wt_extensions_find(&hello->extensions, id, &body) ? body.p - 4 : NULL;
}

static void missing(const struct wt_rules_case *k, enum wt_rule_id rule, uint16_t id)
{
    wt_rules_broken(k, rule, NULL, id, 0);
}

/* --- for TLS 1.3 -------------------------------------------------------------------------------------------------- */

/* RFC 8446, 9.2: "A client is considered to be attempting to negotiate using this specification if the ClientHello
 * contains a 'supported_versions' extension with 0x0304 contained in its body." */
static bool offers_13(const struct wt_client_hello *hello)
{
    union wt_ext_body e;
    return wt_rules_body(&hello->extensions, WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, &e, NULL) &&
           wt_codes_have(e.supported_versions.versions, WT_TLS13);
}

/* RFC 8446, 9.2: "An empty KeyShare.client_shares vector is permitted." */
static void must_have(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const bool psk = has(hello, WT_EXT_PRE_SHARED_KEY), groups = has(hello, WT_EXT_SUPPORTED_GROUPS),
               share = has(hello, WT_EXT_KEY_SHARE);
    if (!psk && !has(hello, WT_EXT_SIGNATURE_ALGORITHMS))
        missing(k, WT_RULE_CLIENT_SCHEMES_MISSING, WT_EXT_SIGNATURE_ALGORITHMS);
    if (!groups && share)
        missing(k, WT_RULE_CLIENT_SHARE_MISSING, WT_EXT_SUPPORTED_GROUPS);
    else if (!groups && !psk)
        missing(k, WT_RULE_CLIENT_GROUPS_MISSING, WT_EXT_SUPPORTED_GROUPS);
    if (groups && !share)
        missing(k, WT_RULE_CLIENT_SHARE_MISSING, WT_EXT_KEY_SHARE);
    if (psk && !has(hello, WT_EXT_PSK_KEY_EXCHANGE_MODES))
        missing(k, WT_RULE_CLIENT_PSK_MODES_MISSING, WT_EXT_PSK_KEY_EXCHANGE_MODES);
    if (has(hello, WT_EXT_EARLY_DATA) && !psk)
        missing(k, WT_RULE_CLIENT_EARLY_DATA_PSK, WT_EXT_PRE_SHARED_KEY);
}

static void psk_last(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    struct wt_span body;
    if (wt_extensions_find(&hello->extensions, WT_EXT_PRE_SHARED_KEY, &body) &&
        body.p + body.n != hello->extensions.block.p + hello->extensions.block.n)
        wt_rules_broken(k, WT_RULE_CLIENT_PSK_LAST, body.p - 4, WT_EXT_PRE_SHARED_KEY, 0);
}

static size_t place_of(struct wt_span codes, uint16_t code, size_t from)
{
    for (size_t i = from; i < wt_codes_count(codes); i++)
        if (wt_codes_at(codes, i) == code)
            return i;
    return SIZE_MAX;
}

/* Shares are a part of supported_groups, in its order: one walk over both, and the first that is not ends it. GREASE is
 * nobody's to check. */
static void shares(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    union wt_ext_body e, groups;
    struct wt_span key;
    uint16_t group;
    size_t next = 0;
    if (!wt_rules_body(&hello->extensions, WT_EXT_KEY_SHARE, WT_IN_CH, &e, NULL) ||
        !wt_rules_body(&hello->extensions, WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, &groups, NULL))
        return;
    const struct wt_span list = groups.supported_groups.named_group_list;
    struct wt_span rest = e.key_share.client_shares;
    while (wt_ext_key_share_next(&rest, &group, &key)) {
        size_t at = wt_is_grease(group) ? next : place_of(list, group, next);
        if (at == SIZE_MAX) {
            wt_rules_broken(
                k, place_of(list, group, 0) == SIZE_MAX ? WT_RULE_CLIENT_SHARE_GROUP : WT_RULE_CLIENT_SHARE_ORDER,
                key.p - 4, group, 0);
            return;
        }
        next = at;
        wt_rules_share_length(k, WT_RULE_CLIENT_SHARE_LENGTH, group, key);
    }
}

static void for_13(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_span methods = hello->compression_methods;
    const bool dtls = wt_version_is_dtls(hello->legacy_version);
    if (!dtls && hello->legacy_version != WT_TLS12)
        wt_rules_broken(k, WT_RULE_CLIENT_LEGACY_VERSION, k->body.p, hello->legacy_version, WT_TLS12);
    if (methods.n > 1)
        wt_rules_broken(k, WT_RULE_CLIENT_COMPRESSION_13, methods.p, methods.p[0] ? methods.p[0] : methods.p[1], 0);
    must_have(k, hello);
    psk_last(k, hello);
    shares(k, hello);
    wt_rules_extensions(k, &hello->extensions, WT_IN_CH);
    /* a hello that came before may have been refused by a HelloRetryRequest that is not seen yet */
    if (has(hello, WT_EXT_COOKIE) && !k->agreed->retry.seen && k->agreed->first && !k->agreed->offered.seen)
        wt_rules_broken(k, WT_RULE_CLIENT_COOKIE, type_at(hello, WT_EXT_COOKIE), WT_EXT_COOKIE, 0);
}

/* --- after a HelloRetryRequest --------------------------------------------------------------------------------------
 */

static bool same_bytes(struct wt_span bytes, const uint8_t *p, size_t n)
{
    return wt_span_equal(bytes, wt_span_of(p, n));
}

/* Whether a second hello has to have it as the first did; with_shares: also key_share. */
static bool must_repeat(uint16_t id, bool with_shares)
{
    return !wt_agreed_may_change(id) || (with_shares && id == WT_EXT_KEY_SHARE);
}

/* The next of an extension block that a second hello has to repeat; false at the end. */
static bool next_kept(struct wt_span *rest, bool with_shares, struct wt_extension *out)
{
    while (wt_extensions_next(rest, out))
        if (!wt_is_grease(out->id) && must_repeat(out->id, with_shares))
            return true;
    return false;
}

/* Where the first hello has an extension; extension_count: nowhere. */
static unsigned first_has(const struct wt_offered *o, uint16_t id)
{
    unsigned i = 0;
    while (i < o->extension_count && o->extension[i] != id)
        i++;
    return i;
}

/* Extensions that may not change are the same, and in the same order. The first one that is not is reported: the order,
 * where nothing but the order is another. */
static void same_extensions(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_offered *o = &k->agreed->offered;
    const bool with_shares = !k->agreed->retry.group;
    struct wt_span rest = hello->extensions.block;
    struct wt_extension e, moved = {0};
    unsigned next = 0;
    if (o->more_extensions || k->agreed->retry.other)
        return;
    while (next_kept(&rest, with_shares, &e)) {
        const unsigned i = first_has(o, e.id);
        if (i == o->extension_count || o->body_hash[i] != (uint32_t)wt_span_hash(e.body)) {
            wt_rules_broken(k, WT_RULE_SECOND_EXTENSION, e.body.p - 4, e.id, 0);
            return;
        }
        while (next < i && !must_repeat(o->extension[next], with_shares))
            next++;
        if (i != next && !moved.body.p)
            moved = e;
        next = i + 1;
    }
    for (unsigned i = 0; i < o->extension_count; i++)
        if (must_repeat(o->extension[i], with_shares) && !has(hello, o->extension[i])) {
            wt_rules_broken(k, WT_RULE_SECOND_EXTENSION, NULL, o->extension[i], o->extension[i]);
            return;
        }
    if (moved.body.p)
        wt_rules_broken(k, WT_RULE_SECOND_ORDER, moved.body.p - 4, moved.id, 0);
}

/* One share, of the group that was asked for. */
static void second_share(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    union wt_ext_body e;
    struct wt_span rest, key = {0};
    const uint8_t *at = NULL;
    uint16_t group = 0, other;
    if (!k->agreed->retry.group || !wt_rules_body(&hello->extensions, WT_EXT_KEY_SHARE, WT_IN_CH, &e, &at))
        return;
    rest = e.key_share.client_shares;
    bool one = wt_ext_key_share_next(&rest, &group, &key) && !wt_ext_key_share_next(&rest, &other, &key);
    if (!one || group != k->agreed->retry.group)
        wt_rules_broken(k, WT_RULE_SECOND_SHARE, at + 4, group, k->agreed->retry.group);
}

static void second_cookie(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_retry *r = &k->agreed->retry;
    union wt_ext_body e;
    const uint8_t *at = NULL;
    bool there = has(hello, WT_EXT_COOKIE);
    if (there != r->has_cookie || (there && wt_rules_body(&hello->extensions, WT_EXT_COOKIE, WT_IN_CH, &e, &at) &&
                                   wt_span_hash(e.cookie.cookie) != r->cookie))
        wt_rules_broken(k, WT_RULE_SECOND_COOKIE, type_at(hello, WT_EXT_COOKIE), 0, 0);
}

static void second(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_offered *o = &k->agreed->offered;
    if (!o->seen) /* it may be the first one, which an observer sees late */
        return;
    if (has(hello, WT_EXT_EARLY_DATA))
        wt_rules_broken(k, WT_RULE_SECOND_EARLY_DATA, type_at(hello, WT_EXT_EARLY_DATA), WT_EXT_EARLY_DATA, 0);
    second_share(k, hello);
    second_cookie(k, hello);
    if (!o->whole || o->second)
        return;
    if (hello->legacy_version != o->legacy_version)
        wt_rules_broken(k, WT_RULE_SECOND_VERSION, k->body.p, hello->legacy_version, o->legacy_version);
    if (!same_bytes(hello->random, o->random, o->random_length))
        wt_rules_broken(k, WT_RULE_SECOND_RANDOM, hello->random.p, 0, 0);
    if (!same_bytes(hello->session_id, o->session_id, o->session_id_length))
        wt_rules_broken(k, WT_RULE_SECOND_SESSION_ID, hello->session_id.p, 0, 0);
    if ((uint32_t)wt_span_hash(hello->cipher_suites) != o->suites_hash)
        wt_rules_broken(k, WT_RULE_SECOND_SUITES, hello->cipher_suites.p, 0, 0);
    if ((uint32_t)wt_span_hash(hello->compression_methods) != o->compression_hash)
        wt_rules_broken(k, WT_RULE_SECOND_COMPRESSION, hello->compression_methods.p, 0, 0);
    same_extensions(k, hello);
}

/* --- renegotiation
 * ---------------------------------------------------------------------------------------------------- */

static void renegotiation(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_agreed *a = k->agreed;
    union wt_ext_body e;
    const uint8_t *at = NULL;
    bool there = has(hello, WT_EXT_RENEGOTIATION_INFO);
    bool well = wt_rules_body(&hello->extensions, WT_EXT_RENEGOTIATION_INFO, WT_IN_CH, &e, &at);
    if (a->first && !a->again && well && e.renegotiation_info.renegotiated_connection.n)
        wt_rules_broken(k, WT_RULE_CLIENT_RENEGOTIATED, at + 4, 0, 0);
    /* Who has sent it once implements it. The RFC has no peer abort for that: those who take part refuse it since keys
     * of such a handshake may be shared with another one (its section 1), and who only reads says nothing. */
    if (a->interleaved && a->again && a->was_extended && !has(hello, WT_EXT_EXTENDED_MASTER_SECRET))
        missing(k, WT_RULE_CLIENT_EXTENDED_MASTER_AGAIN, WT_EXT_EXTENDED_MASTER_SECRET);
    if (!a->again || !a->was_secure)
        return;
    if (!there)
        missing(k, WT_RULE_CLIENT_RENEGOTIATION_MISSING, WT_EXT_RENEGOTIATION_INFO);
    if (wt_codes_have(hello->cipher_suites, 0x00ff))
        wt_rules_broken(k, WT_RULE_CLIENT_RENEGOTIATION_SCSV, hello->cipher_suites.p, 0x00ff, 0);
    if (well && a->verify_data_length[WT_CLIENT] &&
        !wt_span_equal(e.renegotiation_info.renegotiated_connection,
                       wt_span_of(a->verify_data[WT_CLIENT], a->verify_data_length[WT_CLIENT])))
        wt_rules_broken(k, WT_RULE_CLIENT_RENEGOTIATION_DATA, at + 4, 0, 0);
}

void wt_rules_client_hello(const struct wt_rules_case *k, const struct wt_client_hello *hello)
{
    const struct wt_span methods = hello->compression_methods;
    const uint8_t *outer = type_at(hello, WT_EXT_ECH_OUTER_EXTENSIONS);
    if (!methods.n || !memchr(methods.p, 0, methods.n))
        wt_rules_broken(k, WT_RULE_CLIENT_NULL_COMPRESSION, methods.p, 0, 0);
    if (outer)
        wt_rules_broken(k, WT_RULE_EXTENSION_ECH_OUTER, outer, WT_EXT_ECH_OUTER_EXTENSIONS, 0);
    if (offers_13(hello))
        for_13(k, hello);
    if (k->agreed->retry.seen && wt_rules_is_13(k->agreed->retry.version))
        second(k, hello);
    renegotiation(k, hello);
}
