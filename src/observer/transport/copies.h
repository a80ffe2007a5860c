/* Segments that come again: sent again, or captured more than once (mirror ports, several interfaces, both sides of a
 * router). */
#ifndef WT_OBSERVER_COPIES_H
#define WT_OBSERVER_COPIES_H

#include "observer/transport/conversations.h"

struct wt_observer;
struct wt_tls;

/* Whether a segment with the Identification `id` (0: none) that was seen already is a copy of a packet, not a packet
 * sent again, `age` nanoseconds after the newest one of its direction. A host gives each packet that it sends another
 * Identification, mostly one more than the last (RFC 6864, 4.1 leaves it open only where nothing is fragmented, and
 * many write 0 then, as IPv6 has none); and it waits before it sends again: RFC 6298, 2.4. */
bool wt_copies_is(uint16_t newest, uint16_t id, int64_t age);
/* Whether a packet whose contents had come before is a copy in that sense; one is counted. */
bool wt_copies_count(const struct wt_observer *o, struct wt_tls *tls, unsigned d, const struct wt_segment *s);
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
