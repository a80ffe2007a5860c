/* The client's hello, and what it makes of the server's choice of a version. */
#include "endpoint/client.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "endpoint/again.h"
#include "endpoint/client_resume.h"
#include "endpoint/early.h"
#include "endpoint/exchange12.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/grease.h"
#include "endpoint/messages.h"
#include "endpoint/offers.h"
#include "endpoint/output.h"
#include "endpoint/verify.h"

#include <arpa/inet.h>

enum { CODES = 512 }; /* of a list; the registry has fewer that a party can have */

/* --- ClientHello -------------------------------------------------------------------------------------------------- */

static bool may(const struct wt_endpoint *e, uint16_t version)
{
    return wt_party_has_version(e->party, version) && !(e->again && version == WT_TLS13);
}

/* RFC 6066, 3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"." */
static void add_name(struct wt_block *b, const struct wt_endpoint *e)
{
    uint8_t address[16], list[3 + WT_LIMIT_HOST];
    size_t n = e->host ? strlen(e->host) : 0;
    if (n && e->host[n - 1] == '.') /* "without a trailing dot" */
        n--;
    if (!n || inet_pton(AF_INET, e->host, address) == 1 || inet_pton(AF_INET6, e->host, address) == 1)
        return;
    list[0] = 0;
    list[1] = (uint8_t)(n >> 8);
    list[2] = (uint8_t)n;
    memcpy(list + 3, e->host, n);
    wt_block_add(b, WT_EXT_SERVER_NAME,
                 &(union wt_ext_body){.server_name = {.server_name_list = wt_span_of(list, 3 + n)}});
}

static void add_versions(struct wt_block *b, const struct wt_endpoint *e)
{
    uint8_t list[6];
    size_t n = wt_grease_put(e, WT_GREASE_VERSION, list);
    for (uint16_t v = WT_TLS13; v >= WT_TLS12; v--)
        if (may(e, v)) {
            list[n++] = (uint8_t)(v >> 8);
            list[n++] = (uint8_t)v;
        }
    wt_block_add(b, WT_EXT_SUPPORTED_VERSIONS,
                 &(union wt_ext_body){.supported_versions = {.versions = wt_span_of(list, n)}});
}

/* A key pair of that group; its share goes into the list. */
static bool make_share(struct wt_endpoint *e, size_t i, uint16_t group)
{
    struct wt_exchanging *x = e->x;
    struct wt_share share;
    wt_exchange_free(x->exchange[i]);
    x->exchange[i] = wt_exchange_new(e->party->exchanges, group, &e->party->random, &share);
    x->group[i] = group;
    if (!x->exchange[i])
        return wt_endpoint_broken(e);
    const uint8_t head[4] = {(uint8_t)(group >> 8), (uint8_t)group, (uint8_t)(share.n >> 8), (uint8_t)share.n};
    return (wt_buffer_add(&x->shares, head, sizeof head) && wt_buffer_add(&x->shares, share.bytes, share.n)) ||
           wt_endpoint_broken(e);
}

static bool has_mlkem(uint16_t group)
{
    const struct wt_group *row = wt_group_find(group);
    return row && (row->kind == WT_GROUP_HYBRID || row->kind == WT_GROUP_PQ);
}

/* Unless it is told how many: a share of the first group; where that has ML-KEM also of the first that has not: many
 * servers know none yet, and would ask for it by a HelloRetryRequest, which costs a round trip and the early data. */
static bool make_shares(struct wt_endpoint *e, struct wt_span groups)
{
    const size_t most = wt_codes_count(groups), count = e->party->o.key_shares ? e->party->o.key_shares : 1;
    for (size_t i = 0; i < count && i < most; i++)
        if (!make_share(e, i, wt_codes_at(groups, i)))
            return false;
    if (e->party->o.key_shares || !most || !has_mlkem(wt_codes_at(groups, 0)))
        return true;
    size_t i = 1;
    while (i < most && has_mlkem(wt_codes_at(groups, i)))
        i++;
    return i == most || make_share(e, 1, wt_codes_at(groups, i));
}

/* RFC 8446, 4.2.8: shares of the groups that are preferred; 4.1.2: after a HelloRetryRequest "a list containing a
 * single KeyShareEntry from the indicated group", where it indicates one; else nothing changes. */
static bool add_shares(struct wt_block *b, struct wt_endpoint *e)
{
    const struct wt_span groups = wt_buffer_span(&e->party->groups);
    const uint16_t asked = e->h.agreed.retry.group;
    if (e->retried && asked) {
        e->x->shares.n = 0;
        if (!make_share(e, 0, asked))
            return false;
    } else if (!e->retried) {
        /* RFC 8701, 3.1: with a share of one byte */
        uint8_t grease[5] = {0, 0, 0, 1, 0};
        if (wt_grease_put(e, WT_GREASE_GROUP, grease) && !wt_buffer_add(&e->x->shares, grease, sizeof grease))
            return wt_endpoint_broken(e);
        if (!make_shares(e, groups))
            return false;
    }
    wt_block_add(b, WT_EXT_KEY_SHARE,
                 &(union wt_ext_body){.key_share = {.client_shares = wt_buffer_span(&e->x->shares)}});
    return true;
}

/* A list of ours, and a value that means nothing before it. */
static struct wt_span with_grease(const struct wt_endpoint *e, enum wt_grease what, const struct wt_buffer *list,
                                  uint8_t room[2 * CODES])
{
    const size_t before = wt_grease_put(e, what, room);
    if (!before || before + list->n > 2 * CODES)
        return wt_buffer_span(list);
    memcpy(room + before, list->p, list->n);
    return wt_span_of(room, before + list->n);
}

static void add_lists(struct wt_block *b, const struct wt_endpoint *e)
{
    const struct wt_party *p = e->party;
    static const uint8_t uncompressed[1] = {0};
    uint8_t room[2 * CODES];
    wt_block_add(b, WT_EXT_SUPPORTED_GROUPS,
                 &(union wt_ext_body){
                     .supported_groups = {.named_group_list = with_grease(e, WT_GREASE_GROUP, &p->groups, room)}});
    /* RFC 8422, 5.1: for the suites of TLS 1.2 */
    if (may(e, WT_TLS12))
        wt_block_add(b, WT_EXT_EC_POINT_FORMATS,
                     &(union wt_ext_body){.ec_point_formats = {.ec_point_format_list = wt_span_of(uncompressed, 1)}});
    wt_block_add(b, WT_EXT_SIGNATURE_ALGORITHMS,
                 &(union wt_ext_body){.signature_algorithms = {.supported_signature_algorithms = with_grease(
                                                                   e, WT_GREASE_SCHEME, &p->schemes, room)}});
    if (p->alpn.n)
        wt_block_add(b, WT_EXT_ALPN, &(union wt_ext_body){.alpn = {.protocol_name_list = wt_buffer_span(&p->alpn)}});
    wt_block_add(b, WT_EXT_STATUS_REQUEST, &(union wt_ext_body){.status_request = {.status_type = 1}});
}

/* RFC 7627, 5.1, and RFC 5746, 3.4: "The client MUST include either an empty "renegotiation_info" extension, or the
 * TLS_EMPTY_RENEGOTIATION_INFO_SCSV signaling cipher suite value in the ClientHello." */
static void add_old(struct wt_block *b, const struct wt_endpoint *e)
{
    if (!may(e, WT_TLS12))
        return;
    wt_block_add(b, WT_EXT_EXTENDED_MASTER_SECRET, &(union wt_ext_body){.empty = {true}});
    uint8_t room[72];
    wt_block_add(b, WT_EXT_RENEGOTIATION_INFO,
                 &(union wt_ext_body){.renegotiation_info = {wt_again_data(e, WT_CLIENT, room)}});
    wt_client_add_ticket(b, e);
}

static bool fill_extensions(struct wt_block *b, struct wt_endpoint *e, struct wt_span cookie, struct wt_extensions *out)
{
    wt_block_start(b, e, WT_IN_CH);
    wt_grease_extension(b, e, WT_GREASE_FIRST);
    add_name(b, e);
    add_old(b, e);
    add_lists(b, e);
    wt_offers_of_client(b, e);
    if (may(e, WT_TLS13)) {
        add_versions(b, e);
        if (cookie.n)
            wt_block_add(b, WT_EXT_COOKIE, &(union wt_ext_body){.cookie = {.cookie = cookie}});
        if (!add_shares(b, e))
            return false;
    }
    wt_grease_extension(b, e, WT_GREASE_LAST);
    if (may(e, WT_TLS13)) /* RFC 8446, 4.2.11: "MUST be the last extension in the ClientHello" */
        wt_client_add_psks(b, e);
    return wt_block_end(b, out) || wt_endpoint_broken(e);
}

/* The suites of the versions that are offered. RFC 7507, 4: with TLS_FALLBACK_SCSV where a higher version was tried. */
static struct wt_span suites_of(const struct wt_endpoint *e, uint8_t *room, size_t size)
{
    const struct wt_span all = wt_buffer_span(&e->party->suites);
    size_t n = wt_grease_put(e, WT_GREASE_SUITE, room);
    for (size_t i = 0; i < wt_codes_count(all) && n + 4 <= size; i++) {
        const struct wt_suite *suite = wt_suite_find(wt_codes_at(all, i));
        if (suite->kx == WT_KX_TLS13 ? may(e, WT_TLS13) : may(e, WT_TLS12) && wt_exchange12_may(e, suite)) {
            memcpy(room + n, all.p + 2 * i, 2);
            n += 2;
        }
    }
    if (e->party->o.fallback) {
        room[n++] = WT_SCSV_FALLBACK >> 8;
        room[n++] = WT_SCSV_FALLBACK & 0xff;
    }
    return wt_span_of(room, n);
}

static bool make_randoms(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    if (!wt_random_public(&e->party->random, WT_RANDOM_HELLO, x->random, sizeof x->random))
        return wt_endpoint_broken(e);
    return wt_client_make_session_id(e);
}

/* RFC 8446, 4.1.2: the second "MUST send the same ClientHello without modification, except as follows". */
static bool say_hello(struct wt_endpoint *e, struct wt_span cookie)
{
    static const uint8_t null_compression[1] = {0};
    uint8_t suites[2 * CODES];
    struct wt_block b WT_UNINITIALIZED;
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO};
    m.client_hello = (struct wt_client_hello){
        .legacy_version = WT_TLS12,
        .random = wt_span_of(e->x->random, 32),
        .session_id = wt_span_of(e->x->session_id, e->x->session_id_length),
        .cipher_suites = suites_of(e, suites, sizeof suites),
        .compression_methods = wt_span_of(null_compression, 1),
        .complete = true,
    };
    return fill_extensions(&b, e, cookie, &m.client_hello.extensions) && wt_endpoint_say(e, &m) && wt_endpoint_flush(e);
}

bool wt_client_hello(struct wt_endpoint *e)
{
    return make_randoms(e) && wt_grease_start(e) && say_hello(e, (struct wt_span){0});
}

/* --- the server's choice ------------------------------------------------------------------------------------------ */

/* What was chosen is ours to have: the rules have compared it with what was offered. */
static bool check_hello(struct wt_endpoint *e, const struct wt_received *m)
{
    const struct wt_server_hello *hello = &m->body->server_hello;
    if (wt_server_hello_is_retry(hello)) {
        e->retried = true;
        return true;
    }
    /* RFC 8446, D.3: "A client that attempts to send 0-RTT data MUST fail a connection if it receives a ServerHello
     * with TLS 1.2 or older." */
    if (!may(e, e->h.agreed.chosen.version) || (e->x->early.offered && !e->h.agreed.chosen.tls13))
        return wt_endpoint_fail(e, WT_ALERT_PROTOCOL_VERSION, "no-shared-version");
    return e->h.agreed.chosen.tls13 ? wt_client13_check(e, m) : wt_client12_check(e, m);
}

bool wt_client_check(struct wt_endpoint *e, const struct wt_received *m)
{
    if (m->type == WT_HANDSHAKE_SERVER_HELLO)
        return check_hello(e, m);
    return e->h.agreed.chosen.tls13 ? wt_client13_check(e, m) : wt_client12_check(e, m);
}

/* --- what both versions have -------------------------------------------------------------------------------------- */

/* RFC 7301, 3.2; with `alpn_required` none is not enough. */
bool wt_client_check_alpn(struct wt_endpoint *e)
{
    if (e->party->o.alpn_required && e->party->alpn.n && !e->h.agreed.chosen.alpn_length)
        return wt_endpoint_fail(e, WT_ALERT_NO_APPLICATION_PROTOCOL, "no-shared-alpn");
    return true;
}

/* RFC 8446, 4.4.2: "The server's certificate_list MUST always be non-empty." 4.4.2.4: "If the server supplies an empty
 * Certificate message, the client MUST abort the handshake with a "decode_error" alert." RFC 5246, 7.4.2, has none
 * either, where the suite has a certificate. */
bool wt_client_check_certificate(struct wt_endpoint *e, const struct wt_certificate *m)
{
    static const struct wt_error error = {
        .code = WT_LENGTH,
        .field = "certificate_list",
        .rule = "RFC 8446, 4.4.2: \"The server's certificate_list MUST always be non-empty.\""};
    return m->list.n ? wt_endpoint_certificates(e, m)
                     : wt_endpoint_fail_at(e, WT_ALERT_DECODE_ERROR, "malformed-message", &error);
}

static bool accepts(const void *endpoint, uint16_t scheme)
{
    const struct wt_endpoint *e = endpoint;
    return wt_agreed_has(&e->h.agreed, WT_SET_REQUEST_SCHEMES, scheme) == WT_IS;
}

static bool fits(struct wt_endpoint *e, const struct wt_identity *identity)
{
    e->x->scheme =
        wt_identity_scheme(identity, wt_buffer_span(&e->party->own_schemes), e->h.agreed.chosen.tls13, accepts, e);
    if (e->x->scheme)
        e->x->identity = identity;
    return e->x->scheme;
}

/* Ours that the server's request accepts; none is an answer as well. */
bool wt_client_choose_identity(struct wt_endpoint *e)
{
    const struct wt_endpoint_options *o = &e->party->o;
    struct wt_event event;
    if (!e->requested)
        return true;
    if (wt_flight_asks(e, WT_ASK_IDENTITY)) {
        if (!wt_flight_ask(e, WT_ASK_IDENTITY) || !e->x->identity)
            return true;
        return fits(e, e->x->identity) || wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-signature-scheme");
    }
    /* RFC 5246, 7.4.6: "If the certificate_authorities list in the certificate request message was non-empty, one of
     * the certificates in the certificate chain SHOULD be issued by one of the listed CAs." Else another one is tried.
     */
    wt_flight_tell(e, &event);
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < o->identity_count && !e->x->identity; i++)
            if (pass || wt_identity_is_of(o->identities[i], event.authorities))
                (void)fits(e, o->identities[i]);
    return true;
}

/* --- the seat ----------------------------------------------------------------------------------------------------- */

static bool retry(struct wt_endpoint *e, const struct wt_server_hello *hello)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    union wt_ext_body body;
    struct wt_span cookie = {0};
    if (wt_extensions_get(&hello->extensions, WT_EXT_COOKIE, &context, WT_IN_HRR, &body))
        cookie = body.cookie.cookie;
    wt_early_stop(e);
    if (!e->party->o.without_compatibility && !e->ccs_sent) {
        e->ccs_sent = true;
        if (!wt_endpoint_send_ccs(e))
            return false;
    }
    return say_hello(e, cookie);
}

bool wt_client_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    if (m->type == WT_HANDSHAKE_SERVER_HELLO && wt_server_hello_is_retry(&m->body->server_hello))
        return retry(e, &m->body->server_hello);
    return e->h.agreed.chosen.tls13 ? wt_client13_answer(e, m) : wt_client12_answer(e, m);
}
