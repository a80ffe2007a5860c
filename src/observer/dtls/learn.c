#include "observer/dtls/learn.h"

#include "codec/ext/ext.h"
#include "observer/dtls/ids.h"

/* A message's body by itself: what DTLS asks for hangs on nothing that was agreed. */
static bool decode(const struct wt_conversation *c, unsigned side, uint8_t type, struct wt_span body,
                   struct wt_message_body *out)
{
    const struct wt_tls *tls = c->tls;
    const struct wt_codec_context context = {tls->agreed.version, tls->agreed.kx, 0, side == WT_SERVER};
    struct wt_error error;
    *out = (struct wt_message_body){0};
    return wt_message_decode(&context, type, body, NULL, out, &error) == WT_OK;
}

/* RFC 6347, 4.2.1: the ClientHello that brings the cookie back takes the place of the one before it, which with the
 * HelloVerifyRequest "MUST NOT be included in the CertificateVerify or Finished MAC computations" (4.2.6). In 1.3 the
 * cookie is an extension, and both count (RFC 9147, 5.1). */
void wt_dtls_learn_before(struct wt_conversation *c, uint8_t type, struct wt_span body)
{
    struct wt_message_body m;
    struct wt_tls_handshake *hs = c->tls->handshake;
    if (type != WT_HANDSHAKE_CLIENT_HELLO || !hs || hs->common.agreed.chosen.seen ||
        !decode(c, WT_CLIENT, type, body, &m) || !m.client_hello.cookie.n)
        return;
    const bool first = hs->common.agreed.first;
    wt_messages_clear(&hs->common.messages);
    wt_agreed_start(&hs->common.agreed, first);
}

/* --- connection ids ----------------------------------------------------------------------------------------------- */

static void add_id(struct wt_dtls_way *way, struct wt_span id)
{
    for (size_t i = 0; i < way->cid_count; i++)
        if (wt_span_equal(way->cids[i], id))
            return;
    if (way->cid_count < WT_LIMIT_DTLS_CIDS)
        way->cids[way->cid_count++] = id;
}

/* RFC 9146, 3: "A server willing to use CIDs will respond with a connection_id extension in the ServerHello, containing
 * the CID it wishes the client to use when sending messages towards it." Each side's is in the other one's records. */
static void agree_on_ids(struct wt_observer *o, struct wt_conversation *c, unsigned server)
{
    struct wt_dtls *dtls = c->tls->dtls;
    if (!dtls->has_client_cid || !dtls->has_server_cid)
        return;
    if (dtls->client_cid.n)
        add_id(&dtls->way[server], dtls->client_cid);
    if (dtls->server_cid.n)
        add_id(&dtls->way[!server], dtls->server_cid);
    wt_dtls_ids_list(o, dtls);
}

static void take_id(struct wt_conversation *c, const struct wt_extensions *extensions, bool *has, struct wt_span *id)
{
    struct wt_span body;
    *has = wt_extensions_find(extensions, WT_EXT_CONNECTION_ID, &body) && body.n && body.p[0] == body.n - 1;
    *id = *has ? wt_arena_copy(&c->tls->arena, wt_span_cut(body, 1, body.n)) : (struct wt_span){0};
}

/* RFC 9147, 9: "struct { ConnectionId cids<0..2^16-1>; ConnectionIdUsage usage; } NewConnectionId": ids that its
 * receiver may put into records to the sender from now on. */
static void new_ids(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span body)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, NULL);
    struct wt_reader list = wt_read_vector(&r, "cids", 2, 0, UINT16_MAX, WT_TRAIL_LIST);
    while (wt_reader_left(&list) && !decode.lost) {
        const struct wt_span id = wt_read_opaque(&list, "cid", 1, 0, UINT8_MAX, WT_TRAIL_BYTES);
        struct wt_dtls_way *way = &c->tls->dtls->way[!direction];
        if (!decode.lost && id.n && way->cid_count < WT_LIMIT_DTLS_CIDS)
            add_id(way, wt_arena_copy(&c->tls->arena, id));
    }
    wt_dtls_ids_list(o, c->tls->dtls);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void take_srtp(struct wt_conversation *c, const struct wt_extensions *extensions)
{
    struct wt_span body;
    enum { ONE_PROFILE = 5 }; /* its length, a profile, the length of an MKI */
    if (wt_extensions_find(extensions, WT_EXT_USE_SRTP, &body) && body.n >= ONE_PROFILE && wt_get16(body.p) == 2)
        c->tls->dtls->srtp_profile = wt_get16(body.p + 2);
}

static void verify_request(struct wt_observer *o, struct wt_conversation *c, const struct wt_hello_verify_request *in)
{
    struct wt_dtls *dtls = c->tls->dtls;
    if (!dtls->cookie_frame)
        dtls->cookie_frame = o->frame;
    dtls->verify_request = true;
    dtls->cookie = wt_arena_copy(&c->tls->arena, in->cookie);
}

static void server_hello(struct wt_observer *o, struct wt_conversation *c, unsigned direction,
                         const struct wt_server_hello *hello)
{
    struct wt_dtls *dtls = c->tls->dtls;
    struct wt_span body;
    if (wt_server_hello_is_retry(hello)) {
        if (wt_extensions_find(&hello->extensions, WT_EXT_COOKIE, &body) && !dtls->cookie_frame)
            dtls->cookie_frame = o->frame;
        return;
    }
    take_id(c, &hello->extensions, &dtls->has_server_cid, &dtls->server_cid);
    take_srtp(c, &hello->extensions);
    agree_on_ids(o, c, direction);
}

void wt_dtls_learn(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint8_t type,
                   struct wt_span body)
{
    struct wt_dtls *dtls = c->tls->dtls;
    struct wt_message_body m;
    if (type == WT_HANDSHAKE_NEW_CONNECTION_ID) {
        new_ids(o, c, direction, body);
        return;
    }
    if ((type != WT_HANDSHAKE_CLIENT_HELLO && type != WT_HANDSHAKE_SERVER_HELLO &&
         type != WT_HANDSHAKE_HELLO_VERIFY_REQUEST && type != WT_HANDSHAKE_ENCRYPTED_EXTENSIONS) ||
        !decode(c, wt_tls_side_of(c->tls, direction), type, body, &m))
        return;
    if (type == WT_HANDSHAKE_CLIENT_HELLO && m.client_hello.random.n == sizeof dtls->random) {
        memcpy(dtls->random, m.client_hello.random.p, sizeof dtls->random);
        dtls->has_random = true;
    }
    if (type == WT_HANDSHAKE_CLIENT_HELLO)
        take_id(c, &m.client_hello.extensions, &dtls->has_client_cid, &dtls->client_cid);
    else if (type == WT_HANDSHAKE_SERVER_HELLO)
        server_hello(o, c, direction, &m.server_hello);
    else if (type == WT_HANDSHAKE_HELLO_VERIFY_REQUEST)
        verify_request(o, c, &m.hello_verify_request);
    else
        take_srtp(c, &m.encrypted_extensions.extensions);
}
