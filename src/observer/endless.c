/* Inputs without end: what has ended there, and is told while others go on. */
#include "observer/endless.h"

#include "observer/detect/refusals.h"
#include "observer/observer.h"
#include "observer/places.h"
#include "observer/state.h"
#include "registry/limits.h"

/* Whether all conversations of the oldest block have ended and were told. */
static bool block_is_over(const struct wt_observer *o)
{
    uint32_t from = wt_conversations_first(o->conversations), to = from + WT_CONVERSATION_BLOCK;
    if (o->next_tell < to)
        return false;
    for (uint32_t i = from; i < to; i++)
        if (!(wt_conversations_at(o->conversations, i)->flags & WT_CONV_ENDED))
            return false;
    return true;
}

void wt_observer_drop_block(struct wt_observer *o)
{
    const uint32_t from = wt_conversations_first(o->conversations);
    for (uint32_t i = from; o->segments && i < from + WT_CONVERSATION_BLOCK; i++)
        wt_places_free(o, wt_conversations_at(o->conversations, i)); /* of those that waited to be told */
    wt_conversations_drop_block(o->conversations);
}

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

void wt_observer_end_idle(struct wt_observer *o)
{
    const int64_t second = 1000000000;
    const uint32_t first = wt_conversations_first(o->conversations), count = wt_conversations_count(o->conversations);
    if (o->now.ns < o->idle_ns)
        return;
    for (uint32_t i = first; o->idle_ns && i < count; i++) {
        struct wt_conversation *c = wt_conversations_at(o->conversations, i);
        if (!(c->flags & WT_CONV_ENDED) && !wt_transport_is_fed(&c->transport) &&
            o->now.ns - c->seen_ns > patience(o, c))
            wt_observer_end(o, c);
    }
    o->idle_ns = o->now.ns + (count - first < WT_CONVERSATION_BLOCK ? second : 16 * second);
    wt_observer_tell_ready(o);
    while (block_is_over(o))
        wt_observer_drop_block(o);
}

void wt_observer_resumes(struct wt_observer *o, struct wt_time time)
{
    if (time.ns - o->latest_ns < WT_LIMIT_PATIENCE_NS)
        return;
    wt_observer_paused(o, o->latest_ns, time.ns);
}

/* Those that ended while others, which began before them, go on; and those that never became TLS, where it is known
 * that they were to. */
static void tell_unordered(struct wt_observer *o)
{
    for (uint32_t i = o->next_tell; i < wt_conversations_count(o->conversations); i++) {
        struct wt_conversation *c = wt_conversations_at(o->conversations, i);
        if (!(c->flags & WT_CONV_ENDED))
            continue;
        if (c->tls)
            wt_observer_tell(o, c);
        else if (wt_refusals_now(o, c))
            wt_observer_tell_refused(o, c);
    }
    for (struct wt_conversation *c; (c = wt_refusals_waiting(o));)
        wt_observer_tell_refused(o, c);
}

/* Packets are not always captured in order. */
void wt_observer_end_soon(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & WT_CONV_CLOSING || wt_transport_is_fed(&c->transport))
        return;
    c->flags |= WT_CONV_CLOSING;
    uint32_t at = (o->closing_first + o->closing_count) % WT_LIMIT_CLOSING;
    o->closing[at] = (struct wt_closing){c->stream, o->now.ns};
    o->closing_count++;
}

/* One that has waited: unless it goes on after all. */
static void end_closed(struct wt_observer *o, struct wt_conversation *c)
{
    c->flags &= (uint8_t)~WT_CONV_CLOSING;
    if (wt_transport_is_over(&c->transport))
        wt_observer_end(o, c);
}

void wt_observer_sweep(struct wt_observer *o, bool room)
{
    while (o->closing_count) {
        struct wt_closing *w = &o->closing[o->closing_first];
        int64_t age = o->now.ns - w->ns;
        if (age < 0) { /* the clock stepped back: nobody has waited that long */
            w->ns = o->now.ns;
            age = 0;
        }
        if (!(room && o->closing_count == WT_LIMIT_CLOSING) && age < WT_LIMIT_CLOSING_NS)
            break;
        if (w->stream >= wt_conversations_first(o->conversations))
            end_closed(o, wt_conversations_at(o->conversations, w->stream));
        o->closing_first = (o->closing_first + 1) % WT_LIMIT_CLOSING;
        o->closing_count--;
        wt_observer_tell_ready(o);
    }
}

void wt_observer_time(struct wt_observer *o, struct wt_time now)
{
    wt_observer_quiet(o, true);
    wt_observer_clock(o, now);
    if (o->options.idle_seconds)
        wt_observer_end_idle(o);
    if (o->closing_count)
        wt_observer_sweep(o, false);
    tell_unordered(o);
    wt_observer_quiet(o, false);
}
