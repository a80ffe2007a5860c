/* Signed certificate timestamps (RFC 6962). */
#ifndef WT_CERTIFICATE_SCT_H
#define WT_CERTIFICATE_SCT_H

#include "certificate/judge.h"

struct wt_sct_result {
    uint16_t count, verified, bad, unknown;
    int64_t latest; /* seconds: the newest timestamp */
};

/* precert: the list is in the leaf itself, and covers it without the list. issuer may be NULL (then precert ones are
 * counted, not verified). */
void wt_sct_judge(struct wt_judge *judge, struct wt_span list, X509 *leaf, X509 *issuer, bool precert,
                  struct wt_sct_result *out);

#endif
