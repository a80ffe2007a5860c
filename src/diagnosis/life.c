/* What becomes of a connection after its handshake, by what TCP shows: silences that it does not survive, receivers
 * that stop reading, losses, clients that leave at once. */
#include "diagnosis/life.h"

#include "observer/state.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <stdio.h>

/* The input of a rule. */
struct view {
    struct wt_observer *o;
    const struct wt_conversation *c;
    struct wt_tls *tls;
    const struct wt_life *life;
};

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

/* Singular and plural in one place: "2 times". */
static const char *times(unsigned n, char out[48])
{
    (void)snprintf(out, 48, ngettext_("%u time", "%u times", n), n);
    return out;
}

static enum wt_noticed noticed_by(unsigned side)
{
    return side == WT_CLIENT ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER;
}

/* --- silences ------------------------------------------------------------------------------------------------------
 */

/* RFC 5382, 5: a NAT's idle timeout for established connections "MUST NOT be less than 2 hours 4 minutes"; those of
 * cloud providers and homes are minutes. What a device has forgotten it drops, or answers with a RST. */
static void idle(const struct view *v)
{
    const struct wt_life *l = v->life;
    const struct wt_tls *tls = v->tls;
    if (!l || !l->idle.ns || !l->vain_data || !(v->c->path.watched & WT_WATCH_IDLE))
        return;
    unsigned other = !l->idle.by, side = wt_tls_side_of(tls, l->idle.by);
    bool reset = tls->end.reset_seen && tls->end.reset_by == other;
    const int64_t first = l->idle.from_ns + l->idle.ns;
    /* a side that has said goodbye before it fell silent owes no answer; neither does one that the capture lacks */
    if (wt_facts_has_closed(tls, !side) || wt_transport_ended(&v->c->transport, other) ||
        !wt_transport_seen(&v->c->transport, other))
        return;
    if (!reset && (l->vain < 3 || l->vain_ns - first < WT_LIMIT_PATIENCE_NS))
        return;
    char sent[48];
    const char *format =
        reset
            ? side == WT_CLIENT
                  ? _("After %.0f s without a packet the client sent data (packet %" PRIu32
                      ") and got a RST (packet %" PRIu32 "): probably a NAT, firewall or load balancer on the path, or "
                      "the server itself, had forgotten the idle connection.")
                  : _("After %.0f s without a packet the server sent data (packet %" PRIu32
                      ") and got a RST (packet %" PRIu32 "): probably a NAT, firewall or load balancer on the path, or "
                      "the client itself, had forgotten the idle connection.")
        : side == WT_CLIENT
            ? _("After %.0f s without a packet the client sent data (packet %" PRIu32
                "), %s within %.1f s, and nothing came back any more, not even a TCP acknowledgment: probably a NAT, "
                "firewall or load balancer on the path had forgotten the idle connection.")
            : _("After %.0f s without a packet the server sent data (packet %" PRIu32
                "), %s within %.1f s, and nothing came back any more, not even a TCP acknowledgment: probably a NAT, "
                "firewall or load balancer on the path had forgotten the idle connection, or the client is gone.");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const struct wt_list_finding *f =
        reset ? wt_finding_say(v->tls, WT_FINDING_IDLE_CONNECTION_LOST, l->idle.frame, format, seconds(l->idle.ns),
                               l->idle.frame, tls->end.reset_frame)
              : wt_finding_say(v->tls, WT_FINDING_IDLE_CONNECTION_LOST, l->idle.frame, format, seconds(l->idle.ns),
                               l->idle.frame, times(l->vain_data, sent), seconds(l->vain_ns - first));
#pragma GCC diagnostic pop
    if (f)
        wt_finding_blame(v->tls, f, WT_FAULT_BETWEEN, noticed_by(side), true);
}

/* --- windows -------------------------------------------------------------------------------------------------------
 */

/* RFC 9293, 3.8.6.1: a sender must probe a zero window and keep the connection open as long as the receiver answers;
 * applications do not wait that long. */
static void window(const struct view *v)
{
    for (unsigned d = 0; d < 2; d++) {
        int64_t closed = v->life ? wt_life_closed_ns(v->o, v->c, d) : 0;
        unsigned side = wt_tls_side_of(v->tls, d);
        if (closed < WT_LIMIT_WINDOW_NS)
            continue;
        const struct wt_transport_end *end = &v->tls->end;
        bool other = wt_transport_end_by(end, !d), itself = wt_transport_end_by(end, d);
        const char *format =
            side == WT_CLIENT
                ? other ? _("The client stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                            " on), until the server ended the connection.")
                  : itself
                      ? _("The client stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                          " on), and then ended the connection itself.")
                      : _("The client stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                          " on), up to the end of the capture.")
            : other  ? _("The server stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                         " on), until the client ended the connection.")
            : itself ? _("The server stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                         " on), and then ended the connection itself.")
                     : _("The server stopped reading: it kept its TCP window at 0 for %.0f s (from packet %" PRIu32
                         " on), up to the end of the capture.");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        const struct wt_list_finding *f =
            wt_finding_say(v->tls, WT_FINDING_RECEIVER_STOPPED_READING, v->life->window[d].frame, format,
                           seconds(closed), v->life->window[d].frame);
#pragma GCC diagnostic pop
        if (!f)
            return;
        wt_finding_blame(v->tls, f, side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, noticed_by(!side), false);
        if (itself && !other) /* a player that is paused and closed has no fault */
            wt_finding_grade(f, WT_NOTICE);
    }
}

/* --- losses --------------------------------------------------------------------------------------------------------
 */

/* RFC 6298, 5: what is not acknowledged in time is sent again. A connection that failed has its cause. */
static void loss(const struct view *v)
{
    const struct wt_life *l = v->life;
    if (!l || v->tls->outcome.state == WT_FAILED || l->resent_ns < WT_LIMIT_LOSS_NS ||
        wt_finding_of(v->tls, WT_FINDING_IDLE_CONNECTION_LOST) ||
        wt_finding_of(v->tls, WT_FINDING_RECEIVER_STOPPED_READING))
        return;
    unsigned client = wt_tls_direction_of(v->tls, WT_CLIENT);
    (void)wt_finding_say(v->tls, WT_FINDING_TCP_LOSS, 0,
                         _("Packets were lost: the client sent %u segments again and the server %u; waiting for that "
                           "took %.1f s in all."),
                         l->resent[client], l->resent[!client], seconds(l->resent_ns));
}

/* --- leaving at once -----------------------------------------------------------------------------------------------
 */

/* TLS 1.3 without keys: an alert by its length. */
static bool said_nothing(const struct wt_tls *tls)
{
    return tls->side[WT_CLIENT].data.records == 0 ||
           (wt_tls_is_13(tls) && !(tls->outcome.after & WT_AFTER_CLIENT_DATA));
}

/* Many libraries hold the name, or the whole certificate, against what was asked for only after the handshake (RFC
 * 6125, 6 leaves it to the application): then the client has sent its Finished, and leaves. Whoever resumes sees no
 * certificate. */
static void left(const struct view *v)
{
    const struct wt_tls *tls = v->tls;
    unsigned client = wt_tls_direction_of(tls, WT_CLIENT);
    const struct wt_transport_end *end = &tls->end;
    bool reset = end->reset_seen && end->reset_by == client;
    uint32_t frame = end->fin[client].frame ? end->fin[client].frame : reset ? end->reset_frame : 0;
    if (tls->outcome.state != WT_ESTABLISHED || !tls->outcome.ready_ns || !frame || !end->ns ||
        tls->agreed.resumption != WT_RESUMPTION_NONE || tls->agreed.early_data != WT_EARLY_NONE ||
        wt_transport_left_first(&v->c->transport, !client) || tls->side[0].missing || tls->side[1].missing ||
        tls->report.cause || tls->agreed.renegotiations || tls->side[WT_CLIENT].flags & WT_SIDE_AGAIN ||
        !said_nothing(tls) || end->ns - tls->outcome.ready_ns > WT_LIMIT_LEFT_NS ||
        tls->side[WT_SERVER].flags & (WT_SIDE_CLOSE_NOTIFY | WT_SIDE_FATAL))
        return;
    if (!wt_tls_is_13(tls) && tls->side[WT_SERVER].data.records)
        return; /* the server has spoken first, as mail servers do */
    (void)wt_finding_say(v->tls, WT_FINDING_LEFT_AFTER_HANDSHAKE, frame,
                         _("The client closed the connection (packet %" PRIu32
                           ") %.0f ms after the handshake and sent no application data: it may have rejected the "
                           "server's name or certificate only then, or it was a health check."),
                         frame, (double)(end->ns - tls->outcome.ready_ns) / 1e6);
}

void wt_life_settle(struct wt_observer *o, struct wt_conversation *c)
{
    static void (*const all[])(const struct view *) = {idle, window, loss, left};
    const struct view v = {o, c, c->tls, wt_life_of(c->tls)};
    bool established = c->tls->outcome.state == WT_ESTABLISHED;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (established || all[i] == loss)
            all[i](&v);
}
