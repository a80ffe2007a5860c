/* The client's sessions and pre-shared keys. */
#ifndef WT_ENDPOINT_CLIENT_RESUME_H
#define WT_ENDPOINT_CLIENT_RESUME_H

#include "endpoint/messages.h"

/* Which session the hello is to offer: the one that is given, or one of the party's. */
void wt_client_choose_session(struct wt_endpoint *e, struct wt_span given);
/* legacy_session_id of the hello, in x->session. */
bool wt_client_make_session_id(struct wt_endpoint *e);
/* TLS 1.2: session_ticket. */
void wt_client_add_ticket(struct wt_block *b, const struct wt_endpoint *e);
/* TLS 1.3: psk_key_exchange_modes and pre_shared_key, which has to be the last. */
void wt_client_add_psks(struct wt_block *b, struct wt_endpoint *e);
/* The hello is among the messages, and last in the flight: its binders are made. */
bool wt_client_bind(struct wt_endpoint *e);

/* What the ServerHello makes of the offer. */
bool wt_client_take_psk(struct wt_endpoint *e);
bool wt_client_resume12(struct wt_endpoint *e);
/* The server has shown that it has the session: a step before the client's Finished. */
bool wt_client_ask_resumed(struct wt_endpoint *e);

/* NewSessionTicket. */
bool wt_client_take_ticket(struct wt_endpoint *e, const struct wt_new_session_ticket *m);
/* TLS 1.2: the handshake is done. */
void wt_client_keep12(struct wt_endpoint *e);

#endif
