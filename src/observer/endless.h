/* Inputs without end. */
#ifndef WT_OBSERVER_ENDLESS_H
#define WT_OBSERVER_ENDLESS_H

#include "observer/state.h"

/* Until when the capture saw what was sent after this time: a pause of the capture is no silence of anybody. */
static inline int64_t wt_observer_seen_until(const struct wt_observer *o, int64_t since)
{
    if (since >= o->jumped_ns)
        return o->latest_ns;
    return since < o->before_ns ? since : o->paused_ns; /* of pauses before the last nothing more is known */
}

static inline void wt_observer_paused(struct wt_observer *o, int64_t from, int64_t to)
{
    o->before_ns = o->jumped_ns;
    o->paused_ns = from;
    o->jumped_ns = to;
}

/* A conversation ends in a moment: stragglers may come. */
void wt_observer_end_soon(struct wt_observer *o, struct wt_conversation *c);
/* Ends those whose stragglers had so much time to come; `room`: the queue needs some. The one that was closed last
 * waits whatever it holds: after its FIN nearly always comes what acknowledges that. */
static inline bool wt_observer_needs_room(const struct wt_observer *o)
{
    return o->closing_count == WT_LIMIT_CLOSING || (o->closing_count > 1 && o->closing_bytes > WT_LIMIT_CLOSING_BYTES);
}
/* Whether that would do anything: who has waited longest has waited long enough, or since a time that is to come. */
static inline bool wt_observer_is_due(const struct wt_observer *o, int64_t patience_ns)
{
    const int64_t age = o->now.ns - o->closing[o->closing_first].ns;
    return age < 0 || age >= patience_ns || wt_observer_needs_room(o);
}
void wt_observer_sweep(struct wt_observer *o, bool room, int64_t patience_ns);

/* What was silent for too long has ended. */
void wt_observer_end_idle(struct wt_observer *o);

#endif
