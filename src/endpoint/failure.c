/* How a connection ends: an alert of ours, one of the peer's, or the transport. */
#include "endpoint/failure.h"

#include "endpoint/flight.h"
#include "endpoint/input.h"
#include "endpoint/meaning.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/tap.h"

enum { WARNING = 1, FATAL = 2 };

/* --- events ------------------------------------------------------------------------------------------------------- */

void wt_endpoint_event(struct wt_endpoint *e, const struct wt_event *event)
{
    if (e->event_count == WT_LIMIT_EVENTS) {
        e->event_first = (uint8_t)((e->event_first + 1) % WT_LIMIT_EVENTS);
        e->event_count--;
    }
    e->events[(e->event_first + e->event_count++) % WT_LIMIT_EVENTS] = (struct wt_told){.finding = event->finding,
                                                                                        .kind = event->kind,
                                                                                        .alert = event->alert,
                                                                                        .sent = event->sent,
                                                                                        .fatal = event->fatal};
}

/* What is agreed on keeps what the hello offers: the list, unless it is longer than its room. */
static void tell_hello(const struct wt_endpoint *e, struct wt_event *event)
{
    const struct wt_offered *o = &e->h.agreed.offered;
    event->host = wt_span_of(e->host, e->host ? strlen(e->host) : 0);
    event->alpn = wt_span_of(o->alpn, o->more_alpn ? 0 : o->alpn_length);
}

bool wt_endpoint_next_event(struct wt_endpoint *e, struct wt_event *event)
{
    if (!e->event_count) {
        if (!e->ask || e->ask_told)
            return false;
        e->ask_told = true;
        wt_flight_tell(e, event);
        return true;
    }
    const struct wt_told *told = &e->events[e->event_first];
    *event = (struct wt_event){
        .finding = told->finding, .kind = told->kind, .alert = told->alert, .sent = told->sent, .fatal = told->fatal};
    if (told->kind == WT_EVENT_HELLO)
        tell_hello(e, event);
    e->event_first = (uint8_t)((e->event_first + 1) % WT_LIMIT_EVENTS);
    e->event_count--;
    return true;
}

/* --- ours --------------------------------------------------------------------------------------------------------- */

static void end(struct wt_endpoint *e, const char *finding, const struct wt_error *error)
{
    e->failure.id = finding;
    if (error)
        e->failure.error = *error;
    e->read_all = true;
    e->ask = 0;
}

/* RFC 8446, 6.2: "Whenever an implementation encounters a fatal error condition, it SHOULD send an appropriate fatal
 * alert and MUST close the connection without sending or receiving any additional data." */
bool wt_endpoint_fail_at(struct wt_endpoint *e, uint8_t alert, const char *finding, const struct wt_error *error)
{
    if (e->failure.id)
        return false;
    end(e, finding, error);
    wt_resume_disown(e);
    e->failure.has_alert = e->failure.sent = true;
    e->failure.alert = alert;
    e->flight.n = 0;
    const uint8_t body[2] = {FATAL, alert};
    if (!e->closed)
        (void)wt_endpoint_send(e, WT_CONTENT_ALERT, wt_span_of(body, sizeof body));
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_ALERT, .alert = alert, .sent = true, .fatal = true});
    return false;
}

bool wt_endpoint_fail(struct wt_endpoint *e, uint8_t alert, const char *finding)
{
    return wt_endpoint_fail_at(e, alert, finding, NULL);
}

bool wt_endpoint_too_much(struct wt_endpoint *e, enum wt_excess of, uint64_t most)
{
    static const struct {
        uint8_t alert;
        const char *finding;
    } rows[] = {
#define WT_EXCESS(id, alert, finding, text) [WT_EXCESS_##id] = {WT_ALERT_##alert, finding},
#include "endpoint/excess.def"
#undef WT_EXCESS
    };
    e->failure.excess = (uint8_t)of;
    e->failure.number[0] = most;
    return wt_endpoint_fail(e, rows[of].alert, rows[of].finding);
}

bool wt_endpoint_abort(struct wt_endpoint *e, uint8_t alert)
{
    if (e->failure.id || e->said_close || e->closed || alert == WT_ALERT_CLOSE_NOTIFY ||
        alert == WT_ALERT_USER_CANCELED)
        return false;
    (void)wt_endpoint_fail(e, alert, e->side == WT_CLIENT ? "rejected-by-client" : "rejected-by-server");
    wt_endpoint_go_on(e);
    return true;
}

/* RFC 8446, 6.2: illegal_parameter, "A field in the handshake was incorrect": no chain or list of ours is so long. */
bool wt_endpoint_too_long(struct wt_endpoint *e, uint32_t length)
{
    e->failure.number[0] = length;
    e->failure.number[1] = WT_LIMIT_ENDPOINT_MESSAGE;
    return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "message-too-long");
}

bool wt_endpoint_broken(struct wt_endpoint *e)
{
    static const struct wt_error error = {.code = WT_MEMORY};
    return wt_endpoint_fail_at(e, WT_ALERT_INTERNAL_ERROR, "peer-internal-error", &error);
}

/* RFC 8446, 4.2.8.1: "Peers MUST validate each other's public key Y by ensuring that 1 < Y < p-1." 4.2.8.2: "peers MUST
 * validate each other's public value Q by ensuring that the point is a valid point on the elliptic curve." 7.4.2, of
 * X25519 and X448: "Implementations MUST check whether the computed Diffie-Hellman shared secret is the all-zero value
 * and abort if so". */
bool wt_endpoint_exchanged(struct wt_endpoint *e, enum wt_exchanged how)
{
    static const struct wt_error error = {.code = WT_VALUE,
                                          .field = "key_exchange",
                                          .rule = "RFC 8446, 4.2.8.1, 4.2.8.2 and 7.4.2; RFC 8422, 5.4 and 5.7"};
    switch (how) {
    case WT_EXCHANGED:
        return true;
    case WT_EXCHANGE_BAD_SHARE:
        return wt_endpoint_fail_at(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message", &error);
    case WT_EXCHANGE_FAILED:
        break;
    }
    return wt_endpoint_broken(e);
}

/* --- the peer's alerts -------------------------------------------------------------------------------------------- */

/* RFC 8446, 6.1: "Any data received after a closure alert has been received MUST be ignored." */
static void closes(struct wt_endpoint *e)
{
    e->got_close = e->read_all = true;
    if (!e->established)
        end(e, e->peer == WT_CLIENT ? "rejected-by-client" : "rejected-by-server", NULL);
    /* RFC 5246, 7.2.1: "The other party MUST respond with a close_notify alert of its own and close down the connection
     * immediately, discarding any pending writes." In TLS 1.3 what we send goes on. */
    else if (!e->h.agreed.chosen.tls13 && !e->said_close)
        e->said_close = wt_endpoint_send_alert(e, WARNING, WT_ALERT_CLOSE_NOTIFY);
}

static void fatal(struct wt_endpoint *e, uint8_t description)
{
    end(e, wt_meaning_of(e, description), NULL);
    wt_resume_disown(e);
    e->failure.has_alert = true;
    e->failure.alert = description;
}

/* RFC 8446, 6: "All the alerts listed in Section 6.2 MUST be sent with AlertLevel=fatal and MUST be treated as error
 * alerts when received regardless of the AlertLevel in the message. Unknown Alert types MUST be treated as error
 * alerts." */
static bool is_fatal(const struct wt_endpoint *e, const struct wt_alert_body *alert)
{
    if (alert->description == WT_ALERT_CLOSE_NOTIFY)
        return false;
    if (e->h.agreed.chosen.tls13)
        return alert->description != WT_ALERT_USER_CANCELED;
    return alert->level == FATAL;
}

void wt_endpoint_alert(struct wt_endpoint *e, struct wt_span body)
{
    struct wt_alert_body alert;
    struct wt_error error;
    if (wt_alert_decode(body, NULL, &alert, &error) != WT_OK) {
        (void)wt_endpoint_fail_at(e, WT_ALERT_DECODE_ERROR, "malformed-message", &error);
        return;
    }
    bool ends = is_fatal(e, &alert);
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_ALERT, .alert = alert.description, .fatal = ends});
    if (alert.level != WARNING && alert.level != FATAL)
        (void)wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    else if (alert.description == WT_ALERT_CLOSE_NOTIFY)
        closes(e);
    else if (ends)
        fatal(e, alert.description);
    else if (e->again && e->side == WT_CLIENT && alert.description == WT_ALERT_NO_RENEGOTIATION)
        (void)wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "renegotiation-refused");
    else if (++e->warnings > WT_LIMIT_WARNINGS)
        (void)wt_endpoint_too_much(e, WT_EXCESS_WARNINGS, WT_LIMIT_WARNINGS);
}

/* --- the transport's end ------------------------------------------------------------------------------------------ */

/* RFC 8446, 6.1: "If the application protocol using TLS provides that any data may be carried over the underlying
 * transport after the TLS connection is closed, the TLS implementation MUST receive a "close_notify" alert before
 * indicating end-of-data to the application layer." */
static const char *cut_off(const struct wt_endpoint *e, bool clean)
{
    if (e->established)
        return "truncated-close";
    if (e->side == WT_CLIENT && !e->h.agreed.chosen.seen && !e->h.agreed.retry.seen)
        return clean ? "closed-during-handshake" : "reset-after-client-hello";
    return "closed-during-handshake";
}

void wt_endpoint_closed(struct wt_endpoint *e, bool clean)
{
    if (e->closed)
        return;
    e->closed = true;
    wt_tap_end(e, clean ? WT_TAP_CLOSED : WT_TAP_BROKEN);
    e->out.n = e->sent = 0;
    if (!e->failure.id && !e->got_close)
        end(e, cut_off(e, clean), NULL);
    e->read_all = true;
    wt_endpoint_go_on(e);
}
