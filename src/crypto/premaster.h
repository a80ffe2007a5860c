/* RSA key exchange (RFC 5246, 7.4.7.1) for those who take part in it; crypto/rsa.h is for who only reads. */
#ifndef WT_CRYPTO_PREMASTER_H
#define WT_CRYPTO_PREMASTER_H

#include "crypto/private_key.h"
#include "crypto/random.h"

enum { WT_PREMASTER = 48, WT_ENCRYPTED_PREMASTER_MOST = 2048 };

/* A client: makes a premaster secret that begins with the version of its hello, and encrypts it (PKCS #1 v1.5) for the
 * server's key. Bytes written to `out`, 0 on failure: no RSA key, one that is too long, no random bytes. */
size_t wt_premaster_new(struct wt_crypto *crypto, const struct wt_public_key *key, const struct wt_random *random,
                        uint16_t offered, uint8_t premaster[WT_PREMASTER], uint8_t out[WT_ENCRYPTED_PREMASTER_MOST]);

/* A server: WT_PREMASTER bytes whatever was encrypted. What is no PKCS #1 block of 48 bytes that begin with the version
 * that the client offered gives random ones in the same time, and the handshake fails at Finished. False only when
 * there are no random bytes. */
bool wt_premaster_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, const struct wt_random *random,
                          struct wt_span encrypted, uint16_t offered, uint8_t premaster[WT_PREMASTER]);

#endif
