/* What a server's private SM2 key opens of a capture with TLCP's key exchange ECC (GB/T 38636-2020, 6.4.5.8). */
#ifndef WT_CRYPTO_SM2_H
#define WT_CRYPTO_SM2_H

#include "crypto/private_key.h"

/* Of a ciphertext of GM/T 0009-2012, 7.2 (a SEQUENCE of a point, a hash and as many bytes as were encrypted), which has
 * a hash of its own: returns bytes written to out, 0 when it is not one for that key. */
enum { WT_SM2_MOST = 256 };
size_t wt_sm2_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                      uint8_t out[WT_SM2_MOST]);

#endif
