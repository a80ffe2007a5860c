/* SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody can make collide who does not know the key. Key logs
 * and identities come from whoever sent them. */
#ifndef WT_KEYS_SIPHASH_H
#define WT_KEYS_SIPHASH_H

#include "base/span.h"

struct wt_siphash_key {
    uint64_t k[2];
};

/* A key that nobody outside the process knows. */
struct wt_siphash_key wt_siphash_key(void);
uint64_t wt_siphash(const struct wt_siphash_key *key, struct wt_span bytes);

#endif
