/* Facts of certificates with stand-ins: read from the stand-in's own DER, so that what a report says of it is what its
 * bytes say. */
#ifndef WT_REDACT_CERTIFICATES_H
#define WT_REDACT_CERTIFICATES_H

#include "redact/standins.h"
#include "wiretale/story.h"

struct wt_redact_certificates;

/* NULL without memory. Both must outlive it. */
struct wt_redact_certificates *wt_redact_certificates_new(struct wt_crypto *crypto, struct wt_standins *s);
void wt_redact_certificates_free(struct wt_redact_certificates *c);

/* The same pointer for the same certificate, as long as the table lives; NULL without memory. */
const struct wt_certificate_facts *wt_redact_certificate_facts(struct wt_redact_certificates *c,
                                                               const struct wt_certificate_facts *in);

#endif
