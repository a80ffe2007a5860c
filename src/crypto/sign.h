/* Public keys and what they vouch for. */
#ifndef WT_CRYPTO_SIGN_H
#define WT_CRYPTO_SIGN_H

#include "crypto/library.h"

struct wt_public_key;
struct x509_st;

/* The certificate that *der begins with, in the library context of `crypto`, to be freed; *der is what comes after it.
 * NULL when libcrypto does not read it. One that is signed with SM2 has the usual identity for verifying it. */
struct x509_st *wt_x509_read(struct wt_crypto *crypto, struct wt_span *der);

/* Out of an X.509 certificate's DER, or of a SubjectPublicKeyInfo's (RFC 7250). NULL when it is not one that libcrypto
 * reads. */
struct wt_public_key *wt_public_key_of_certificate(struct wt_crypto *crypto, struct wt_span der);
struct wt_public_key *wt_public_key_of_x509(const struct x509_st *x);
struct wt_public_key *wt_public_key_of_spki(struct wt_crypto *crypto, struct wt_span der);
void wt_public_key_free(struct wt_public_key *key);
/* enum wt_scheme_key: what kind it is. */
enum wt_scheme_key wt_public_key_kind(const struct wt_public_key *key);
/* Bits of the modulus, field or curve. */
int wt_public_key_bits(const struct wt_public_key *key);
/* wt_price_of() it. */
uint32_t wt_public_key_price(const struct wt_public_key *key);
/* For what libcrypto compares it with. Owned by the key. */
EVP_PKEY *wt_public_key_evp(const struct wt_public_key *key);

enum wt_verdict {
    WT_HOLDS,
    WT_FAILS,     /* the signature is not of this key over these bytes */
    WT_WRONG_KEY, /* the scheme wants another kind of key than this one */
    WT_CANNOT,    /* libcrypto lacks the algorithm, or the scheme is unknown */
    WT_TOO_LARGE, /* not tried: the key is not on the price list (wt_price_of()) */
    WT_SPENT,     /* not tried: too much was spent already */
};

/* A signature of TLS 1.2 or 1.3 under a scheme of signature_schemes.def, over the parts one behind the other. In
 * TLS 1.2 (tls13 false) an ECDSA scheme says a hash and not a curve (RFC 8446, 4.2.3), and a key of rsaEncryption
 * serves rsa_pss_rsae. sm2sig_sm3 signs with TLS 1.3's identity there (RFC 8998, 3.2.1), with the usual one else. What
 * may be used where, and what is too weak, is for others to judge: here only what holds. */
enum wt_verdict wt_signature_verify(struct wt_crypto *crypto, struct wt_public_key *key, uint16_t scheme, bool tls13,
                                    const struct wt_span *parts, size_t count, struct wt_span signature);

/* PKCS #1 v1.5 with any hash, SM3 too, by a key of RSA. */
enum wt_verdict wt_signature_verify_pkcs1(struct wt_crypto *crypto, struct wt_public_key *key, enum wt_hash_id hash,
                                          const struct wt_span *parts, size_t count, struct wt_span signature);

/* SSL 3.0 to TLS 1.1 (RFC 2246, 7.4.3 and 7.4.8): RSA signs MD5 and SHA-1 (36 bytes, PKCS #1 type 1 without a
 * DigestInfo), DSA and ECDSA sign SHA-1 (the last 20 of the 36); DSA also with r and s bare, as SSL 3.0 has them.
 * `digests` holds MD5 then SHA-1. */
enum wt_verdict wt_signature_verify_old(struct wt_crypto *crypto, struct wt_public_key *key, const uint8_t digests[36],
                                        struct wt_span signature);

#endif
