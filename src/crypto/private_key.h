/* Private keys out of files: of servers and clients that sign with them, and given to open captures with. */
#ifndef WT_CRYPTO_PRIVATE_KEY_H
#define WT_CRYPTO_PRIVATE_KEY_H

#include "crypto/sign.h"
#include "wiretale/problem.h"

struct wt_private_key;

enum { WT_PRIVATE_RSA_MOST = 2048 }; /* bytes of a modulus */

/* What it is for. */
enum wt_private_key_use {
    WT_KEY_DECRYPTS,     /* RSA alone */
    WT_KEY_DECRYPTS_SM2, /* SM2 alone */
    WT_KEY_SIGNS,        /* any that a scheme of signature_schemes.def takes */
};

/* PEM or DER (PKCS #1, SEC 1, PKCS #8, or PKCS #12 with `password`), unencrypted or with `password` (NULL for none).
 * NULL with the reason in *why when it is none. Not changed after: several threads may use it at once. */
struct wt_private_key *wt_private_key_load(struct wt_crypto *crypto, struct wt_span file, const char *password,
                                           enum wt_private_key_use use, enum wt_problem_id *why);
void wt_private_key_free(struct wt_private_key *key);
/* Whether it is the other half of a certificate's key. */
bool wt_private_key_fits(const struct wt_private_key *key, const struct wt_public_key *public_key);
enum wt_scheme_key wt_private_key_kind(const struct wt_private_key *key);
/* For libcrypto. Owned by the key. */
EVP_PKEY *wt_private_key_evp(const struct wt_private_key *key);

#endif
