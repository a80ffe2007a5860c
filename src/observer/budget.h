/* The memory that all connections together may take. What each holds is counted as it changes; when all of them hold
 * too much, those that were silent for the longest time are first kept in fewer bytes (asleep.h), then ended. */
#ifndef WT_OBSERVER_BUDGET_H
#define WT_OBSERVER_BUDGET_H

#include "observer/tls.h"

/* What a conversation holds beside its own room has changed. */
void wt_budget_count(struct wt_observer *o, struct wt_conversation *c);
/* The same after a segment was taken: an established connection whose messages nobody keeps holds what it held. */
static inline void wt_budget_touch(struct wt_observer *o, struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const bool handshake = tls && tls->handshake;
    if (handshake || c->was_handshake || c->places || (tls && (tls->log || tls->keys || !c->held)))
        wt_budget_count(o, c);
    c->was_handshake = handshake;
}
/* It holds nothing any more. */
void wt_budget_forget(struct wt_observer *o, struct wt_conversation *c);
/* Bytes that the observer holds for conversations, datagrams and certificates. */
uint64_t wt_budget_used(const struct wt_observer *o);
/* Looks whether that is too much, and makes it less. Conversations may end; none is being taken in. */
void wt_budget_keep(struct wt_observer *o);

#endif
