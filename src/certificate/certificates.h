/* Facts of certificates: each distinct one of a run is parsed once, when it is first seen. Facts live as long as the
 * table, so a story may point into it. */
#ifndef WT_CERTIFICATE_CERTIFICATES_H
#define WT_CERTIFICATE_CERTIFICATES_H

#include "crypto/sign.h"
#include "wiretale/story.h"

struct wt_certificates;

/* NULL without memory. `crypto` must outlive the table. */
struct wt_certificates *wt_certificates_new(struct wt_crypto *crypto);
void wt_certificates_free(struct wt_certificates *c);

/* The facts of an X.509 certificate, the same pointer for the same bytes; `der` is copied. `parsed` is false unless
 * libcrypto reads it as one certificate with nothing after it. NULL when memory or WT_LIMIT_CERTIFICATES_BYTES is
 * exhausted; certificates that are known already are still found then. */
const struct wt_certificate_facts *wt_certificates_intern(struct wt_certificates *c, struct wt_span der);

/* The public key of a certificate that wt_certificates_intern() returned, owned by the table; NULL when libcrypto
 * cannot read it. *held counts, for the caller, the verified signatures by that key. */
struct wt_public_key *wt_certificates_key(struct wt_certificates *c, const struct wt_certificate_facts *facts,
                                          uint32_t **held);

/* The bytes that the facts were read from. */
struct wt_span wt_certificates_der(const struct wt_certificate_facts *facts);

/* CA certificates seen so far (at most WT_LIMIT_CHAIN_POOL), in that order; `hash` is libcrypto's of the subject.
 * NULL after the last. */
const struct wt_certificate_facts *wt_certificates_authority(const struct wt_certificates *c, size_t at,
                                                             unsigned long *hash);

/* How often NULL was returned. */
uint64_t wt_certificates_refused(const struct wt_certificates *c);

#endif
