/* The peer's certificates. */
#ifndef WT_ENDPOINT_VERIFY_H
#define WT_ENDPOINT_VERIFY_H

#include "endpoint/engine.h"

/* The peer's Certificate: its entries are kept. */
bool wt_endpoint_certificates(struct wt_endpoint *e, const struct wt_certificate *certificate);
/* Its chain and names are judged, once its signature was found valid: a step of a flight. */
bool wt_endpoint_verify(struct wt_endpoint *e);
/* The public key of the peer's certificate; NULL, and the connection has ended. */
struct wt_public_key *wt_endpoint_peer_key(struct wt_endpoint *e);

#endif
