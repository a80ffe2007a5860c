/* A second thread that hashes: whoever adds bytes goes on meanwhile. What the hashes are does not depend on it. */
#ifndef WT_CRYPTO_HASHER_H
#define WT_CRYPTO_HASHER_H

#include "crypto/hash.h"

struct wt_hasher;

/* NULL when the system gives no thread or no memory. One thread uses it. */
struct wt_hasher *wt_hasher_new(void);
/* After all hashes were finished. The copies of what was hashed are wiped. */
void wt_hasher_free(struct wt_hasher *h);

/* As wt_hash_add(), with a copy of the bytes, some time later; waits while WT_LIMIT_HASHER pieces are still to be
 * hashed. Until wt_hasher_finish() the hash is the thread's. */
void wt_hasher_add(struct wt_hasher *h, struct wt_hash *hash, struct wt_span bytes);
/* All is hashed that was added until now. */
void wt_hasher_finish(struct wt_hasher *h);

#endif
