/* Conversations that were to be TLS and never became it: told as connections that failed. */
#ifndef WT_OBSERVER_REFUSALS_H
#define WT_OBSERVER_REFUSALS_H

#include "base/span.h"
#include "observer/transport/conversations.h"

struct wt_observer;

/* What an input shows of TLS servers, and refused conversations that wait for it. */
struct wt_refusals;
void wt_refusals_free(struct wt_refusals *refusals);

/* refusals.c: TCP's part. A server answers in TLS from the first byte on. */
void wt_refusals_speaks(struct wt_observer *o, const struct wt_conversation *c);
bool wt_refusals_is_tls_server(const struct wt_observer *o, const struct wt_conversation *c, unsigned server);
/* A conversation that ended without TLS stands next to be told. True when it is a failed connection that is to be told
 * now: then it has its c->tls. It may be kept for later. */
bool wt_refusals_judge(struct wt_observer *o, struct wt_conversation *c);
/* A TLS connection is about to be told, or nothing more comes (`all`): the next of those that were kept and stand
 * before it, with its c->tls; NULL when there is none left. */
struct wt_conversation *wt_refusals_next(struct wt_observer *o, bool all);
/* Another input begins. */
void wt_refusals_clear(struct wt_observer *o);

/* dialogues.c: what was said instead of TLS, when nothing more comes. Gives the conversation its c->tls where the
 * upgrade was refused, or the client spoke something else to a TLS server. */
void wt_dialogue_end(struct wt_observer *o, struct wt_conversation *c, struct wt_span said[2]);
/* A server's first bytes are an alert: the client has said `client` before. */
void wt_dialogue_alert(struct wt_observer *o, struct wt_conversation *c, struct wt_span client);
/* A server's bytes where its TLS should begin, from that packet on, and they are none. */
void wt_dialogue_peer(struct wt_observer *o, struct wt_conversation *c, uint32_t frame, struct wt_span said);
/* The connection ends: whether a PROXY protocol header before the ClientHello is what the server did not understand. */
void wt_dialogue_header(struct wt_observer *o, struct wt_conversation *c);
/* TLS begins behind a dialogue: whether one side said more than the upgrade. */
void wt_dialogue_injected(struct wt_observer *o, const struct wt_conversation *c, struct wt_span client,
                          struct wt_span server);

#endif
