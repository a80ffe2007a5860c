/* HMAC (RFC 2104), the extract-and-expand of RFC 5869, and the P_hash of RFC 5246, 5. */
#ifndef WT_CRYPTO_MAC_H
#define WT_CRYPTO_MAC_H

#include "crypto/library.h"

/* A key schedule that is used for many messages. */
struct wt_mac;

struct wt_mac *wt_mac_new(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key);
void wt_mac_free(struct wt_mac *mac);
/* HMAC over the parts one behind the other; returns its length, 0 on failure. */
size_t wt_mac_compute(struct wt_mac *mac, const struct wt_span *parts, size_t count, uint8_t out[WT_DIGEST_MOST]);

/* One-shot forms. They return the bytes written, 0 when libcrypto lacks the hash. */
size_t wt_hmac(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span key, const struct wt_span *parts,
               size_t count, uint8_t out[WT_DIGEST_MOST]);
/* RFC 5869, 2.2: PRK = HMAC-Hash(salt, IKM); an empty salt is a string of zeros. */
size_t wt_hkdf_extract(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span salt, struct wt_span ikm,
                       uint8_t out[WT_DIGEST_MOST]);
/* RFC 5869, 2.3. n bytes (at most 255 digests) to out. */
size_t wt_hkdf_expand(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span prk, struct wt_span info,
                      uint8_t *out, size_t n);
/* RFC 5246, 5: P_hash(secret, seed), the seed given in parts. n bytes to out. */
size_t wt_p_hash(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span secret, const struct wt_span *seed,
                 size_t count, uint8_t *out, size_t n);

#endif
