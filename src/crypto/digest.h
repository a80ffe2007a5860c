/* Hashes of libcrypto, fetched once: EVP's implicit fetch costs more than hashing a hello. */
#ifndef WT_CRYPTO_DIGEST_H
#define WT_CRYPTO_DIGEST_H

#include "base/span.h"
#include "registry/registry.h"

enum { WT_DIGEST_MOST = 64 };

struct wt_digests;

/* NULL when the system gives no memory. Not for use by two threads at once. */
struct wt_digests *wt_digests_new(void);
/* Length of the digest written to out (WT_DIGEST_MOST bytes of room); 0 when libcrypto does not have this hash. */
size_t wt_digest(struct wt_digests *d, enum wt_hash_id hash, struct wt_span data, uint8_t *out);
void wt_digests_free(struct wt_digests *d);

#endif
