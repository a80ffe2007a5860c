/* What was said instead of TLS, or before it. */
#ifndef WT_OBSERVER_DIALOGUES_H
#define WT_OBSERVER_DIALOGUES_H

#include "base/span.h"

struct wt_observer;
struct wt_conversation;

/* Nothing more comes. Gives the conversation its c->tls where the upgrade was refused, or the client spoke something
 * else to a TLS server. */
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
