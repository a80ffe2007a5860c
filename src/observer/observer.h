/* Conversations as they begin and end. */
#ifndef WT_OBSERVER_OBSERVER_H
#define WT_OBSERVER_OBSERVER_H

struct wt_observer;
struct wt_conversation;
struct wt_segment;

/* A conversation begins with this segment, in direction 0. NULL without memory, which is counted. */
struct wt_conversation *wt_observer_begin(struct wt_observer *o, const struct wt_segment *s);
/* Nothing more is taken in. */
void wt_observer_end(struct wt_observer *o, struct wt_conversation *c);
/* The same in a moment: stragglers may come. */
void wt_observer_end_soon(struct wt_observer *o, struct wt_conversation *c);
/* Reports what is known of a connection as soon as its handshake is over, when that is asked for. */
void wt_observer_announce(struct wt_observer *o, struct wt_conversation *c);

#endif
