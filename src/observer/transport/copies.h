/* Segments that come again: sent again, or captured more than once (mirror ports, several interfaces, both sides of a
 * router). */
#ifndef WT_OBSERVER_COPIES_H
#define WT_OBSERVER_COPIES_H

#include "observer/transport/conversations.h"

struct wt_observer;

/* A segment that carries nothing new: counts it as what it is. */
void wt_copies_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* The packet's time is before that of the conversation's newest, by so much. */
void wt_copies_stepped_back(struct wt_observer *o, struct wt_conversation *c, int64_t ns);

static inline void wt_copies_note(struct wt_newest *newest, int64_t ns, uint16_t id)
{
    newest->at = (uint32_t)((uint64_t)ns >> 10);
    newest->id = id;
}

#endif
