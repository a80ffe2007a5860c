/* Conversations that were to be TLS and never became it: told as connections that failed. */
#ifndef WT_OBSERVER_REFUSALS_H
#define WT_OBSERVER_REFUSALS_H

#include "base/span.h"
#include "observer/transport/conversations.h"

struct wt_observer;

/* What an input shows of TLS servers, and refused conversations that wait for it. */
struct wt_refusals;
void wt_refusals_free(struct wt_refusals *refusals);

/* A server answers in TLS from the first byte on. */
void wt_refusals_speaks(struct wt_observer *o, const struct wt_conversation *c);
bool wt_refusals_is_tls_server(const struct wt_observer *o, const struct wt_conversation *c, unsigned server);
/* A conversation that ended without TLS stands next to be told. True when it is a failed connection that is to be told
 * now: then it has its c->tls. It may be kept for later. */
bool wt_refusals_judge(struct wt_observer *o, struct wt_conversation *c);
/* It waits to be told. */
bool wt_refusals_keeps(const struct wt_observer *o, const struct wt_conversation *c);
/* The stream number of the first that waits; UINT32_MAX: none does. */
uint32_t wt_refusals_first(const struct wt_observer *o);
/* True when one that ended was to be TLS whatever else the input holds: then it has its c->tls. */
bool wt_refusals_now(struct wt_observer *o, struct wt_conversation *c);
/* The next of those that were kept for which that is so by now, with its c->tls; NULL when there is none left. */
struct wt_conversation *wt_refusals_waiting(struct wt_observer *o);
/* A TLS connection is about to be told, or nothing more comes (`all`): the next of those that were kept whose stream
 * number is less than `before`, with its c->tls; NULL when there is none left. */
struct wt_conversation *wt_refusals_next(struct wt_observer *o, uint32_t before, bool all);
/* Some are kept that need not wait any longer to be judged: there is TLS in the input. */
bool wt_refusals_are_known(const struct wt_observer *o);
/* Another input begins. */
void wt_refusals_clear(struct wt_observer *o);

#endif
