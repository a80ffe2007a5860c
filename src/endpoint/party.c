#include "endpoint/party.h"

#include "base/memory.h"
#include "base/options.h"
#include "base/reader.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"
#include "endpoint/buffers.h"
#include "endpoint/exchange12.h"

#include <stdlib.h>

/* --- defaults ----------------------------------------------------------------------------------------------------- */

static const struct {
    uint8_t registry;
    uint16_t code;
} defaults[] = {
#define WT_DEFAULT(registry, code) {WT_REG_##registry, code},
#define WT_DEFAULT_PSK_SUITE(code)
#include "endpoint/defaults.def"
#undef WT_DEFAULT_PSK_SUITE
#undef WT_DEFAULT
};

uint16_t wt_endpoint_default(unsigned kind, size_t i)
{
    for (size_t k = 0; k < sizeof defaults / sizeof *defaults; k++)
        if (defaults[k].registry == kind && i-- == 0)
            return defaults[k].code;
    return 0;
}

static const uint16_t psk_suites[] = {
#define WT_DEFAULT(registry, code)
#define WT_DEFAULT_PSK_SUITE(code) code,
#include "endpoint/defaults.def"
#undef WT_DEFAULT_PSK_SUITE
#undef WT_DEFAULT
};

static bool has_psks(const struct wt_party *p)
{
    return p->o.psk_count || p->o.asks & WT_ASK_PSK;
}

/* Those of PSKs come first, for a party that has some and speaks TLS 1.2 alone. Else they are to be named: RFC 8446,
 * E.7: "Implementations can ensure safety from cross-protocol related output by not reusing PSKs between TLS 1.3 and
 * TLS 1.2." */
static uint16_t default_of(const struct wt_party *p, unsigned registry, size_t i)
{
    const size_t count = sizeof psk_suites / sizeof *psk_suites;
    if (registry != WT_REG_CIPHER_SUITE || p->o.max_version != WT_TLS12 || !has_psks(p))
        return wt_endpoint_default(registry, i);
    return i < count ? psk_suites[i] : wt_endpoint_default(registry, i - count);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static bool fails(struct wt_error *error, enum wt_code code, const char *field, uint64_t value)
{
    *error = (struct wt_error){.code = code, .field = field, .value = value};
    return false;
}

/* AEAD; and CBC of 128-bit blocks, where a list names it (RFC 9325, 4.2: not by itself). Ciphers of smaller blocks give
 * their plaintext away in long connections (RFC 9325, 4.1), the others protect nothing, or too little. */
static bool has_cipher(const struct wt_suite *suite)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    switch (cipher->mode) {
    case WT_MODE_GCM:
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
    case WT_MODE_POLY1305:
        return true;
    case WT_MODE_CBC:
        return cipher->block == 16;
    default:
        return false;
    }
}

static bool has_suite(const struct wt_party *p, uint16_t code)
{
    const struct wt_suite *suite = wt_suite_find(code);
    if (!suite || !wt_cipher_available(p->crypto, (enum wt_cipher_id)suite->cipher) || !has_cipher(suite))
        return false;
    return suite->kx == WT_KX_TLS13 || wt_exchange12_takes_psk(suite) ||
           ((suite->kx == WT_KX_ECDHE || suite->kx == WT_KX_DHE) &&
            (suite->auth == WT_AUTH_RSA || suite->auth == WT_AUTH_ECDSA));
}

static bool has_group(const struct wt_party *p, uint16_t code)
{
    return wt_exchanges_have(p->exchanges, code);
}

static bool has_scheme(const struct wt_party *p, uint16_t code)
{
    const struct wt_scheme *scheme = wt_scheme_find(code);
    (void)p;
    return scheme && scheme->key != WT_KEY_OTHER && scheme->key != WT_KEY_GOST;
}

/* A list as it goes on the wire. One that was given has to be had wholly; of the defaults what libcrypto lacks is left
 * out. */
static bool fill(struct wt_party *p, struct wt_buffer *out, const uint16_t *codes, size_t count, unsigned registry,
                 bool (*has)(const struct wt_party *p, uint16_t code), struct wt_error *error)
{
    static const char *const fields[] = {
        [WT_REG_CIPHER_SUITE] = "suites", [WT_REG_GROUP] = "groups", [WT_REG_SIGNATURE_SCHEME] = "schemes"};
    uint16_t code;
    for (size_t i = 0; codes ? i < count : (code = default_of(p, registry, i)) != 0; i++) {
        if (codes)
            code = codes[i];
        if (!has(p, code)) {
            if (codes)
                return fails(error, WT_UNSUPPORTED, fields[registry], code);
            continue;
        }
        const uint8_t bytes[2] = {(uint8_t)(code >> 8), (uint8_t)code};
        if (!wt_buffer_add(out, bytes, sizeof bytes))
            return fails(error, WT_MEMORY, NULL, 0);
    }
    return out->n || fails(error, WT_VALUE, fields[registry], 0);
}

/* A version that no suite of the list is for is not offered, and not chosen. */
static bool fit_versions(struct wt_party *p, struct wt_error *error)
{
    const struct wt_span suites = wt_buffer_span(&p->suites);
    bool has[2] = {false, false};
    for (size_t i = 0; i < wt_codes_count(suites); i++)
        has[wt_suite_find(wt_codes_at(suites, i))->kx == WT_KX_TLS13] = true;
    if (!has[1] && p->o.max_version == WT_TLS13)
        p->o.max_version = WT_TLS12;
    if (!has[0] && p->o.min_version == WT_TLS12)
        p->o.min_version = WT_TLS13;
    return p->o.min_version <= p->o.max_version ||
           fails(error, WT_VALUE, "suites", suites.n ? wt_codes_at(suites, 0) : 0);
}

/* RFC 7301, 3.1: "opaque ProtocolName<1..2^8-1>" */
static bool fill_alpn(struct wt_party *p, struct wt_error *error)
{
    for (size_t i = 0; i < p->o.alpn_count; i++) {
        size_t n = strlen(p->o.alpn[i]);
        uint8_t length = (uint8_t)n;
        if (!n || n > 255)
            return fails(error, WT_VALUE, "alpn", n);
        if (p->alpn.n + 1 + n > WT_LIMIT_OWN_ALPN)
            return fails(error, WT_LIMIT, "alpn", p->alpn.n + 1 + n);
        if (!wt_buffer_add(&p->alpn, &length, 1) || !wt_buffer_add(&p->alpn, p->o.alpn[i], n))
            return fails(error, WT_MEMORY, NULL, 0);
    }
    return true;
}

static bool fill_certificates(struct wt_party *p, struct wt_error *error)
{
    const struct wt_endpoint_options *o = &p->o;
    for (size_t i = 0; i < o->certificate_scheme_count; i++) {
        const uint16_t code = o->certificate_schemes[i];
        const uint8_t bytes[2] = {(uint8_t)(code >> 8), (uint8_t)code};
        if (!wt_scheme_find(code))
            return fails(error, WT_UNSUPPORTED, "certificate_schemes", code);
        if (!wt_buffer_add(&p->certificate_schemes, bytes, sizeof bytes))
            return fails(error, WT_MEMORY, NULL, 0);
    }
    for (size_t i = 0; i < o->authority_count; i++) {
        const struct wt_span name = o->authorities[i];
        const uint8_t length[2] = {(uint8_t)(name.n >> 8), (uint8_t)name.n};
        if (!name.n || name.n > UINT16_MAX)
            return fails(error, WT_VALUE, "authorities", name.n);
        if (p->authorities.n + 2 + name.n > WT_LIMIT_OWN_AUTHORITIES)
            return fails(error, WT_LIMIT, "authorities", p->authorities.n + 2 + name.n);
        if (!wt_buffer_add(&p->authorities, length, sizeof length) || !wt_buffer_add(&p->authorities, name.p, name.n))
            return fails(error, WT_MEMORY, NULL, 0);
    }
    return true;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool check_sessions(struct wt_party *p, struct wt_error *error)
{
    struct wt_endpoint_options *o = &p->o;
    enum { TICKETS = 2, SECRET = 32 };
    if (!o->tickets)
        o->tickets = TICKETS;
    if (o->tickets > WT_LIMIT_TICKETS)
        return fails(error, WT_LIMIT, "tickets", o->tickets);
    if (!o->ticket_lifetime)
        o->ticket_lifetime = WT_SESSION_LIFETIME;
    /* RFC 8446, 4.6.1: "Servers MUST NOT use any value greater than 604800 seconds (7 days)." */
    if (o->ticket_lifetime > WT_LIMIT_TICKET_SECONDS)
        return fails(error, WT_LIMIT, "ticket_lifetime", o->ticket_lifetime);
    if (p->side == WT_SERVER && o->early_data > WT_LIMIT_EARLY_DATA)
        return fails(error, WT_LIMIT, "early_data", o->early_data);
    if (o->early_window > WT_LIMIT_EARLY_WINDOW_MOST)
        return fails(error, WT_LIMIT, "early_window", o->early_window);
    if (o->ticket_key.n && o->ticket_key.n < SECRET)
        return fails(error, WT_VALUE, "ticket_key", o->ticket_key.n);
    return true;
}

/* RFC 9257, 6: each PSK "MUST be at least 128 bits long". */
enum { PSK_LEAST = 16 };

bool wt_party_psk_is_for_13(const struct wt_external_psk *psk)
{
    return psk->key.n >= PSK_LEAST && psk->identity.n;
}

/* RFC 9257, 4.1: no key in both roles. What TLS 1.3 does not take is for suites of TLS 1.2. */
bool wt_party_takes_psk(const struct wt_party *p, const struct wt_external_psk *psk)
{
    const bool is_short = psk->key.n < PSK_LEAST;
    return psk->key.n && psk->key.n <= WT_LIMIT_PSK && (!is_short || (p->o.short_psks && p->psk_suites)) &&
           (psk->identity.n || p->psk_suites) && psk->identity.n <= WT_LIMIT_PSK_IDENTITY && psk->role == p->side;
}

/* RFC 9257, 4.1: none twice. */
static bool check_psks(const struct wt_party *p, struct wt_error *error)
{
    const struct wt_external_psk *psks = p->o.psks;
    if (p->o.psk_count > WT_LIMIT_OWN_PSKS)
        return fails(error, WT_LIMIT, "psks", p->o.psk_count);
    for (size_t i = 0; i < p->o.psk_count; i++) {
        if (!wt_party_takes_psk(p, &psks[i]))
            return fails(error, WT_VALUE, "psks", i);
        for (size_t k = 0; k < i; k++)
            if (wt_span_equal(psks[i].identity, psks[k].identity) || wt_equal_secret(psks[i].key, psks[k].key))
                return fails(error, WT_VALUE, "psks", i);
    }
    return true;
}

bool wt_party_mark(const struct wt_party *p, const struct wt_external_psk *psk, uint8_t mark[WT_PSK_MARK])
{
    for (size_t i = 0; i < p->psk_marks.n / WT_PSK_MARK; i++)
        if (psk == &p->o.psks[i]) {
            memcpy(mark, p->psk_marks.p + i * WT_PSK_MARK, WT_PSK_MARK);
            return true;
        }
    return false;
}

const struct wt_external_psk *wt_party_psk_of(const struct wt_party *p, const uint8_t mark[WT_PSK_MARK])
{
    for (size_t i = 0; i < p->psk_marks.n / WT_PSK_MARK; i++)
        if (wt_equal_secret(wt_span_of(p->psk_marks.p + i * WT_PSK_MARK, WT_PSK_MARK), wt_span_of(mark, WT_PSK_MARK)))
            return &p->o.psks[i];
    return NULL;
}

/* HMAC-SHA256 by the key: the mark is in sessions, which programs keep, and says nothing of a key that is random. */
static bool fill_marks(struct wt_party *p, struct wt_error *error)
{
    uint8_t mark[WT_DIGEST_MOST];
    for (size_t i = 0; p->psk_suites && i < p->o.psk_count; i++) {
        const struct wt_external_psk *psk = &p->o.psks[i];
        const struct wt_span parts[] = {wt_span_text("wiretale session of PSK "), psk->identity};
        if (wt_hmac(p->crypto, WT_HASH_SHA256, psk->key, parts, 2, mark) != WT_PSK_MARK ||
            !wt_buffer_add(&p->psk_marks, mark, WT_PSK_MARK))
            return fails(error, WT_MEMORY, NULL, 0);
    }
    return true;
}

/* A suite of PSKs is nobody's without one. */
static bool fit_psks(struct wt_party *p, struct wt_error *error)
{
    const struct wt_span suites = wt_buffer_span(&p->suites);
    for (size_t i = 0; i < wt_codes_count(suites); i++) {
        const uint16_t code = wt_codes_at(suites, i);
        if (!wt_exchange12_takes_psk(wt_suite_find(code)))
            continue;
        if (!has_psks(p))
            return fails(error, WT_MISSING, "psks", code);
        p->psk_suites = true;
    }
    if (p->o.psk_hint.n > WT_LIMIT_PSK_IDENTITY)
        return fails(error, WT_VALUE, "psk_hint", p->o.psk_hint.n);
    return check_psks(p, error) && fill_marks(p, error);
}

/* RFC 8449, 4; RFC 6066, 4; RFC 8446, 5.4. */
static bool check_records(const struct wt_endpoint_options *o, struct wt_error *error)
{
    enum { MOST = 1 << 14 };
    const uint16_t fragment = o->max_fragment_length;
    if (o->record_size_limit && (o->record_size_limit < 64 || o->record_size_limit > MOST + 1))
        return fails(error, WT_VALUE, "record_size_limit", o->record_size_limit);
    if (fragment && fragment != 512 && fragment != 1024 && fragment != 2048 && fragment != 4096)
        return fails(error, WT_VALUE, "max_fragment_length", fragment);
    if (o->record_size && (o->record_size < 64 || o->record_size > MOST))
        return fails(error, WT_VALUE, "record_size", o->record_size);
    return o->padding <= MOST || fails(error, WT_VALUE, "padding", o->padding);
}

static bool check(struct wt_party *p, struct wt_error *error)
{
    enum { DH_LEAST = 2048 }; /* RFC 9325, 4.5: "DH key lengths of at least 2048 bits are REQUIRED." */
    struct wt_endpoint_options *o = &p->o;
    if (!o->min_version)
        o->min_version = o->max_version && o->max_version < WT_TLS12 ? o->max_version : WT_TLS12;
    if (!o->max_version)
        o->max_version = WT_TLS13;
    if (o->min_version < WT_TLS12 || o->min_version > WT_TLS13)
        return fails(error, WT_VALUE, "min_version", o->min_version);
    if (o->max_version < o->min_version || o->max_version > WT_TLS13)
        return fails(error, WT_VALUE, "max_version", o->max_version);
    if (o->request > WT_REQUEST_REQUIRED)
        return fails(error, WT_VALUE, "request", o->request);
    if (o->key_shares > WT_LIMIT_KEY_SHARES)
        return fails(error, WT_VALUE, "key_shares", o->key_shares);
    if (!o->min_dh)
        o->min_dh = DH_LEAST;
    if (o->min_dh < WT_LIMIT_DH_BITS_LEAST || o->min_dh > DH_LEAST)
        return fails(error, WT_VALUE, "min_dh", o->min_dh);
    if (o->suite_ranks && !o->suites)
        return fails(error, WT_VALUE, "suite_ranks", 0);
    if (p->side == WT_SERVER && !o->identity_count && !o->psk_count && !(o->asks & WT_ASK_PSK))
        return fails(error, WT_MISSING, "identities", 0);
    return check_sessions(p, error) && check_records(&p->o, error);
}

static bool random_bytes(void *party, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    const struct wt_party *p = party;
    (void)use, (void)group;
    return p->o.random(p->o.context, out, n);
}

static bool make(struct wt_party *p, struct wt_error *error)
{
    const struct wt_endpoint_options *o = &p->o;
    p->crypto = wt_crypto_new();
    p->certificates = p->crypto ? wt_certificates_new(p->crypto) : NULL;
    p->judge = p->certificates ? wt_judge_new(p->crypto, p->certificates, o->trust) : NULL;
    p->exchanges = p->judge ? wt_exchanges_new(p->crypto) : NULL;
    p->pool.most = WT_LIMIT_POOL_BYTES;
    p->random = (struct wt_random){p->crypto, o->random ? random_bytes : NULL, p};
    if (!p->exchanges || (o->host && !(p->host = wt_strdup(o->host))) ||
        !wt_tickets_start(&p->tickets, p->crypto, &p->random, o->ticket_lifetime, o->ticket_key))
        return fails(error, WT_MEMORY, NULL, 0);
    p->o.ticket_key = (struct wt_span){0};
    if (o->cookie && !wt_tickets_key(&p->tickets, "wiretale cookie key", p->cookie_key))
        return fails(error, WT_MEMORY, NULL, 0);
    return fill(p, &p->suites, o->suites, o->suite_count, WT_REG_CIPHER_SUITE, has_suite, error) &&
           fit_psks(p, error) && fit_versions(p, error) &&
           fill(p, &p->groups, o->groups, o->group_count, WT_REG_GROUP, has_group, error) &&
           fill(p, &p->schemes, o->schemes, o->scheme_count, WT_REG_SIGNATURE_SCHEME, has_scheme, error) &&
           fill(p, &p->own_schemes, o->own_schemes, o->own_scheme_count, WT_REG_SIGNATURE_SCHEME, has_scheme, error) &&
           fill_certificates(p, error) && fill_alpn(p, error);
}

static struct wt_party *party_new(const struct wt_endpoint_options *options, unsigned side, struct wt_error *error)
{
    struct wt_error here;
    struct wt_party *p = wt_calloc(1, sizeof *p);
    if (!error)
        error = &here;
    *error = (struct wt_error){.code = WT_MEMORY};
    if (!p)
        return NULL;
    p->side = side;
    if (wt_options_take(&p->o, sizeof p->o, options, error) && check(p, error) && make(p, error)) {
        *error = (struct wt_error){0};
        return p;
    }
    wt_party_free(p);
    return NULL;
}

struct wt_party *wt_client_new(const struct wt_endpoint_options *options, struct wt_error *error)
{
    return party_new(options, WT_CLIENT, error);
}

struct wt_party *wt_server_new(const struct wt_endpoint_options *options, struct wt_error *error)
{
    return party_new(options, WT_SERVER, error);
}

void wt_party_free(struct wt_party *p)
{
    if (!p)
        return;
    wt_client_sessions_clear(&p->sessions);
    wt_server_sessions_clear(&p->ids);
    wt_tickets_end(&p->tickets);
    free(p->strikes.slots);
    wt_exchanges_free(p->exchanges);
    wt_judge_free(p->judge);
    wt_certificates_free(p->certificates);
    wt_crypto_free(p->crypto);
    wt_buffers_clear(p);
    wt_pool_free(&p->pool);
    wt_buffer_free(&p->suites);
    wt_buffer_free(&p->groups);
    wt_buffer_free(&p->schemes);
    wt_buffer_free(&p->certificate_schemes);
    wt_buffer_free(&p->authorities);
    wt_buffer_free(&p->own_schemes);
    wt_buffer_free(&p->alpn);
    wt_buffer_wipe(&p->psk_marks);
    free(p->host);
    wt_wipe(p, sizeof *p);
    free(p);
}
