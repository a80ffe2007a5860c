/* What an input was as a whole. */
#ifndef WT_OBSERVER_SUMMARY_H
#define WT_OBSERVER_SUMMARY_H

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;

/* A connection is reported; `elsewhere`: it was counted before, as another stream. */
void wt_summary_count(struct wt_observer *o, const struct wt_conversation *c, bool elsewhere);

#endif
