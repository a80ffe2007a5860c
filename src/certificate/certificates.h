/* Facts of certificates: each distinct one is parsed once, when it is first seen, and remembered as long as there is
 * room. Facts that somebody keeps stay where they are until he releases them; others may go with the next certificate.
 */
#ifndef WT_CERTIFICATE_CERTIFICATES_H
#define WT_CERTIFICATE_CERTIFICATES_H

#include "crypto/sign.h"
#include "wiretale/story.h"

struct wt_certificates;

/* NULL without memory. `crypto` must outlive the table. */
struct wt_certificates *wt_certificates_new(struct wt_crypto *crypto);
void wt_certificates_free(struct wt_certificates *c);

/* The facts of an X.509 certificate, the same pointer for the same bytes as long as it is remembered; `der` is copied.
 * `parsed` is false unless libcrypto reads it as one certificate with nothing after it. NULL without memory, or when
 * those that are kept take WT_LIMIT_CERTIFICATES_SHOWN; certificates that are known already are still found then. */
const struct wt_certificate_facts *wt_certificates_intern(struct wt_certificates *c, struct wt_span der);
/* They stay until as many releases. Returns the facts. */
const struct wt_certificate_facts *wt_certificates_keep(const struct wt_certificate_facts *facts);
void wt_certificates_release(const struct wt_certificate_facts *facts);
/* Asked for while there are too many bytes and all of them are kept: to release some; false when it cannot. */
void wt_certificates_on_full(struct wt_certificates *c, bool (*release)(void *context), void *context);

/* The public key of a certificate that wt_certificates_intern() returned, owned by the table; NULL when libcrypto
 * cannot read it. */
struct wt_public_key *wt_certificates_key(struct wt_certificates *c, const struct wt_certificate_facts *facts);
/* The certificate as a libcrypto object, in the library context of the table's `crypto`; to be freed. The newest are
 * kept as they were read for their facts. NULL unless it was parsed. */
struct x509_st *wt_certificates_x509(struct wt_certificates *c, const struct wt_certificate_facts *facts);
/* How verifications by it went, for the caller to note. */
struct wt_key_record *wt_certificates_record(const struct wt_certificate_facts *facts);

/* The bytes that the facts were read from. */
struct wt_span wt_certificates_der(const struct wt_certificate_facts *facts);

/* What all of them take. */
size_t wt_certificates_bytes(const struct wt_certificates *c);
/* How often NULL was returned. */
uint64_t wt_certificates_refused(const struct wt_certificates *c);

#endif
