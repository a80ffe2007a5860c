/* What a server's private RSA key opens of a capture with RSA key exchange (RFC 5246, 7.4.7.1). Whoever takes part in
 * the exchange has crypto/premaster.h: here, what comes out and when says whether the padding was right. */
#ifndef WT_CRYPTO_RSA_H
#define WT_CRYPTO_RSA_H

#include "crypto/private_key.h"

/* PKCS #1 v1.5; returns bytes written to out (room for the modulus, at most WT_RSA_MOST), 0 when it does not decrypt. A
 * passive reader has no peer to leak to: no constant-time dance. */
enum { WT_RSA_MOST = WT_PRIVATE_RSA_MOST };
size_t wt_private_key_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                              uint8_t out[WT_RSA_MOST]);

#endif
