/* TLS is found by content. */
#ifndef WT_OBSERVER_DETECT_H
#define WT_OBSERVER_DETECT_H

#include "base/span.h"

struct wt_observer;
struct wt_conversation;

/* Bytes of a conversation that is not TLS yet. */
void wt_detect_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
void wt_detect_free(struct wt_observer *o, struct wt_conversation *c);
/* A hole in what it said. */
void wt_detect_lost(struct wt_conversation *c, unsigned direction);
/* The conversation is over: a server that never spoke TLS is named, and all that is held goes. */
void wt_detect_end(struct wt_observer *o, struct wt_conversation *c);
/* Bytes of a side of a TLS connection whose own TLS has not begun. */
void wt_detect_side(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);

#endif
