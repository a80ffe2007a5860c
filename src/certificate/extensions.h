/* A certificate's extensions as facts (RFC 5280, 4.2). */
#ifndef WT_CERTIFICATE_EXTENSIONS_H
#define WT_CERTIFICATE_EXTENSIONS_H

#include "certificate/printed.h"
#include "wiretale/story.h"

/* The extension as libcrypto's struct, to be freed; NULL when the certificate has none or it is malformed. */
void *wt_certificate_extension(const X509 *x, int nid);
/* Fills what extensions say: of lists at most WT_LIMIT_CERTIFICATE_LIST entries each. Names (subjectAltName) are the
 * caller's. */
void wt_certificate_extensions(struct wt_printed *p, const X509 *x, struct wt_certificate_facts *f);

#endif
