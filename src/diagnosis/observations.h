/* What is worth knowing of any connection. */
#ifndef WT_DIAGNOSIS_OBSERVATIONS_H
#define WT_DIAGNOSIS_OBSERVATIONS_H

struct wt_observer;
struct wt_conversation;

/* The connection is over: adds the findings. */
void wt_observations_settle(struct wt_observer *o, struct wt_conversation *c);

#endif
