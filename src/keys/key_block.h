/* From the master secret to the keys, up to TLS 1.2 (RFC 5246, 6.3). */
#ifndef WT_KEYS_KEY_BLOCK_H
#define WT_KEYS_KEY_BLOCK_H

#include "keys/prf.h"

/* The six secrets, by side. `mac_key` is empty for AEAD, `iv` for stream ciphers and where records carry it whole. */
struct wt_key_block {
    uint8_t bytes[2 * (64 + 64 + 64)];
    size_t n;
    struct wt_span mac_key[2], key[2], iv[2]; /* by enum wt_side; into `bytes` or `made` */
    uint8_t made[2][2][64]; /* exportable ciphers: final keys and IVs (RFC 2246, 6.3.1; RFC 6101, 6.2.2.1) */
};

/* False when the suite's cipher or hash is not known to the registry or to libcrypto. Wipe it after use. */
bool wt_key_block(const struct wt_terms *terms, const uint8_t master[WT_MASTER], struct wt_key_block *out);

#endif
