/* The server's HelloRetryRequest, and its cookie (RFC 8446, 4.2.2), by which it need not remember that it sent one. */
#ifndef WT_ENDPOINT_RETRY_H
#define WT_ENDPOINT_RETRY_H

#include "endpoint/engine.h"

/* Asks for another hello, with a share of that group (0: it has one), and a cookie where the options say so: then all
 * of the handshake is forgotten. */
bool wt_retry_say(struct wt_endpoint *e, uint16_t suite, uint16_t group);
/* A ClientHello came, and was not taken yet: if it brings a cookie of ours, the handshake is as it was after the
 * HelloRetryRequest. False: the connection has ended. */
bool wt_retry_restore(struct wt_endpoint *e, const struct wt_handshake_message *m);

#endif
