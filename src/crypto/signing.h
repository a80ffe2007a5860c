/* Signatures that an endpoint makes: CertificateVerify and ServerKeyExchange, with a private key that is here or one
 * that is elsewhere (a smart card, an HSM, another process). */
#ifndef WT_CRYPTO_SIGNING_H
#define WT_CRYPTO_SIGNING_H

#include "crypto/private_key.h"

struct wt_signing;

enum {
    WT_SIGNATURE_MOST = 4627, /* bytes of the longest signature: ML-DSA-87; RSA's have 2048 at most */
    WT_SIGNING_SCHEMES_MOST = 16,
};

enum wt_signing_result {
    WT_SIGNING_DONE,
    WT_SIGNING_LATER, /* the key is elsewhere, and has been asked */
    WT_SIGNING_FAILED,
};

/* What is to be signed. For schemes with a hash of their own (Ed25519, Ed448, ML-DSA) the message itself, for all
 * others it may be the message or its digest alone. */
struct wt_to_sign {
    uint16_t scheme;
    bool tls13;
    struct wt_span message; /* p NULL: only the digest is known */
    struct wt_span digest;  /* by the scheme's hash; empty for one that has none */
};

/* A key that is elsewhere. */
struct wt_signing_elsewhere {
    /* WT_SIGNING_DONE: the signature is in `out` and its length in *n. WT_SIGNING_LATER: it will come, by whichever way
     * the caller has arranged (the spans of `what` are good during the call alone). */
    enum wt_signing_result (*sign)(void *context, const struct wt_to_sign *what, uint8_t out[WT_SIGNATURE_MOST],
                                   size_t *n);
    void *context;
};

/* Both are NULL when the system gives no memory or no scheme fits the key. They are not changed after: several threads
 * may use one at once. The key is the caller's and outlives the signer. */
struct wt_signing *wt_signing_new(struct wt_crypto *crypto, const struct wt_private_key *key);
/* By the public key, which is not kept. `elsewhere` NULL: to ask which schemes it can; nobody signs. */
struct wt_signing *wt_signing_new_elsewhere(const struct wt_public_key *key,
                                            const struct wt_signing_elsewhere *elsewhere);
void wt_signing_free(struct wt_signing *signer);

/* Whether the key can sign under the scheme: of the kind and, in TLS 1.3, on the curve that it means (RFC 8446, 4.2.3),
 * with a modulus that has room for the hash. Which schemes a version allows and what is too weak is policy, and not
 * judged here. */
bool wt_signing_can(const struct wt_signing *signer, uint16_t scheme, bool tls13);
/* The schemes that it can, strongest habits first (the order in which they would be offered); returns how many. */
size_t wt_signing_schemes(const struct wt_signing *signer, bool tls13, uint16_t out[WT_SIGNING_SCHEMES_MOST]);
enum wt_scheme_key wt_signing_kind(const struct wt_signing *signer);

/* Signs the parts one after the other; `crypto` is the calling thread's handle. *n: bytes in out. */
enum wt_signing_result wt_signing_sign(const struct wt_signing *signer, struct wt_crypto *crypto, uint16_t scheme,
                                       bool tls13, const struct wt_span *parts, size_t count,
                                       uint8_t out[WT_SIGNATURE_MOST], size_t *n);
/* The same where only the digest is known (a transcript in TLS 1.2). WT_SIGNING_FAILED for a scheme that needs the
 * message. */
enum wt_signing_result wt_signing_sign_digest(const struct wt_signing *signer, uint16_t scheme, bool tls13,
                                              struct wt_span digest, uint8_t out[WT_SIGNATURE_MOST], size_t *n);
/* Bytes of a signature under any scheme, at most. */
size_t wt_signing_most(const struct wt_signing *signer);

#endif
