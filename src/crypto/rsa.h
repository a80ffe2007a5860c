/* A server's private RSA key, given to open captures of RSA key exchange (RFC 5246, 7.4.7.1). */
#ifndef WT_CRYPTO_RSA_H
#define WT_CRYPTO_RSA_H

#include "crypto/sign.h"
#include "wiretale/problem.h"

struct wt_private_key;

/* PEM or DER (PKCS #1, PKCS #8, or PKCS #12 with `password`), unencrypted or with `password` (NULL for none). NULL with
 * the reason in *why when it is none. */
struct wt_private_key *wt_private_key_load(struct wt_crypto *crypto, struct wt_span file, const char *password,
                                           enum wt_problem_id *why);
void wt_private_key_free(struct wt_private_key *key);
/* Whether it is the other half of a certificate's key. */
bool wt_private_key_fits(const struct wt_private_key *key, const struct wt_public_key *public_key);
/* PKCS #1 v1.5; returns bytes written to out (room for the modulus, at most WT_RSA_MOST), 0 when it does not decrypt. A
 * passive reader has no peer to leak to: no constant-time dance. */
enum { WT_RSA_MOST = 2048 };
size_t wt_private_key_decrypt(struct wt_crypto *crypto, const struct wt_private_key *key, struct wt_span encrypted,
                              uint8_t out[WT_RSA_MOST]);

#endif
