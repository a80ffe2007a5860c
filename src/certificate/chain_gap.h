/* Whether an issuer that is not there is an intermediate, which was to be sent. */
#ifndef WT_CERTIFICATE_CHAIN_GAP_H
#define WT_CERTIFICATE_CHAIN_GAP_H

#include "certificate/chain.h"

#include <openssl/x509.h>

/* What says that the issuer of the last certificate of the path, which is not there, is an intermediate;
 * WT_CHAIN_WHY_NONE: nothing does. */
enum wt_chain_why wt_chain_gap_evidence(const struct wt_judgement *judgement, X509 *last);
/* Whether the certificate that was sent under that issuer's name has another key than the one that signed. What was not
 * tried is said in the judgement. */
bool wt_chain_gap_other_key(struct wt_judge *judge, struct wt_judgement *judgement, X509 *last,
                            const STACK_OF(X509) * sent);

#endif
