#include "endpoint/retry.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "crypto/mac.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"

/* --- the cookie ---------------------------------------------------------------------------------------------------
 *
 * Time, suite, group, hash of the first ClientHello (RFC 8446, 4.4.1: what the transcript needs of it), and a MAC. */

enum { HEAD = 8 + 2 + 2, MAC = 32, MOST = HEAD + WT_DIGEST_MOST + MAC };

struct cookie {
    int64_t made; /* milliseconds since 1970 */
    uint16_t suite, group;
    struct wt_span hash;
};

static bool mac_of(const struct wt_endpoint *e, struct wt_span content, uint8_t out[WT_DIGEST_MOST])
{
    return wt_hmac(e->party->crypto, WT_HASH_SHA256, wt_span_of(e->party->cookie_key, sizeof e->party->cookie_key),
                   &content, 1, out) == MAC;
}

static bool make(const struct wt_endpoint *e, const struct cookie *c, uint8_t room[MOST], struct wt_span *out)
{
    uint8_t mac[WT_DIGEST_MOST];
    struct wt_writer w = wt_writer_start(room, MOST);
    wt_write_number(&w, (uint64_t)c->made, 8);
    wt_write_u16(&w, c->suite);
    wt_write_u16(&w, c->group);
    wt_write_bytes(&w, c->hash);
    if (!mac_of(e, wt_span_of(room, w.n), mac))
        return false;
    wt_write_bytes(&w, wt_span_of(mac, MAC));
    return wt_writer_done(&w, out) == WT_OK;
}

static bool is_ours(const struct wt_endpoint *e, struct wt_span bytes, struct cookie *out)
{
    uint8_t mac[WT_DIGEST_MOST];
    if (bytes.n <= HEAD + MAC || bytes.n > MOST || !mac_of(e, wt_span_cut(bytes, 0, bytes.n - MAC), mac) ||
        !wt_equal_secret(wt_span_of(mac, MAC), wt_span_cut(bytes, bytes.n - MAC, MAC)))
        return false;
    out->made = (int64_t)((uint64_t)wt_get32(bytes.p) << 32 | wt_get32(bytes.p + 4));
    out->suite = wt_get16(bytes.p + 8);
    out->group = wt_get16(bytes.p + 10);
    out->hash = wt_span_cut(bytes, HEAD, bytes.n - HEAD - MAC);
    const int64_t off = e->now_ms > out->made ? e->now_ms - out->made : out->made - e->now_ms;
    return off <= WT_LIMIT_COOKIE_SECONDS * 1000;
}

/* --- HelloRetryRequest -------------------------------------------------------------------------------------------- */

static bool fill(struct wt_endpoint *e, const struct cookie *c, struct wt_span cookie, struct wt_span session_id,
                 struct wt_block *b, struct wt_message_body *m)
{
    wt_block_start(b, e, WT_IN_HRR);
    wt_block_add(b, WT_EXT_SUPPORTED_VERSIONS,
                 &(union wt_ext_body){.supported_versions = {.selected_version = WT_TLS13}});
    if (c->group)
        wt_block_add(b, WT_EXT_KEY_SHARE, &(union wt_ext_body){.key_share = {.group = c->group}});
    if (cookie.n)
        wt_block_add(b, WT_EXT_COOKIE, &(union wt_ext_body){.cookie = {.cookie = cookie}});
    *m = (struct wt_message_body){.type = WT_HANDSHAKE_SERVER_HELLO};
    m->server_hello = (struct wt_server_hello){
        .legacy_version = WT_TLS12,
        .random = wt_span_of(wt_hello_retry_random, 32),
        .session_id = session_id, /* RFC 8446, 4.1.3: legacy_session_id_echo */
        .cipher_suite = c->suite,
        .has_session_id = true,
    };
    return wt_block_end(b, &m->server_hello.extensions);
}

static struct wt_span session_id_of(const struct wt_endpoint *e)
{
    return wt_span_of(e->h.agreed.offered.session_id, e->h.agreed.offered.session_id_length);
}

static struct cookie cookie_for(struct wt_endpoint *e, uint16_t suite, uint16_t group, uint8_t digest[WT_DIGEST_MOST])
{
    const size_t n =
        wt_digest(e->party->crypto, (enum wt_hash_id)wt_suite_find(suite)->prf, e->h.messages.list[0]->bytes, digest);
    return (struct cookie){.made = e->now_ms, .suite = suite, .group = group, .hash = wt_span_of(digest, n)};
}

/* RFC 8446, 4.2.10: what comes before the second hello is skipped. */
static void start_again(struct wt_endpoint *e)
{
    wt_endpoint_begin(e);
    e->x->early.skip = WT_LIMIT_EARLY_SKIPPED;
}

bool wt_retry_say(struct wt_endpoint *e, uint16_t suite, uint16_t group)
{
    uint8_t digest[WT_DIGEST_MOST], room[MOST];
    const struct cookie c = cookie_for(e, suite, group, digest);
    struct wt_span cookie = {0};
    struct wt_message_body m;
    struct wt_block b WT_UNINITIALIZED;
    e->retried = true;
    if ((e->party->o.cookie && !make(e, &c, room, &cookie)) || !fill(e, &c, cookie, session_id_of(e), &b, &m))
        return wt_endpoint_broken(e);
    if (!wt_endpoint_say(e, &m) || !wt_endpoint_flush(e) || !wt_endpoint_say_dummy(e))
        return false;
    if (e->party->o.cookie)
        start_again(e);
    else if (wt_agreed_offers(&e->h.agreed, WT_EXT_EARLY_DATA, NULL) == WT_IS)
        e->x->early.skip = WT_LIMIT_EARLY_SKIPPED;
    return true;
}

/* --- after it ----------------------------------------------------------------------------------------------------- */

static bool add(struct wt_endpoint *e, unsigned side, struct wt_handshake_message *m)
{
    return m && wt_messages_add(&e->h.messages, m, side, WT_PLACE_HELLO);
}

/* RFC 8446, 4.4.1: message_hash in place of the first hello, then the request as it was sent. */
static bool rebuild(struct wt_endpoint *e, const struct cookie *c, struct wt_span cookie, struct wt_span session_id)
{
    static const struct wt_codec_context none;
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    uint8_t bytes[512 + MOST];
    struct wt_writer w = wt_writer_start(bytes, sizeof bytes);
    struct wt_message_body m;
    struct wt_block b WT_UNINITIALIZED;
    if (!fill(e, c, cookie, session_id, &b, &m))
        return false;
    wt_message_encode(&w, &context, &m);
    struct wt_pool *pool = e->h.messages.pool;
    struct wt_handshake_message *request =
        wt_messages_read(pool, &context, WT_HANDSHAKE_SERVER_HELLO, wt_span_of(bytes, w.n), false, NULL);
    if (w.error.code != WT_OK || !request ||
        !add(e, WT_CLIENT, wt_messages_read(pool, &none, WT_HANDSHAKE_MESSAGE_HASH, c->hash, false, NULL))) {
        wt_messages_drop(pool, request);
        return false;
    }
    wt_agreed_message(&e->h.agreed, WT_SERVER, &request->body, true);
    return add(e, WT_SERVER, request) &&
           wt_flow_step(&e->flow, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, WT_FLOW_STRICT, NULL) == WT_FLOW_EXPECTED &&
           wt_flow_step(&e->flow, WT_SERVER, WT_HANDSHAKE_HELLO_RETRY_REQUEST, 0, WT_FLOW_STRICT, NULL) ==
               WT_FLOW_EXPECTED;
}

/* RFC 8446, 4.2.2: clients "MUST copy the contents of the extension received in the HelloRetryRequest into a "cookie"
 * extension in the new ClientHello". One that is not ours, or too old, or missing, is no answer to what we asked. */
bool wt_retry_restore(struct wt_endpoint *e, const struct wt_handshake_message *m)
{
    static const struct wt_error error = {
        .code = WT_VALUE, .field = "cookie", .rule = "RFC 8446, 4.2.2: a cookie is what the server has made"};
    union wt_ext_body body = {0};
    struct cookie c;
    if (e->side != WT_SERVER || !e->party->o.cookie || m->type != WT_HANDSHAKE_CLIENT_HELLO || m->code != WT_OK ||
        e->h.agreed.offered.seen)
        return true;
    const struct wt_client_hello *hello = &m->body.client_hello;
    const bool there = wt_extensions_get(&hello->extensions, WT_EXT_COOKIE, &m->context, WT_IN_CH, &body);
    if (!there && !e->retried)
        return true;
    if (!there || !is_ours(e, body.cookie.cookie, &c))
        return wt_endpoint_fail_at(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message", &error);
    e->retried = e->ccs_sent = true;
    return rebuild(e, &c, body.cookie.cookie, hello->session_id) || wt_endpoint_broken(e);
}
