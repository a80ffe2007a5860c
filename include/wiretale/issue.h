/* Certificates for trying things out: an authority of one's own, and a chain for one host. */
#ifndef WIRETALE_ISSUE_H
#define WIRETALE_ISSUE_H

#include "wiretale/problem.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* PEM, each ending with NUL. */
struct wt_issued {
    char *authority;     /* the authority's certificate: what clients are to trust */
    char *authority_key; /* its private key */
    char *chain;         /* the host's certificate */
    char *key;           /* its private key */
};

/* Makes an authority and a certificate of it for a host's name or address (subjectAltName; RFC 9525), both with keys on
 * P-256. `now`: seconds since 1970 (UTC); the authority is valid for ten years, the certificate for 397 days. False with
 * the reason in *why: WT_PROBLEM_TRUST_HOST for what is no host's name, or WT_PROBLEM_MEMORY. */
WT_API bool wt_issue(const char *host, int64_t now, struct wt_issued *out, enum wt_problem_id *why);
/* Wipes the keys. */
WT_API void wt_issued_free(struct wt_issued *issued);

#ifdef __cplusplus
}
#endif
#endif
