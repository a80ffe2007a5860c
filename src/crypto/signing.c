#include "crypto/signing.h"

#include "base/memory.h"
#include "crypto/scheme_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdlib.h>

/* The order in which they are offered: what TLS 1.3 takes before what it does not, the usual hash before the longer
 * ones, and what is left over from before last. */
static const uint16_t order[] = {
    WT_SCHEME_ECDSA_SECP256R1_SHA256,
    WT_SCHEME_ECDSA_SECP384R1_SHA384,
    WT_SCHEME_ECDSA_SECP521R1_SHA512,
    WT_SCHEME_ECDSA_BRAINPOOLP256R1TLS13_SHA256,
    WT_SCHEME_ECDSA_BRAINPOOLP384R1TLS13_SHA384,
    WT_SCHEME_ECDSA_BRAINPOOLP512R1TLS13_SHA512,
    WT_SCHEME_ED25519,
    WT_SCHEME_ED448,
    WT_SCHEME_MLDSA44,
    WT_SCHEME_MLDSA65,
    WT_SCHEME_MLDSA87,
    WT_SCHEME_RSA_PSS_RSAE_SHA256,
    WT_SCHEME_RSA_PSS_RSAE_SHA384,
    WT_SCHEME_RSA_PSS_RSAE_SHA512,
    WT_SCHEME_RSA_PSS_PSS_SHA256,
    WT_SCHEME_RSA_PSS_PSS_SHA384,
    WT_SCHEME_RSA_PSS_PSS_SHA512,
    WT_SCHEME_RSA_PKCS1_SHA256,
    WT_SCHEME_RSA_PKCS1_SHA384,
    WT_SCHEME_RSA_PKCS1_SHA512,
    WT_SCHEME_RSA_PKCS1_SHA256_LEGACY,
    WT_SCHEME_RSA_PKCS1_SHA384_LEGACY,
    WT_SCHEME_RSA_PKCS1_SHA512_LEGACY,
    WT_SCHEME_DSA_SHA256,
    WT_SCHEME_DSA_SHA384,
    WT_SCHEME_DSA_SHA512,
    WT_SCHEME_RSA_PKCS1_SHA224,
    WT_SCHEME_ECDSA_SHA224,
    WT_SCHEME_DSA_SHA224,
    WT_SCHEME_RSA_PKCS1_SHA1,
    WT_SCHEME_ECDSA_SHA1,
    WT_SCHEME_DSA_SHA1,
    WT_SCHEME_RSA_PKCS1_MD5,
    WT_SCHEME_ECDSA_MD5,
    WT_SCHEME_DSA_MD5,
};

/* A scheme that the key can. */
struct way {
    const struct wt_scheme *scheme;
    bool tls12, tls13;
    EVP_PKEY_CTX *ready; /* only copied: several threads may do that at once, and it costs next to nothing */
};

struct wt_signing {
    enum wt_scheme_key kind;
    OSSL_LIB_CTX *lib;
    EVP_PKEY *pkey; /* NULL: elsewhere */
    struct wt_signing_elsewhere elsewhere;
    size_t most;
    size_t n;
    struct way ways[WT_SIGNING_SCHEMES_MOST];
};

static bool has_own_hash(const struct wt_scheme *scheme)
{
    return scheme->hash == WT_HASH_NONE;
}

/* bytes: of the DER before the digest in PKCS #1 v1.5's DigestInfo (RFC 8017, 9.2, note 1), of the SHA-2 family; the
 * older ones' are a little shorter. */
enum { DIGEST_INFO = 19, PKCS1_LEAST = 11 };

/* RFC 8017, 9.2: "If emLen < tLen + 11, output "intended encoded message length too short" and stop." 9.1.1: "If emLen
 * < hLen + sLen + 2, output "encoding error" and stop." So a modulus of 1024 bits has no rsa_pss_rsae_sha512. */
static bool has_room(const EVP_PKEY *key, const struct wt_scheme *scheme)
{
    const int bits = EVP_PKEY_get_bits(key), hash = wt_hash_info_of((enum wt_hash_id)scheme->hash)->length;
    if (scheme->key != WT_KEY_RSA && scheme->key != WT_KEY_RSA_PSS)
        return true;
    return scheme->pss ? (bits - 1 + 7) / 8 >= 2 * hash + 2 : (bits + 7) / 8 >= DIGEST_INFO + hash + PKCS1_LEAST;
}

static bool set_up_rsa(EVP_PKEY_CTX *c, const struct wt_scheme *scheme)
{
    char *hash = (char *)(uintptr_t)wt_hash_info_of((enum wt_hash_id)scheme->hash)->openssl;
    char *padding = (char *)(uintptr_t)(scheme->pss ? OSSL_PKEY_RSA_PAD_MODE_PSS : OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
    OSSL_PARAM params[5];
    size_t n = 0;
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, padding, 0);
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, hash, 0);
    if (scheme->pss) {
        params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, hash, 0);
        /* RFC 8446, 4.2.3: "The length of the Salt MUST be equal to the length of the output of the digest algorithm."
         */
        params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
                                                       (char *)(uintptr_t)OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, 0);
    }
    params[n] = OSSL_PARAM_construct_end();
    return EVP_PKEY_CTX_set_params(c, params) == 1;
}

/* False: libcrypto refuses the scheme with this key, as one of id-RSASSA-PSS that is for another hash (RFC 4055, 1.2).
 */
static bool make_ready(const struct wt_signing *s, struct way *way)
{
    if (has_own_hash(way->scheme))
        return true;
    way->ready = EVP_PKEY_CTX_new_from_pkey(s->lib, s->pkey, NULL);
    if (way->ready && EVP_PKEY_sign_init(way->ready) == 1 &&
        ((way->scheme->key != WT_KEY_RSA && way->scheme->key != WT_KEY_RSA_PSS) || set_up_rsa(way->ready, way->scheme)))
        return true;
    EVP_PKEY_CTX_free(way->ready);
    way->ready = NULL;
    return false;
}

/* The schemes of a key, which is the whole one or the public half. */
static void find_ways(struct wt_signing *s, const EVP_PKEY *key)
{
    for (size_t i = 0; i < sizeof order / sizeof *order && s->n < WT_SIGNING_SCHEMES_MOST; i++) {
        const struct wt_scheme *scheme = wt_scheme_find(order[i]);
        struct way *way = &s->ways[s->n];
        way->scheme = scheme;
        way->tls12 = wt_scheme_key_fits(key, s->kind, scheme, false);
        way->tls13 = wt_scheme_key_fits(key, s->kind, scheme, true);
        if ((way->tls12 || way->tls13) && has_room(key, scheme) && (!s->pkey || make_ready(s, way)))
            s->n++;
    }
    ERR_clear_error();
}

static struct wt_signing *settled(struct wt_signing *s, const EVP_PKEY *key)
{
    const int size = EVP_PKEY_get_size(key);
    s->most = size > 0 ? (size_t)size : 0;
    find_ways(s, key);
    if (s->n && s->most && s->most <= WT_SIGNATURE_MOST)
        return s;
    wt_signing_free(s);
    return NULL;
}

struct wt_signing *wt_signing_new(struct wt_crypto *crypto, const struct wt_private_key *key)
{
    EVP_PKEY *pkey = wt_private_key_evp(key);
    struct wt_signing *s = wt_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->kind = wt_private_key_kind(key);
    s->lib = wt_crypto_context(crypto);
    s->pkey = EVP_PKEY_up_ref(pkey) == 1 ? pkey : NULL;
    return settled(s, pkey);
}

struct wt_signing *wt_signing_new_elsewhere(const struct wt_public_key *key,
                                            const struct wt_signing_elsewhere *elsewhere)
{
    struct wt_signing *s = wt_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->kind = wt_public_key_kind(key);
    if (elsewhere)
        s->elsewhere = *elsewhere;
    return settled(s, wt_public_key_evp(key));
}

void wt_signing_free(struct wt_signing *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        EVP_PKEY_CTX_free(s->ways[i].ready);
    EVP_PKEY_free(s->pkey);
    free(s);
}

static const struct way *way_of(const struct wt_signing *s, uint16_t scheme, bool tls13)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->ways[i].scheme->id == scheme)
            return (tls13 ? s->ways[i].tls13 : s->ways[i].tls12) ? &s->ways[i] : NULL;
    return NULL;
}

bool wt_signing_can(const struct wt_signing *s, uint16_t scheme, bool tls13)
{
    return way_of(s, scheme, tls13) != NULL;
}

size_t wt_signing_schemes(const struct wt_signing *s, bool tls13, uint16_t out[WT_SIGNING_SCHEMES_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (tls13 ? s->ways[i].tls13 : s->ways[i].tls12)
            out[n++] = s->ways[i].scheme->id;
    return n;
}

enum wt_scheme_key wt_signing_kind(const struct wt_signing *s)
{
    return s->kind;
}

size_t wt_signing_most(const struct wt_signing *s)
{
    return s->most;
}

static bool sign_digest(const struct way *way, struct wt_span digest, uint8_t *out, size_t *n)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_dup(way->ready);
    *n = WT_SIGNATURE_MOST;
    const bool done = c && EVP_PKEY_sign(c, out, n, digest.p, digest.n) == 1;
    EVP_PKEY_CTX_free(c);
    return done;
}

static bool sign_message(const struct wt_signing *s, struct wt_span message, uint8_t *out, size_t *n)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    *n = WT_SIGNATURE_MOST;
    const bool done = c && EVP_DigestSignInit_ex(c, NULL, NULL, s->lib, NULL, s->pkey, NULL) == 1 &&
                      EVP_DigestSign(c, out, n, message.p, message.n) == 1;
    EVP_MD_CTX_free(c);
    return done;
}

static enum wt_signing_result sign(const struct wt_signing *s, const struct way *way, const struct wt_to_sign *what,
                                   uint8_t out[WT_SIGNATURE_MOST], size_t *n)
{
    *n = 0;
    if (!s->pkey && !s->elsewhere.sign)
        return WT_SIGNING_FAILED;
    if (!s->pkey) {
        const enum wt_signing_result result = s->elsewhere.sign(s->elsewhere.context, what, out, n);
        return result != WT_SIGNING_DONE || (*n && *n <= WT_SIGNATURE_MOST) ? result : WT_SIGNING_FAILED;
    }
    if (has_own_hash(way->scheme) ? sign_message(s, what->message, out, n) : sign_digest(way, what->digest, out, n))
        return WT_SIGNING_DONE;
    ERR_clear_error();
    return WT_SIGNING_FAILED;
}

enum wt_signing_result wt_signing_sign_digest(const struct wt_signing *s, uint16_t scheme, bool tls13,
                                              struct wt_span digest, uint8_t out[WT_SIGNATURE_MOST], size_t *n)
{
    const struct way *way = way_of(s, scheme, tls13);
    const struct wt_to_sign what = {.scheme = scheme, .tls13 = tls13, .digest = digest};
    *n = 0;
    if (!way || has_own_hash(way->scheme) || digest.n != wt_hash_info_of((enum wt_hash_id)way->scheme->hash)->length)
        return WT_SIGNING_FAILED;
    return sign(s, way, &what, out, n);
}

/* The parts as one message, in new memory; NULL: none. */
static uint8_t *gathered(const struct wt_span *parts, size_t count, struct wt_span *whole)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        n += parts[i].n;
    uint8_t *bytes = wt_malloc(n);
    for (size_t i = 0; bytes && i < count; at += parts[i++].n)
        if (parts[i].n)
            memcpy(bytes + at, parts[i].p, parts[i].n);
    *whole = wt_span_of(bytes, bytes ? n : 0);
    return bytes;
}

enum wt_signing_result wt_signing_sign(const struct wt_signing *s, struct wt_crypto *crypto, uint16_t scheme,
                                       bool tls13, const struct wt_span *parts, size_t count,
                                       uint8_t out[WT_SIGNATURE_MOST], size_t *n)
{
    const struct way *way = way_of(s, scheme, tls13);
    struct wt_to_sign what = {.scheme = scheme, .tls13 = tls13};
    uint8_t digest[WT_DIGEST_MOST], *message = NULL;
    *n = 0;
    if (!way)
        return WT_SIGNING_FAILED;
    if (!has_own_hash(way->scheme)) {
        what.digest =
            wt_span_of(digest, wt_digest_parts(crypto, (enum wt_hash_id)way->scheme->hash, parts, count, digest));
        if (!what.digest.n)
            return WT_SIGNING_FAILED;
    }
    /* Who has only to sign a digest does not look at more. */
    if (!s->pkey || has_own_hash(way->scheme)) {
        message = gathered(parts, count, &what.message);
        if (!message)
            return WT_SIGNING_FAILED;
    }
    const enum wt_signing_result result = sign(s, way, &what, out, n);
    free(message);
    return result;
}
