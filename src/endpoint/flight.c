/* Flights and questions. */
#include "endpoint/flight.h"

#include "base/memory.h"
#include "codec/ext/ext.h"
#include "endpoint/exchange12.h"
#include "endpoint/failure.h"
#include "endpoint/input.h"
#include "endpoint/messages.h"
#include "handshake/proofs.h"

#include <stdlib.h>

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* The last step of a handshake lets go of e->x. */
static bool go_on(struct wt_endpoint *e)
{
    while (e->x && e->x->step && *e->x->step) {
        if (!(*e->x->step)(e))
            return false;
        if (e->ask)
            return true;
        if (e->x && e->x->step)
            e->x->step++;
    }
    if (e->x)
        e->x->step = NULL;
    return true;
}

bool wt_flight_start(struct wt_endpoint *e, wt_flight_step *const *steps)
{
    e->x->step = steps;
    return go_on(e);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

bool wt_flight_ask(struct wt_endpoint *e, enum wt_ask ask)
{
    if (e->x->answered == ask) {
        e->x->answered = 0;
        return true;
    }
    e->ask = (uint8_t)ask;
    e->ask_told = false;
    return false;
}

bool wt_flight_asks(const struct wt_endpoint *e, enum wt_ask ask)
{
    return e->party->o.asks & ask;
}

bool wt_flight_sign(struct wt_endpoint *e, const struct wt_span *parts, size_t count, struct wt_span *signature,
                    uint8_t room[WT_SIGNATURE_MOST])
{
    struct wt_exchanging *x = e->x;
    const struct wt_identity *identity = x->identity;
    size_t n = 0;
    if (identity->key) {
        if (wt_signing_sign(identity->signing, e->party->crypto, x->scheme, e->h.agreed.chosen.tls13, parts, count,
                            room, &n) != WT_SIGNING_DONE)
            return wt_endpoint_broken(e);
        *signature = wt_span_of(room, n);
        return true;
    }
    if (wt_flight_ask(e, WT_ASK_SIGNATURE)) {
        *signature = wt_buffer_span(&x->signature);
        return true;
    }
    x->to_sign.n = 0;
    for (size_t i = 0; i < count; i++)
        if (!wt_buffer_add(&x->to_sign, parts[i].p, parts[i].n))
            return wt_endpoint_broken(e);
    return false;
}

/* --- what is asked ------------------------------------------------------------------------------------------------ */

static struct wt_span body_of_schemes(const struct wt_client_hello *hello, const struct wt_codec_context *context)
{
    union wt_ext_body body;
    return wt_extensions_get(&hello->extensions, WT_EXT_SIGNATURE_ALGORITHMS, context, WT_IN_CH, &body)
               ? body.signature_algorithms.supported_signature_algorithms
               : (struct wt_span){0};
}

static void tell_hello(const struct wt_endpoint *e, struct wt_event *event)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_CLIENT);
    const struct wt_handshake_message *m = wt_messages_newest(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    union wt_ext_body body;
    if (!m)
        return;
    event->schemes = body_of_schemes(&m->body.client_hello, &context);
    if (wt_extensions_get(&m->body.client_hello.extensions, WT_EXT_ALPN, &context, WT_IN_CH, &body))
        event->alpn = body.alpn.protocol_name_list;
}

static void tell_request(const struct wt_endpoint *e, struct wt_event *event)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    const struct wt_handshake_message *m =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_REQUEST);
    union wt_ext_body body;
    if (!m)
        return;
    const struct wt_certificate_request *request = &m->body.certificate_request;
    event->schemes = request->signature_algorithms;
    event->authorities = request->authorities;
    if (wt_extensions_get(&request->extensions, WT_EXT_CERTIFICATE_AUTHORITIES, &context, WT_IN_CR, &body))
        event->authorities = body.certificate_authorities.authorities;
}

/* TLS 1.2: a client is told the server's hint, a server the identity behind it. */
static void tell_psk(const struct wt_endpoint *e, struct wt_event *event)
{
    if (wt_exchange12_has_psk(e)) {
        event->psk = e->side == WT_CLIENT ? wt_exchange12_hint(e) : wt_exchange12_identity(e);
        return;
    }
    const size_t at = wt_messages_find(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    struct wt_span binder;
    (void)wt_proofs_identity(&e->h, at, e->x->psk_at, &event->psk, &binder);
}

void wt_flight_tell(const struct wt_endpoint *e, struct wt_event *event)
{
    *event = (struct wt_event){
        .kind = WT_EVENT_ASK, .ask = e->ask, .host = wt_span_of(e->host, e->host ? strlen(e->host) : 0)};
    if (e->ask == WT_ASK_SIGNATURE) {
        event->scheme = e->x->scheme;
        event->identity = e->x->identity;
        event->to_sign = wt_buffer_span(&e->x->to_sign);
    } else if (e->side == WT_SERVER) {
        tell_hello(e, event);
    } else {
        tell_request(e, event);
    }
    if (e->ask == WT_ASK_PSK)
        tell_psk(e, event);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

bool wt_flight_hold(struct wt_endpoint *e, uint8_t type, struct wt_span body)
{
    const uint8_t head[4] = {type, (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 8), (uint8_t)body.n};
    return (wt_buffer_add(&e->x->held, head, sizeof head) && wt_buffer_add(&e->x->held, body.p, body.n)) ||
           wt_endpoint_broken(e);
}

/* What came with the message that raised the question. A new question stops it again: what is left is held anew. */
static void take_held(struct wt_endpoint *e)
{
    struct wt_buffer held = e->x ? e->x->held : (struct wt_buffer){0};
    struct wt_span rest = wt_buffer_span(&held);
    if (e->x)
        e->x->held = (struct wt_buffer){0};
    while (rest.n >= 4) {
        const struct wt_span body = wt_span_cut(rest, 4, wt_get24(rest.p + 1));
        wt_endpoint_message(e, rest.p[0], body, (uint32_t)body.n, 1);
        rest = wt_span_cut(rest, 4 + body.n, SIZE_MAX);
    }
    if (held.n && !e->failure.id && wt_endpoint_is_aligned(e))
        (void)wt_endpoint_answer_due(e);
    wt_buffer_wipe(&held);
}

/* Whether that is what was asked; then the question is no longer open. */
static bool is_asked(struct wt_endpoint *e, enum wt_ask ask)
{
    if (e->ask != ask || !e->x)
        return false;
    e->ask = 0;
    e->x->answered = (uint8_t)ask;
    return true;
}

static void resume(struct wt_endpoint *e)
{
    if (go_on(e) && !e->ask)
        take_held(e);
    wt_endpoint_go_on(e);
}

bool wt_endpoint_answer_identity(struct wt_endpoint *e, const struct wt_identity *identity)
{
    if (!is_asked(e, WT_ASK_IDENTITY))
        return false;
    e->x->identity = identity;
    e->x->identity_given = identity;
    resume(e);
    return true;
}

bool wt_endpoint_answer_alpn(struct wt_endpoint *e, const char *protocol)
{
    struct wt_event event;
    struct wt_span name;
    if (e->ask != WT_ASK_ALPN)
        return false;
    wt_flight_tell(e, &event);
    e->x->alpn = (struct wt_span){0};
    while (protocol && wt_ext_opaque_next(&event.alpn, 1, &name))
        if (wt_span_equal(name, wt_span_of(protocol, strlen(protocol))))
            e->x->alpn = name;
    if (protocol && !e->x->alpn.n)
        return false;
    (void)is_asked(e, WT_ASK_ALPN);
    resume(e);
    return true;
}

bool wt_endpoint_answer_signature(struct wt_endpoint *e, const void *signature, size_t n)
{
    if (e->ask != WT_ASK_SIGNATURE || n > WT_SIGNATURE_MOST)
        return false;
    (void)is_asked(e, WT_ASK_SIGNATURE);
    e->x->signature.n = 0;
    if (!n || !wt_buffer_add(&e->x->signature, signature, n))
        (void)wt_endpoint_broken(e);
    else
        resume(e);
    return true;
}

static struct wt_external_psk *copy_psk(const struct wt_external_psk *psk)
{
    struct wt_external_psk *copy = wt_calloc(1, sizeof *copy + psk->identity.n + psk->key.n);
    if (!copy)
        return NULL;
    uint8_t *bytes = (uint8_t *)(copy + 1);
    *copy = *psk;
    copy->identity.p = bytes;
    if (psk->identity.n) /* it may be NULL */
        memcpy(bytes, psk->identity.p, psk->identity.n);
    copy->key.p = memcpy(bytes + psk->identity.n, psk->key.p, psk->key.n);
    return copy;
}

void wt_flight_wipe_psk(struct wt_endpoint *e)
{
    if (e->given_psk)
        wt_wipe((uint8_t *)(e->given_psk + 1) + e->given_psk->identity.n, e->given_psk->key.n);
}

/* One for which there was no suite makes room for the next. */
static void drop_psk(struct wt_endpoint *e)
{
    wt_flight_wipe_psk(e);
    if (e->psk == e->given_psk)
        e->psk = NULL;
    free(e->given_psk);
    e->given_psk = NULL;
}

static bool takes(const struct wt_endpoint *e, const struct wt_external_psk *psk)
{
    return wt_party_takes_psk(e->party, psk) && (wt_exchange12_has_psk(e) || wt_party_psk_is_for_13(psk));
}

bool wt_endpoint_answer_psk(struct wt_endpoint *e, const struct wt_external_psk *psk)
{
    struct wt_event event;
    struct wt_external_psk named;
    if (e->ask != WT_ASK_PSK || !e->x)
        return false;
    wt_flight_tell(e, &event);
    named = psk ? *psk : (struct wt_external_psk){0};
    if (e->side == WT_SERVER)
        named.identity = event.psk;
    if (psk && ((psk->identity.n && !wt_span_equal(psk->identity, named.identity)) || !takes(e, &named)))
        return false;
    drop_psk(e);
    e->given_psk = psk ? copy_psk(&named) : NULL;
    (void)is_asked(e, WT_ASK_PSK);
    if (psk && !e->given_psk)
        (void)wt_endpoint_broken(e);
    else
        resume(e);
    return true;
}

static bool decide(struct wt_endpoint *e, enum wt_ask ask, bool accept)
{
    if (!is_asked(e, ask))
        return false;
    e->x->accepted = accept;
    resume(e);
    return true;
}

bool wt_endpoint_answer_verdict(struct wt_endpoint *e, bool accept)
{
    return decide(e, WT_ASK_VERDICT, accept);
}

bool wt_endpoint_answer_resumed(struct wt_endpoint *e, bool accept)
{
    return decide(e, WT_ASK_RESUMED, accept);
}
