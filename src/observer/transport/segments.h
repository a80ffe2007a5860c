/* From TCP segments to stream bytes. */
#ifndef WT_OBSERVER_SEGMENTS_H
#define WT_OBSERVER_SEGMENTS_H

#include "base/span.h"

struct wt_observer;
struct wt_conversation;
struct wt_segment;

void wt_segments_take(struct wt_observer *o, const struct wt_segment *s);
/* Before the first: whether their places are kept. */
void wt_segments_begin(struct wt_observer *o);
/* The conversation of a segment that was not seen itself gets its number, no more. */
void wt_segments_number(struct wt_observer *o, const struct wt_segment *s);
/* A conversation's stream bytes, in order. */
void wt_segments_bytes(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
/* The same of bytes that were handed on before, when a connection is read anew: its places are kept as then. */
void wt_segments_again(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
/* A direction ends it: the first counts, and when. */
void wt_segments_leave(struct wt_observer *o, struct wt_conversation *c, unsigned direction);
/* What TCP still holds is handed on, with gaps where bytes are missing. */
void wt_segments_flush(struct wt_observer *o, struct wt_conversation *c);

#endif
