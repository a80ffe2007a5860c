/* EAP (RFC 3748), as far as to see whether TLS is in it. */
#ifndef WT_CAPTURE_EAP_H
#define WT_CAPTURE_EAP_H

#include "base/span.h"

/* RFC 3748, 4: code, identifier, length, and of requests and responses a method. Those that carry TLS: EAP-TLS (RFC
 * 5216), EAP-TTLS (RFC 5281), PEAP, EAP-FAST (RFC 4851), TEAP (RFC 7170). */
static inline bool wt_eap_carries_tls(struct wt_span eap)
{
    enum { REQUEST = 1, RESPONSE = 2, TLS = 13, TTLS = 21, PEAP = 25, FAST = 43, TEAP = 55 };
    if (eap.n < 6 || (eap.p[0] != REQUEST && eap.p[0] != RESPONSE))
        return false;
    uint8_t method = eap.p[4];
    return method == TLS || method == TTLS || method == PEAP || method == FAST || method == TEAP;
}

#endif
