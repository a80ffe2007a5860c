/* The server's tickets, sessions and pre-shared keys. */
#ifndef WT_ENDPOINT_SERVER_RESUME_H
#define WT_ENDPOINT_SERVER_RESUME_H

#include "endpoint/messages.h"

/* The external PSK of that identity, of the party's list; NULL: there is none. */
const struct wt_external_psk *wt_server_external_psk(const struct wt_endpoint *e, struct wt_span identity);
/* What the program says of an identity that is not in the list, in e->psk. False: it is asked, and has not answered. */
bool wt_server_ask_psk(struct wt_endpoint *e, struct wt_span identity);

/* TLS 1.3: which of the hello's pre-shared keys is taken, if one is: x->psk, x->suite. False: the connection has ended.
 */
bool wt_server_choose_psk(struct wt_endpoint *e);
void wt_server_add_psk(struct wt_block *b, const struct wt_endpoint *e);
bool wt_server_say_tickets(struct wt_endpoint *e);

/* TLS 1.2: which session is resumed, if one is: e->resumed, x->session, x->suite; or else whether the client gets a
 * ticket, and under which session_id the new session is kept (x->session_id). False: the connection has ended. */
bool wt_server_choose_session12(struct wt_endpoint *e, const struct wt_client_hello *hello);
/* The ServerHello has been said: the session's keys. */
bool wt_server_resume12(struct wt_endpoint *e);
bool wt_server_say_ticket12(struct wt_endpoint *e);
void wt_server_keep12(struct wt_endpoint *e);

/* The suite of a HelloRetryRequest: one that goes with the first of the hello's pre-shared keys that is known, if one
 * is; 0: none. */
uint16_t wt_server_retry_suite13(const struct wt_endpoint *e);
/* A suite of TLS 1.3 that both have, with that hash (WT_HASH_NONE: any); 0: none. */
uint16_t wt_server_suite13(const struct wt_endpoint *e, enum wt_hash_id hash);

#endif
