/* libcrypto's algorithms, fetched once into a library context of our own: EVP's implicit fetch costs more than hashing
 * a hello, and the legacy provider (RC4, RC2, DES, SEED …) must not depend on what openssl.cnf says.
 *
 * One handle is for one thread. All objects made from it must go before it. */
#ifndef WT_CRYPTO_LIBRARY_H
#define WT_CRYPTO_LIBRARY_H

#include "base/span.h"
#include "crypto/price.h"
#include "registry/registry.h"

#include <openssl/types.h>

enum { WT_DIGEST_MOST = 64 }; /* bytes of the longest digest */

struct wt_crypto;

/* NULL when the system gives no memory. A missing legacy provider is no error: its ciphers are then not available. */
struct wt_crypto *wt_crypto_new(void);
void wt_crypto_free(struct wt_crypto *crypto);

/* For what libcrypto wants a library context for (keys, certificates). Owned by the handle. */
OSSL_LIB_CTX *wt_crypto_context(const struct wt_crypto *crypto);
/* What may be spent on verifying; without a limit until somebody sets one. */
struct wt_work *wt_crypto_work(struct wt_crypto *crypto);
/* The fetched hash, owned by the handle; NULL when libcrypto does not have it. */
EVP_MD *wt_crypto_md(struct wt_crypto *crypto, enum wt_hash_id hash);
/* A context for a hash that begins and ends within one function of this directory. */
EVP_MD_CTX *wt_crypto_scratch(const struct wt_crypto *crypto);
/* Wipes what that context holds of the last hash, which may have made a secret: libcrypto keeps a state's words after
 * the end, and they are the digest. For the end of whatever has secrets; the next hash begins as ever. */
void wt_crypto_wipe_scratch(struct wt_crypto *crypto);
/* Loads the legacy provider if it is not there yet; false when the system has none. */
bool wt_crypto_legacy(struct wt_crypto *crypto);
/* A fetched cipher of ciphers.def, owned by the handle; NULL when libcrypto does not have it as one (wt_cipher_new()
 * may still make it of others: ask wt_cipher_available()). */
EVP_CIPHER *wt_crypto_cipher(struct wt_crypto *crypto, enum wt_cipher_id cipher);

/* One-shot hash: length of the digest written to out (WT_DIGEST_MOST bytes of room), 0 when libcrypto lacks the hash.
 */
size_t wt_digest(struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span data, uint8_t *out);
/* The same over several parts one behind the other. */
size_t wt_digest_parts(struct wt_crypto *crypto, enum wt_hash_id hash, const struct wt_span *parts, size_t count,
                       uint8_t *out);

/* Whether they are the same bytes, in a time that says nothing of where they differ: for secrets and for what proves
 * that somebody has one. */
bool wt_equal_secret(struct wt_span a, struct wt_span b);
/* Overwrites what was secret so that no compiler takes it out. */
void wt_wipe(void *p, size_t n);
/* The same for what functions that have returned left below the caller's frame: nonces, and registers that libcrypto
 * saved there (its ChaCha20 leaves the key). */
void wt_wipe_stack(void);

#endif
