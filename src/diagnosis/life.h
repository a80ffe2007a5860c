/* What becomes of a connection after its handshake. */
#ifndef WT_DIAGNOSIS_LIFE_H
#define WT_DIAGNOSIS_LIFE_H

struct wt_observer;
struct wt_conversation;

/* It is over, and its cause is known if it failed. */
void wt_life_settle(struct wt_observer *o, struct wt_conversation *c);

#endif
