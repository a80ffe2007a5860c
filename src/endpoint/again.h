/* Renegotiation up to TLS 1.2 (RFC 5746). */
#ifndef WT_ENDPOINT_AGAIN_H
#define WT_ENDPOINT_AGAIN_H

#include "endpoint/engine.h"

/* Server: a ClientHello that comes after the handshake begins another one, or is refused: then false. */
bool wt_again_hello(struct wt_endpoint *e);
/* Client: a HelloRequest came. False: the connection has ended. */
bool wt_again_requested(struct wt_endpoint *e);
/* What both Finished of the handshake before had, as that side says it. */
struct wt_span wt_again_data(const struct wt_endpoint *e, unsigned side, uint8_t room[72]);

#endif
