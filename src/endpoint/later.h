/* Authentication of a client after the handshake (RFC 8446, 4.6.2). */
#ifndef WT_ENDPOINT_LATER_H
#define WT_ENDPOINT_LATER_H

#include "endpoint/engine.h"

/* Whether the handshake's messages are needed beyond its end. */
bool wt_later_keeps(const struct wt_endpoint *e);
/* Client: a CertificateRequest came after the handshake. */
bool wt_later_answer(struct wt_endpoint *e);
/* Either seat: the client's Finished has been sent, or was found valid. */
bool wt_later_done(struct wt_endpoint *e);

#endif
