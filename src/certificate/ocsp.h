/* Stapled OCSP answers (RFC 6960). */
#ifndef WT_CERTIFICATE_OCSP_H
#define WT_CERTIFICATE_OCSP_H

#include "certificate/chain.h"

enum wt_ocsp_fault {
    WT_OCSP_FINE,
    WT_OCSP_UNREADABLE,
    WT_OCSP_NOT_SUCCESSFUL,
    WT_OCSP_OTHER_CERTIFICATE,
    WT_OCSP_NO_ISSUER,
    WT_OCSP_NO_SIGNER,
    WT_OCSP_NOT_AUTHORIZED,
    WT_OCSP_SIGNATURE,
    WT_OCSP_EARLY,
    WT_OCSP_OLD,
    WT_OCSP_CLOCK,
    WT_OCSP_UNTRIED_KEY, /* enum wt_untried */
    WT_OCSP_UNTRIED_WORK,
    WT_OCSP_FAULTS
};

struct wt_judged_staple {
    uint8_t *der;
    size_t length;
    uint8_t status; /* enum wt_ocsp_status */
    uint8_t fault;  /* enum wt_ocsp_fault, without regard to the time */
    int64_t this_update, next_update, revoked_at;
    const char *revoked_why; /* OpenSSL's name, or NULL */
    uint16_t scts, sct_verified, sct_bad, sct_unknown;
};

/* The answer about the judgement's leaf; remembered with it. NULL without memory. */
const struct wt_judged_staple *wt_ocsp_judge(struct wt_judge *judge, struct wt_judgement *judgement,
                                             struct wt_span response);
void wt_ocsp_free(struct wt_judged_staple *staple);
/* With regard to the time. */
enum wt_ocsp_fault wt_ocsp_fault_at(const struct wt_judged_staple *staple, int64_t seconds);

#endif
