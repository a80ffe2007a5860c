/* Resets that count, and those that no receiver takes. */
#ifndef WT_OBSERVER_RESETS_H
#define WT_OBSERVER_RESETS_H

#include "observer/transport/conversations.h"

struct wt_observer;

/* A RST came in direction d: it ends the conversation, or is reported as stray. */
void wt_resets_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* A packet came after the RST: when it shows that the receiver went on, the RST is stray and forgotten. */
void wt_resets_weigh(struct wt_conversation *c);
/* The same when nothing more comes. */
void wt_resets_settle(struct wt_conversation *c);
/* RFC 9293, 3.10.4: a RST has the number after all that its side has sent: bytes before it that are not here. */
uint32_t wt_resets_unseen(const struct wt_transport *t, unsigned d);
/* All of a conversation with TLS is here: who ended it first, and whether without a close_notify. */
void wt_resets_order(struct wt_conversation *c);

#endif
