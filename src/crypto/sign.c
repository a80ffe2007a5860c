#include "crypto/sign.h"

#include "base/memory.h"
#include "crypto/scheme_key.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/dsa.h>
#include <openssl/dsaerr.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct wt_public_key {
    EVP_PKEY *pkey;
    enum wt_scheme_key kind;
    uint32_t price;
};

/* Takes the EVP_PKEY over. */
static struct wt_public_key *key_of(EVP_PKEY *pkey)
{
    struct wt_public_key *key = pkey ? wt_calloc(1, sizeof *key) : NULL;
    ERR_clear_error();
    if (!key) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key->pkey = pkey;
    key->kind = wt_scheme_key_of(pkey);
    key->price = wt_price_of(pkey);
    return key;
}

/* What everybody signs with SM2 under who has no other identity (GM/T 0009-2012, 10): certificates among it
 * (GM/T 0015-2012), whose signatures libcrypto verifies without one unless told. */
static const char sm2_identity[] = "1234567812345678";

static void identify(X509 *x)
{
    ASN1_OCTET_STRING *id = X509_get_signature_nid(x) == NID_SM2_with_SM3 ? ASN1_OCTET_STRING_new() : NULL;
    if (id && ASN1_OCTET_STRING_set(id, (const uint8_t *)sm2_identity, (int)strlen(sm2_identity)) == 1)
        X509_set0_distinguishing_id(x, id);
    else
        ASN1_OCTET_STRING_free(id);
}

X509 *wt_x509_read(struct wt_crypto *crypto, struct wt_span *der)
{
    const unsigned char *p = der->p;
    X509 *x = der->n && der->n <= LONG_MAX ? X509_new_ex(wt_crypto_context(crypto), NULL) : NULL;
    /* d2i frees what it was given when it fails, and sets it to NULL. */
    if (!x || !d2i_X509(&x, &p, (long)der->n))
        return NULL;
    *der = wt_span_of(p, der->n - (size_t)(p - der->p));
    identify(x);
    return x;
}

struct wt_public_key *wt_public_key_of_x509(const X509 *x)
{
    return key_of(X509_get_pubkey((X509 *)(uintptr_t)x)); /* which changes its reference count alone */
}

struct wt_public_key *wt_public_key_of_certificate(struct wt_crypto *crypto, struct wt_span der)
{
    X509 *x = wt_x509_read(crypto, &der);
    struct wt_public_key *key = x ? wt_public_key_of_x509(x) : NULL;
    X509_free(x);
    return key;
}

struct wt_public_key *wt_public_key_of_spki(struct wt_crypto *crypto, struct wt_span der)
{
    const unsigned char *p = der.p;
    return key_of(der.n && der.n <= LONG_MAX ? d2i_PUBKEY_ex(NULL, &p, (long)der.n, wt_crypto_context(crypto), NULL)
                                             : NULL);
}

void wt_public_key_free(struct wt_public_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

enum wt_scheme_key wt_public_key_kind(const struct wt_public_key *key)
{
    return key->kind;
}

int wt_public_key_bits(const struct wt_public_key *key)
{
    int bits = EVP_PKEY_get_bits(key->pkey);
    return bits > 0 ? bits : 0;
}

uint32_t wt_public_key_price(const struct wt_public_key *key)
{
    return key->price;
}

EVP_PKEY *wt_public_key_evp(const struct wt_public_key *key)
{
    return key->pkey;
}

/* WT_HOLDS: it may be verified with the key. */
static enum wt_verdict afford(struct wt_crypto *crypto, const struct wt_public_key *key)
{
    switch (wt_work_spend(wt_crypto_work(crypto), key->price)) {
    case WT_TOO_DEAR:
        return WT_TOO_LARGE;
    case WT_OVERSPENT:
        return WT_SPENT;
    default:
        return WT_HOLDS;
    }
}

/* A verification that says no may be one that was not tried: libcrypto refuses keys beyond its limits, which are there
 * to keep a hostile peer from costing it time. What it said lies in its error queue, which is left empty. */
static enum wt_verdict verdict_of(int result)
{
    enum wt_verdict verdict = result == 1 ? WT_HOLDS : WT_FAILS;
    unsigned long e;
    while ((e = ERR_get_error()) != 0) {
        int library = ERR_GET_LIB(e), reason = ERR_GET_REASON(e);
        bool refused = (library == ERR_LIB_RSA && (reason == RSA_R_MODULUS_TOO_LARGE || reason == RSA_R_BAD_E_VALUE)) ||
                       (library == ERR_LIB_DSA && (reason == DSA_R_MODULUS_TOO_LARGE || reason == DSA_R_BAD_Q_VALUE));
        if (result != 1 && (refused || reason == ERR_R_MALLOC_FAILURE))
            verdict = WT_CANNOT;
    }
    return verdict;
}

/* The signature over a digest; `params` says how RSA wraps it. `refused` is what it means when libcrypto does not take
 * the params with this key. */
static enum wt_verdict verify_digest(struct wt_crypto *crypto, const struct wt_public_key *key,
                                     const OSSL_PARAM *params, enum wt_verdict refused, struct wt_span digest,
                                     struct wt_span signature)
{
    enum wt_verdict verdict = afford(crypto, key);
    if (verdict != WT_HOLDS)
        return verdict;
    verdict = WT_CANNOT;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(crypto), key->pkey, NULL);
    if (c && EVP_PKEY_verify_init(c) == 1) {
        if (params && EVP_PKEY_CTX_set_params(c, params) != 1)
            verdict = refused;
        else
            verdict = verdict_of(EVP_PKEY_verify(c, signature.p, signature.n, digest.p, digest.n));
    }
    EVP_PKEY_CTX_free(c);
    ERR_clear_error();
    return verdict;
}

/* OSSL_PARAM takes names as char *, and does not write to them. */
static OSSL_PARAM text_param(const char *key, const char *value)
{
    return OSSL_PARAM_construct_utf8_string(key, (char *)value, 0);
}

static enum wt_verdict verify_rsa(struct wt_crypto *crypto, const struct wt_public_key *key, bool pss, const char *hash,
                                  struct wt_span digest, struct wt_span signature)
{
    OSSL_PARAM params[5];
    size_t n = 0;
    params[n++] =
        text_param(OSSL_SIGNATURE_PARAM_PAD_MODE, pss ? OSSL_PKEY_RSA_PAD_MODE_PSS : OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
    params[n++] = text_param(OSSL_SIGNATURE_PARAM_DIGEST, hash);
    if (pss) {
        params[n++] = text_param(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, hash);
        /* RFC 8446, 4.2.3: "The length of the Salt MUST be equal to the length of the output of the digest algorithm."
         */
        params[n++] = text_param(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST);
    }
    params[n] = OSSL_PARAM_construct_end();
    /* A key of id-RSASSA-PSS may allow one hash alone (RFC 4055, 1.2). */
    return verify_digest(crypto, key, params, key->kind == WT_KEY_RSA_PSS ? WT_WRONG_KEY : WT_CANNOT, digest,
                         signature);
}

enum wt_verdict wt_signature_verify_pkcs1(struct wt_crypto *crypto, struct wt_public_key *key, enum wt_hash_id hash,
                                          const struct wt_span *parts, size_t count, struct wt_span signature)
{
    /* RFC 8017, 9.2: DigestInfo in front of the digest; of SM3 (1.2.156.10197.1.401) libcrypto 3.0 has none */
    static const uint8_t sm3[] = {0x30, 0x30, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x81, 0x1c,
                                  0xcf, 0x55, 0x01, 0x83, 0x11, 0x05, 0x00, 0x04, 0x20};
    const OSSL_PARAM params[] = {text_param(OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_PKCSV15),
                                 OSSL_PARAM_construct_end()};
    uint8_t info[sizeof sm3 + WT_DIGEST_MOST];
    if (key->kind != WT_KEY_RSA)
        return WT_WRONG_KEY;
    memcpy(info, sm3, sizeof sm3);
    const size_t n = wt_digest_parts(crypto, hash, parts, count, info + sizeof sm3);
    if (!n)
        return WT_CANNOT;
    return hash == WT_HASH_SM3
               ? verify_digest(crypto, key, params, WT_CANNOT, wt_span_of(info, sizeof sm3 + n), signature)
               : verify_rsa(crypto, key, false, wt_hash_info_of(hash)->openssl, wt_span_of(info + sizeof sm3, n),
                            signature);
}

/* Schemes that take the message itself: Ed25519, Ed448, ML-DSA. */
static enum wt_verdict verify_message(struct wt_crypto *crypto, const struct wt_public_key *key,
                                      const struct wt_span *parts, size_t count, struct wt_span signature)
{
    enum wt_verdict verdict = afford(crypto, key);
    size_t n = 0;
    if (verdict != WT_HOLDS)
        return verdict;
    verdict = WT_CANNOT;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].n > SIZE_MAX / 2 - n)
            return WT_CANNOT;
        n += parts[i].n;
    }
    uint8_t *message = wt_malloc(n + 1);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (message && c && EVP_DigestVerifyInit_ex(c, NULL, NULL, wt_crypto_context(crypto), NULL, key->pkey, NULL) == 1) {
        size_t at = 0;
        for (size_t i = 0; i < count; i++)
            if (parts[i].n) {
                memcpy(message + at, parts[i].p, parts[i].n);
                at += parts[i].n;
            }
        verdict = verdict_of(EVP_DigestVerify(c, signature.p, signature.n, message, n));
    }
    EVP_MD_CTX_free(c);
    free(message);
    ERR_clear_error();
    return verdict;
}

/* SM2 hashes the signer's identity and public key before the message (GB/T 32918.2). */
static enum wt_verdict verify_sm2(struct wt_crypto *crypto, const struct wt_public_key *key, bool tls13,
                                  const struct wt_span *parts, size_t count, struct wt_span signature)
{
    /* RFC 8998, 3.2.1: "MUST use the following ASCII string value as the SM2 identifier". */
    static const char gm_tls13[] = "TLSv1.3+GM+Cipher+Suite";
    const char *identity = tls13 ? gm_tls13 : sm2_identity;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (char *)(uintptr_t)identity, strlen(identity)),
        OSSL_PARAM_construct_end(),
    };
    enum wt_verdict verdict = afford(crypto, key);
    if (verdict != WT_HOLDS)
        return verdict;
    verdict = WT_CANNOT;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (c && EVP_DigestVerifyInit_ex(c, NULL, wt_hash_info_of(WT_HASH_SM3)->openssl, wt_crypto_context(crypto), NULL,
                                     key->pkey, params) == 1) {
        bool taken = true;
        for (size_t i = 0; i < count; i++)
            taken = taken && EVP_DigestVerifyUpdate(c, parts[i].p, parts[i].n) == 1;
        if (taken)
            verdict = verdict_of(EVP_DigestVerifyFinal(c, signature.p, signature.n));
    }
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return verdict;
}

enum wt_verdict wt_signature_verify(struct wt_crypto *crypto, struct wt_public_key *key, uint16_t id, bool tls13,
                                    const struct wt_span *parts, size_t count, struct wt_span signature)
{
    const struct wt_scheme *scheme = wt_scheme_find(id);
    uint8_t digest[WT_DIGEST_MOST];
    size_t n = 0;
    if (!scheme || scheme->key == WT_KEY_OTHER || scheme->key == WT_KEY_GOST)
        return WT_CANNOT;
    if (!wt_scheme_key_fits(key->pkey, key->kind, scheme, tls13))
        return WT_WRONG_KEY;
    switch (scheme->key) {
    case WT_KEY_ED25519:
    case WT_KEY_ED448:
    case WT_KEY_ML_DSA:
        return verify_message(crypto, key, parts, count, signature);
    case WT_KEY_SM2:
        return verify_sm2(crypto, key, tls13, parts, count, signature);
    default:
        break;
    }
    n = wt_digest_parts(crypto, (enum wt_hash_id)scheme->hash, parts, count, digest);
    if (!n)
        return WT_CANNOT;
    if (scheme->key == WT_KEY_RSA || scheme->key == WT_KEY_RSA_PSS)
        return verify_rsa(crypto, key, scheme->pss, wt_hash_info_of((enum wt_hash_id)scheme->hash)->openssl,
                          wt_span_of(digest, n), signature);
    return verify_digest(crypto, key, NULL, WT_CANNOT, wt_span_of(digest, n), signature);
}

/* RFC 6101, 4.7: the hash is "run directly through the Digital Signature Algorithm", and nothing is said of an
 * encoding: NSS sends r and s bare, each as long as q, where TLS 1.0 (RFC 2246, 4.7) says DER. The length tells them
 * apart, and DER begins with SEQUENCE. */
static enum wt_verdict verify_bare_dsa(struct wt_crypto *crypto, struct wt_public_key *key, struct wt_span digest,
                                       struct wt_span signature)
{
    BIGNUM *r = BN_bin2bn(signature.p, (int)signature.n / 2, NULL);
    BIGNUM *s = BN_bin2bn(signature.p + signature.n / 2, (int)signature.n / 2, NULL);
    DSA_SIG *both = DSA_SIG_new();
    uint8_t *der = NULL;
    int n = 0;
    if (r && s && both && DSA_SIG_set0(both, r, s)) {
        r = s = NULL;
        n = i2d_DSA_SIG(both, &der);
    }
    BN_free(r);
    BN_free(s);
    DSA_SIG_free(both);
    enum wt_verdict verdict =
        n > 0 ? verify_digest(crypto, key, NULL, WT_CANNOT, digest, wt_span_of(der, (size_t)n)) : WT_CANNOT;
    OPENSSL_free(der);
    return verdict;
}

enum wt_verdict wt_signature_verify_old(struct wt_crypto *crypto, struct wt_public_key *key, const uint8_t digests[36],
                                        struct wt_span signature)
{
    switch (key->kind) {
    case WT_KEY_RSA:
        return verify_rsa(crypto, key, false, "MD5-SHA1", wt_span_of(digests, 36), signature);
    case WT_KEY_DSA:
        if ((signature.n == 40 || signature.n == 56 || signature.n == 64) && signature.p[1] != signature.n - 2)
            return verify_bare_dsa(crypto, key, wt_span_of(digests + 16, 20), signature);
        return verify_digest(crypto, key, NULL, WT_CANNOT, wt_span_of(digests + 16, 20), signature);
    case WT_KEY_EC:
        return verify_digest(crypto, key, NULL, WT_CANNOT, wt_span_of(digests + 16, 20), signature);
    default:
        return WT_WRONG_KEY;
    }
}
