/* Inputs without end: what has ended there, and is told while others go on. */
#include "observer/endless.h"

#include "observer/detect/refusals.h"
#include "observer/observer.h"
#include "observer/places.h"
#include "observer/queue.h"
#include "observer/state.h"
#include "observer/udp/connections.h"
#include "registry/limits.h"

/* How long a conversation may be silent. The next SYN comes after twice the time of the one before at most (RFC
 * 6298, 5.5): when it is overdue, its sender has given up. */
static int64_t patience(const struct wt_observer *o, const struct wt_conversation *c)
{
    const int64_t second = 1000000000, idle = o->options.idle_seconds * second;
    if (c->tls || !wt_transport_attempts(&c->transport) || !wt_transport_is_unanswered(&c->transport))
        return idle;
    int64_t overdue = 2 * (c->seen_ns - c->last_ns) + 4 * second;
    return overdue < idle ? overdue : idle;
}

static void end_idle_of(struct wt_observer *o, enum wt_conversation_list list)
{
    struct wt_conversation *c = wt_conversations_first(o->conversations, list), *next;
    for (; c; c = next) {
        next = wt_conversations_next(o->conversations, c);
        if (!(c->flags & WT_CONV_ENDED) && !wt_transport_is_fed(&c->transport) &&
            o->now.ns - c->seen_ns > patience(o, c))
            wt_queue_end(o, c);
    }
}

void wt_observer_end_idle(struct wt_observer *o)
{
    enum { FEW = 1024 };
    const int64_t second = 1000000000;
    const struct wt_conversations *t = o->conversations;
    if (o->now.ns < o->idle_ns)
        return;
    if (o->idle_ns) {
        end_idle_of(o, WT_LIST_OPEN);
        end_idle_of(o, WT_LIST_ASIDE);
        wt_udp_end_idle(o, o->options.idle_seconds * second);
    }
    const uint32_t open = wt_conversations_length(t, WT_LIST_OPEN) + wt_conversations_length(t, WT_LIST_ASIDE);
    o->idle_ns = o->now.ns + (open < FEW ? second : 16 * second);
    wt_queue_report_ready(o);
}

void wt_observer_resumes(struct wt_observer *o, struct wt_time time)
{
    if (time.ns - o->latest_ns < WT_LIMIT_PATIENCE_NS)
        return;
    wt_observer_paused(o, o->latest_ns, time.ns);
}

/* Those that ended while others, which began before them, go on; and those that never became TLS, where it is known
 * that they were to. */
static void report_unordered(struct wt_observer *o)
{
    struct wt_conversation *next, *c = o->waiting ? wt_conversations_first(o->conversations, WT_LIST_OPEN) : NULL;
    for (; c; c = next) {
        next = wt_conversations_next(o->conversations, c);
        if (!c->waits)
            continue;
        if (c->tls)
            wt_queue_report(o, c);
        else if (wt_refusals_now(o, c))
            wt_queue_report_refused(o, c);
    }
    while ((c = wt_refusals_waiting(o)))
        wt_queue_report_refused(o, c);
    wt_queue_report_ready(o);
    wt_udp_sweep(o);
    wt_udp_report(o);
}

/* Packets are not always captured in order. */
void wt_observer_end_soon(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & WT_CONV_CLOSING || wt_transport_is_fed(&c->transport))
        return;
    c->flags |= WT_CONV_CLOSING;
    uint32_t at = (o->closing_first + o->closing_count) % WT_LIMIT_CLOSING;
    o->closing[at] = (struct wt_closing){c->id, c->stream, c->held, o->now.ns};
    o->closing_bytes += c->held;
    o->closing_count++;
}

/* One that has waited: unless it goes on after all. */
static void end_closed(struct wt_observer *o, struct wt_conversation *c)
{
    c->flags &= (uint8_t)~WT_CONV_CLOSING;
    if (wt_transport_is_over(&c->transport))
        wt_queue_end(o, c);
}

void wt_observer_sweep(struct wt_observer *o, bool room, int64_t patience_ns)
{
    while (o->closing_count) {
        struct wt_closing *w = &o->closing[o->closing_first];
        int64_t age = o->now.ns - w->ns;
        if (age < 0) { /* the clock stepped back: nobody has waited that long */
            w->ns = o->now.ns;
            age = 0;
        }
        if (!(room && wt_observer_needs_room(o)) && age < patience_ns)
            break;
        struct wt_conversation *c = wt_conversations_get(o->conversations, w->id, w->stream);
        if (c)
            end_closed(o, c);
        o->closing_bytes -= w->held;
        o->closing_first = (o->closing_first + 1) % WT_LIMIT_CLOSING;
        o->closing_count--;
        wt_queue_report_ready(o);
    }
}

void wt_observer_time(struct wt_observer *o, struct wt_time now)
{
    wt_observer_quiet(o, true);
    wt_observer_clock(o, now);
    if (o->options.idle_seconds)
        wt_observer_end_idle(o);
    if (o->closing_count)
        wt_observer_sweep(o, false, WT_LIMIT_CLOSING_WATCHED_NS);
    report_unordered(o);
    wt_observer_quiet(o, false);
}
