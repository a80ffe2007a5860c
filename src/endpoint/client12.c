/* The client of TLS 1.2. */
#include "endpoint/client.h"

#include "base/bits.h"
#include "endpoint/again.h"
#include "endpoint/client_resume.h"
#include "endpoint/endpoint.h"
#include "endpoint/exchange12.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/messages.h"
#include "endpoint/offers.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/secrets.h"
#include "endpoint/verify.h"
#include "handshake/proofs.h"

/* --- what the server says ----------------------------------------------------------------------------------------- */

/* RFC 7627: without extended_master_secret two connections may share their secrets. For a first handshake it is not a
 * must; sessions, exporters and renegotiation ask for it. RFC 5746, 3.4: without renegotiation_info "some clients
 * may want to terminate the handshake instead of continuing": ours then does not renegotiate, and so need not. */
static bool server_hello(struct wt_endpoint *e, const struct wt_server_hello *m)
{
    return wt_client_check_alpn(e) && (!wt_agreed_resumes(&e->h.agreed, m) || wt_client_resume12(e));
}

/* RFC 9325, 4.5: "DH key lengths of at least 2048 bits are REQUIRED."; a group that is too small is refused with
 * insufficient_security. */
static bool dhe_new(struct wt_endpoint *e, const struct wt_server_key_exchange *m, struct wt_share *share)
{
    enum wt_exchanged why = WT_EXCHANGED;
    if (wt_bits_of(m->dh_p) < e->party->o.min_dh)
        return wt_endpoint_fail(e, WT_ALERT_INSUFFICIENT_SECURITY, "weak-dh");
    e->x->exchange[0] = wt_exchange_new_dh(e->party->exchanges, m->dh_p, m->dh_g, &e->party->random, share, &why);
    return e->x->exchange[0] || wt_endpoint_exchanged(e, why);
}

/* Our share, and the secret: the server's parameters are known to be its own by now. */
static bool exchange(struct wt_endpoint *e, const struct wt_server_key_exchange *m, struct wt_share *share)
{
    struct wt_exchanging *x = e->x;
    const bool dhe = wt_exchange12_is_finite_field(m->kx);
    if (dhe) {
        if (!dhe_new(e, m, share))
            return false;
    } else {
        wt_exchange_free(x->exchange[0]);
        x->exchange[0] = wt_exchange_new(e->party->exchanges, m->named_curve, &e->party->random, share);
        if (!x->exchange[0])
            return wt_endpoint_broken(e);
    }
    return wt_endpoint_exchanged(e, wt_exchange_finish(x->exchange[0], dhe ? m->dh_ys : m->ec_point, &x->shared));
}

bool wt_client12_check(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_SERVER_HELLO:
        return server_hello(e, &m->body->server_hello);
    case WT_HANDSHAKE_CERTIFICATE:
        return wt_client_check_certificate(e, &m->body->certificate);
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        return wt_exchange12_has_psk(e) || wt_endpoint_check_verify(e, m);
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        e->requested = true;
        return true;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        return wt_client_take_ticket(e, &m->body->new_session_ticket);
    case WT_HANDSHAKE_FINISHED:
        return wt_endpoint_check_finished(e, m);
    default:
        return true;
    }
}

/* --- what it answers ---------------------------------------------------------------------------------------------- */

static bool say_key_exchange(struct wt_endpoint *e)
{
    const struct wt_handshake_message *keys =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE);
    const uint8_t kx = e->h.agreed.chosen.kx;
    struct wt_share share;
    share.n = 0;
    if (kx != WT_KX_PSK && !exchange(e, &keys->body.server_key_exchange, &share))
        return false;
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_CLIENT_KEY_EXCHANGE,
        .client_key_exchange = {.kx = kx,
                                .psk_identity = wt_exchange12_has_psk(e) ? e->psk->identity : (struct wt_span){0},
                                .public_key = wt_span_of(share.bytes, share.n)}};
    return wt_endpoint_say(e, &m);
}

static bool say_certificate(struct wt_endpoint *e)
{
    return !e->requested || wt_endpoint_say_certificate(e, (struct wt_span){0});
}

static bool say_keys(struct wt_endpoint *e)
{
    return say_key_exchange(e) && wt_exchange12_master(e);
}

static bool say_end(struct wt_endpoint *e)
{
    return wt_endpoint_say_ccs(e) && wt_endpoint_say_finished(e) && wt_endpoint_flush(e);
}

/* RFC 7918, 4: "The symmetric cipher defined by the cipher suite negotiated in this handshake has been whitelisted for
 * use with False Start": here those with AEAD, and key exchanges with forward secrecy. A server without a protocol
 * (ALPN) may be one of the old ones that do not bear it. */
static bool may_start(const struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    return e->party->o.false_start && !e->again && c->alpn_length && !wt_offers_is_cbc(c->suite) &&
           (c->kx == WT_KX_ECDHE || c->kx == WT_KX_DHE);
}

static bool start(struct wt_endpoint *e)
{
    if (!may_start(e))
        return true;
    e->false_started = true;
    return wt_endpoint_send_waiting(e);
}

static wt_flight_step *const flight[] = {
    wt_endpoint_verify,
    wt_exchange12_choose_psk,
    wt_client_choose_identity,
    say_certificate,
    say_keys,
    wt_endpoint_say_verify,
    say_end,
    start,
    NULL,
};

/* RFC 5246, 7.3, figure 2: of a session that is resumed the server's Finished is the first. */
static bool answer_end(struct wt_endpoint *e)
{
    return !e->resumed || say_end(e);
}

static bool finish(struct wt_endpoint *e)
{
    if (!e->resumed)
        wt_resume_authenticated(e);
    wt_client_keep12(e);
    return wt_endpoint_done(e);
}

static wt_flight_step *const last_flight[] = {wt_client_ask_resumed, answer_end, finish, NULL};

bool wt_client12_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_SERVER_HELLO_DONE:
        return wt_flight_start(e, flight);
    case WT_HANDSHAKE_FINISHED:
        return wt_flight_start(e, last_flight);
    case WT_HANDSHAKE_HELLO_REQUEST:
        return wt_again_requested(e);
    default:
        return true;
    }
}
