/* The peer's certificates. */
#ifndef WT_ENDPOINT_VERIFY_H
#define WT_ENDPOINT_VERIFY_H

#include "endpoint/engine.h"

/* The peer's Certificate: its entries are kept. */
bool wt_endpoint_certificates(struct wt_endpoint *e, const struct wt_certificate *certificate);
/* What is in a Certificate, or in a CompressedCertificate that was found to have one. */
const struct wt_certificate *wt_endpoint_certificate_of(const struct wt_endpoint *e, const struct wt_received *m);
/* Its chain and names are judged, once its signature was found valid: a step of a flight. */
bool wt_endpoint_verify(struct wt_endpoint *e);
/* seconds since 1970: by which certificates are judged: that of the trust's, or now. */
int64_t wt_endpoint_judged_at(const struct wt_endpoint *e);
/* Whether the peer's certificate lets its key sign (key usage), on a curve that it may be on. False, and the connection
 * has ended. */
bool wt_endpoint_may_sign(struct wt_endpoint *e);
/* The public key of the peer's certificate; NULL, and the connection has ended. */
struct wt_public_key *wt_endpoint_peer_key(struct wt_endpoint *e);

#endif
