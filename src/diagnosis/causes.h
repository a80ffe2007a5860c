/* The root cause of a failed connection. */
#ifndef WT_DIAGNOSIS_CAUSES_H
#define WT_DIAGNOSIS_CAUSES_H

struct wt_observer;
struct wt_conversation;

/* Finds it: what was offered and chosen, which side sent which alert, how TCP ended, what proofs and certificates
 * showed. tls->outcome.state is settled, proofs and certificates are verified. */
void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c);

#endif
