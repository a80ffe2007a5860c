/* Conversations as they begin and end. */
#ifndef WT_OBSERVER_OBSERVER_H
#define WT_OBSERVER_OBSERVER_H

#include "wiretale/observer.h"

struct wt_conversation;
struct wt_segment;

/* A conversation begins with this segment, which goes in that direction. NULL without memory, which is counted. */
struct wt_conversation *wt_observer_begin(struct wt_observer *o, const struct wt_segment *s, unsigned direction);
/* The time is this. */
void wt_observer_clock(struct wt_observer *o, struct wt_time now);
/* Reports what is known of a connection as soon as its handshake is over, when that is asked for. */
void wt_observer_announce(struct wt_observer *o, struct wt_conversation *c);

#endif
