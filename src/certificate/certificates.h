/* Facts of certificates: each distinct one of a run is parsed once, the first time that it passes. Facts live as long
 * as the table, so a story may point into it. */
#ifndef WT_CERTIFICATE_CERTIFICATES_H
#define WT_CERTIFICATE_CERTIFICATES_H

#include "crypto/sign.h"
#include "wiretale/story.h"

struct wt_certificates;

/* NULL when the system gives no memory. `crypto` must outlive the table. */
struct wt_certificates *wt_certificates_new(struct wt_crypto *crypto);
void wt_certificates_free(struct wt_certificates *c);

/* The facts of an X.509 certificate, the same pointer for the same bytes; `der` is copied. What libcrypto does not read
 * as one certificate and nothing behind it has `parsed` false. NULL when the system or WT_LIMIT_CERTIFICATES_BYTES
 * refuses room; certificates that are known already are still found then. */
const struct wt_certificate_facts *wt_certificates_intern(struct wt_certificates *c, struct wt_span der);

/* The public key of a certificate that wt_certificates_intern() told of, the table's own; NULL when libcrypto does not
 * read it. *held counts, for the caller, the signatures of it that were found to hold. */
struct wt_public_key *wt_certificates_key(struct wt_certificates *c, const struct wt_certificate_facts *facts,
                                          uint32_t **held);

/* The bytes that facts were told of. */
struct wt_span wt_certificates_der(const struct wt_certificate_facts *facts);

/* Certificates of authorities that passed so far (at most WT_LIMIT_CHAIN_POOL), in the order in which they did; `hash` is
 * libcrypto's of the subject. NULL behind the last. */
const struct wt_certificate_facts *wt_certificates_authority(const struct wt_certificates *c, size_t at,
                                                             unsigned long *hash);

/* How often NULL was returned. */
uint64_t wt_certificates_refused(const struct wt_certificates *c);

#endif
