/* What the server's files have in common. */
#ifndef WT_ENDPOINT_SERVER_H
#define WT_ENDPOINT_SERVER_H

#include "endpoint/messages.h"

bool wt_server_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_server_answer(struct wt_endpoint *e, const struct wt_received *m);
bool wt_server12_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_server12_answer(struct wt_endpoint *e, const struct wt_received *m);
bool wt_server13_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_server13_answer(struct wt_endpoint *e, const struct wt_received *m);

/* The ClientHello that is answered. */
const struct wt_client_hello *wt_server_hello_of(const struct wt_endpoint *e);
/* The client's Certificate. */
bool wt_server_check_certificate(struct wt_endpoint *e, const struct wt_certificate *m);
/* Steps: the protocol is chosen; the program is asked for an identity, if it wants to be. */
bool wt_server_choose_protocol(struct wt_endpoint *e);
bool wt_server_ask_identity(struct wt_endpoint *e);
/* Whether the ClientHello's list has the code point, for certain. */
bool wt_server_offers(const struct wt_endpoint *e, enum wt_offer_set set, uint16_t code);
/* Whether it is to get the OCSP response of the identity that was chosen. */
bool wt_server_staples(const struct wt_endpoint *e);
bool wt_server_stamps(const struct wt_endpoint *e);
/* Whether its signature_algorithms has the scheme. */
bool wt_server_accepts_scheme(const void *endpoint, uint16_t scheme);
/* The i-th identity to be considered; NULL past the last. */
const struct wt_identity *wt_server_identity(const struct wt_endpoint *e, size_t i);
/* The protocol that was chosen, if any. */
void wt_server_add_alpn(struct wt_block *b, const struct wt_endpoint *e);

#endif
