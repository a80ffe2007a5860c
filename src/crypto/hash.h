/* A running hash that can be asked for its value in between (transcripts). */
#ifndef WT_CRYPTO_HASH_H
#define WT_CRYPTO_HASH_H

#include "crypto/library.h"

struct wt_hash;

/* NULL when libcrypto lacks the hash or the system gives no memory. */
struct wt_hash *wt_hash_new(struct wt_crypto *crypto, enum wt_hash_id id);
void wt_hash_free(struct wt_hash *hash);
void wt_hash_add(struct wt_hash *hash, struct wt_span bytes);
/* The digest of all that was added so far; the hash goes on. Returns its length, 0 on failure. */
size_t wt_hash_peek(struct wt_hash *hash, uint8_t out[WT_DIGEST_MOST]);
/* Ends the hash and makes it ready for a new message. */
size_t wt_hash_end(struct wt_hash *hash, uint8_t out[WT_DIGEST_MOST]);

#endif
