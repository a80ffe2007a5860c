/* Secrets, and the protectors that are made of them. */
#ifndef WT_ENDPOINT_SECRETS_H
#define WT_ENDPOINT_SECRETS_H

#include "endpoint/engine.h"

/* The traffic keys that a row of the flow's table starts. */
bool wt_endpoint_keys(struct wt_endpoint *e, enum wt_flow_keys keys);
/* Up to TLS 1.2: the master secret of a premaster secret, and the pending states of both sides; these alone, of a
 * master secret that is known. */
bool wt_endpoint_master(struct wt_endpoint *e, struct wt_span premaster);
bool wt_endpoint_pending(struct wt_endpoint *e);
/* TLS 1.3: the client's early traffic keys, of the session in x->session. */
bool wt_endpoint_early_keys(struct wt_endpoint *e);
/* What the secrets of the handshake that is under way begin with. */
struct wt_keys13_input wt_endpoint_keys13_input(struct wt_endpoint *e);
/* What a side's Finished is made with: TLS 1.3: its traffic secret; up to 1.2 the master secret. */
struct wt_span wt_endpoint_secret(const struct wt_endpoint *e, unsigned side);
/* For a tap that comes after the ClientHello: the secret of early data. */
void wt_endpoint_tell_early(struct wt_endpoint *e);
void wt_endpoint_keylog(struct wt_endpoint *e, const char *label, struct wt_span secret);

#endif
