/* Which keys a signature scheme means: asked of public keys that verify, and of private ones that sign. */
#ifndef WT_CRYPTO_SCHEME_KEY_H
#define WT_CRYPTO_SCHEME_KEY_H

#include "registry/registry.h"

#include <openssl/types.h>

/* WT_KEY_OTHER: no scheme takes it. */
enum wt_scheme_key wt_scheme_key_of(const EVP_PKEY *key);
/* Whether the key, which is of the kind, is one that the scheme means. */
bool wt_scheme_key_fits(const EVP_PKEY *key, enum wt_scheme_key kind, const struct wt_scheme *scheme, bool tls13);
/* The curve of a key for ECDSA; 0: none that is a group. */
uint16_t wt_scheme_key_curve(const EVP_PKEY *key);

#endif
