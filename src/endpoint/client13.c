/* The client of TLS 1.3. */
#include "endpoint/client.h"

#include "codec/ext/ext.h"
#include "endpoint/client_resume.h"
#include "endpoint/early.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/later.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/verify.h"

/* --- what the server says ----------------------------------------------------------------------------------------- */

/* RFC 8446, 4.2.8: the server's share is of one of the groups that a share was sent of. */
static bool exchange(struct wt_endpoint *e, const struct wt_server_hello *hello)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    struct wt_exchanging *x = e->x;
    union wt_ext_body body;
    if (!wt_client_take_psk(e))
        return false;
    if (!e->h.agreed.chosen.has_share && x->psk.n) /* psk_ke, which the rules have found to be offered */
        return true;
    if (!wt_extensions_get(&hello->extensions, WT_EXT_KEY_SHARE, &context, WT_IN_SH, &body))
        return wt_endpoint_fail(e, WT_ALERT_MISSING_EXTENSION, "malformed-message");
    for (size_t i = 0; i < WT_LIMIT_KEY_SHARES; i++)
        if (x->exchange[i] && x->group[i] == body.key_share.group)
            return wt_endpoint_exchanged(e,
                                         wt_exchange_finish(x->exchange[i], body.key_share.key_exchange, &x->shared));
    return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
}

bool wt_client13_check(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_SERVER_HELLO:
        return exchange(e, &m->body->server_hello);
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        return wt_client_check_alpn(e) && wt_early_settle(e);
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        e->requested = true;
        return true;
    case WT_HANDSHAKE_CERTIFICATE:
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        return wt_client_check_certificate(e, wt_endpoint_certificate_of(e, m));
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        return wt_endpoint_check_verify(e, m);
    case WT_HANDSHAKE_FINISHED:
        return wt_endpoint_check_finished(e, m);
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        return wt_client_take_ticket(e, &m->body->new_session_ticket);
    case WT_HANDSHAKE_KEY_UPDATE:
        return wt_endpoint_check_update(e, &m->body->key_update);
    default:
        return true;
    }
}

/* --- what it answers ---------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.4.2: "If the server requests client authentication but no suitable certificate is available, the client
 * MUST send a Certificate message containing no certificates (i.e., with the "certificate_list" field having length 0)."
 */
static bool say_certificate(struct wt_endpoint *e)
{
    const struct wt_handshake_message *request =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_REQUEST);
    return !e->requested || wt_endpoint_say_certificate(e, request->body.certificate_request.request_context);
}

static wt_flight_step *const judging[] = {wt_endpoint_verify, NULL};

static bool settle(struct wt_endpoint *e)
{
    if (!e->x->psk.n)
        wt_resume_authenticated(e);
    return wt_resume_secret13(e);
}

static wt_flight_step *const flight[] = {
    wt_client_ask_resumed,
    wt_early_say_end,
    wt_client_choose_identity,
    say_certificate,
    wt_endpoint_say_verify,
    wt_endpoint_say_finished,
    settle,
    wt_endpoint_done,
    NULL,
};

bool wt_client13_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    if (m->type == WT_HANDSHAKE_CERTIFICATE_REQUEST && e->established)
        return wt_later_answer(e);
    if (m->type == WT_HANDSHAKE_CERTIFICATE_VERIFY)
        return wt_flight_start(e, judging);
    return m->type != WT_HANDSHAKE_FINISHED || wt_flight_start(e, flight);
}
