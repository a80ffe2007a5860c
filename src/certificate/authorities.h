/* Certificates of authorities that may complete a chain that lacks one: those that verified another certificate in a
 * chain of this run, and those that were given (--untrusted). */
#ifndef WT_CERTIFICATE_AUTHORITIES_H
#define WT_CERTIFICATE_AUTHORITIES_H

#include "certificate/certificates.h"
#include "registry/limits.h"

#include <openssl/types.h>

struct wt_authorities;

/* Which issuer a certificate names: the hash of the name, and of the key id (0: none). */
struct wt_issuer_key {
    unsigned long name;
    uint64_t id;
};
struct wt_issuer_key wt_authorities_issuer_of(X509 *below);

/* NULL without memory. The table of certificates must outlive it. */
struct wt_authorities *wt_authorities_new(struct wt_certificates *certificates);
void wt_authorities_free(struct wt_authorities *authorities);

/* One that was given; the bytes must outlive the pool. False without memory. */
bool wt_authorities_give(struct wt_authorities *authorities, X509 *authority, struct wt_span der);
/* One that has verified another; `trusted`: and leads to what is trusted. WT_LIMIT_CHAIN_POOL of them are remembered:
 * one that leads nowhere makes room before one that is trusted, the one that was not used for the longest time first.
 */
void wt_authorities_add(struct wt_authorities *authorities, const struct wt_certificate_facts *facts, X509 *authority,
                        bool trusted);

/* The number of the next one that is added, from 1. */
uint64_t wt_authorities_next(const struct wt_authorities *authorities);
/* Those that fit by name and, where both have one, by key id, at most WT_LIMIT_CHAIN_TRIES: first those that were given
 * or are trusted, then those that were added last. `since`: only those with that number or a later one, 0: all. They
 * stay until the next one is added. */
size_t wt_authorities_find(struct wt_authorities *authorities, const struct wt_issuer_key *wanted, uint64_t since,
                           const struct wt_certificate_facts *out[WT_LIMIT_CHAIN_TRIES]);

#endif
