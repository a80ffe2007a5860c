/* What an endpoint signs verifies under the scheme that it chose; which schemes a key can; keys out of files, and keys
 * that are elsewhere. */
#include "crypto/signing.h"

#include "base/thread.h"
#include "vector.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum who {
    RSA_512,
    RSA_1024,
    RSA_2048,
    PSS_ANY,
    PSS_384,
    P256,
    P384,
    P521,
    BRAINPOOL,
    DSA_1024,
    ED25519,
    ED448,
    X25519,
    COUNT
};

static const struct {
    const char *type, *group;
    size_t bits;
    size_t tls12, tls13; /* schemes that it can */
} wanted[COUNT] = {
    /* Of the hashes MD5 and SHA-1 fit, and SHA-224; for PSS there is no room. */
    [RSA_512] = {"RSA", NULL, 512, 5, 5},
    [RSA_1024] = {"RSA", NULL, 1024, 11, 11},
    [RSA_2048] = {"RSA", NULL, 2048, 12, 12},
    [PSS_ANY] = {"RSA-PSS", NULL, 2048, 3, 3},
    [PSS_384] = {"RSA-PSS", NULL, 2048, 1, 1},
    [P256] = {"EC", "P-256", 0, 9, 4},
    [P384] = {"EC", "P-384", 0, 9, 4},
    [P521] = {"EC", "P-521", 0, 9, 4},
    [BRAINPOOL] = {"EC", "brainpoolP256r1", 0, 9, 4},
    [DSA_1024] = {"DSA", NULL, 1024, 6, 6},
    [ED25519] = {"ED25519", NULL, 0, 1, 1},
    [ED448] = {"ED448", NULL, 0, 1, 1},
    [X25519] = {"X25519", NULL, 0, 0, 0},
};

struct keys {
    struct wt_crypto *crypto;
    OSSL_LIB_CTX *lib;
    EVP_PKEY *pkey[COUNT];
    struct wt_private_key *key[COUNT];
    struct wt_public_key *public_key[COUNT];
    struct wt_signing *signer[COUNT];
};

static EVP_PKEY *generate(OSSL_LIB_CTX *lib, enum who who)
{
    EVP_PKEY *key = NULL, *params = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(lib, wanted[who].type, NULL);
    if (who == DSA_1024) {
        size_t p = wanted[who].bits, q = 160;
        const OSSL_PARAM o[] = {OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_FFC_PBITS, &p),
                                OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_FFC_QBITS, &q), OSSL_PARAM_construct_end()};
        assert_true(EVP_PKEY_paramgen_init(c) == 1 && EVP_PKEY_CTX_set_params(c, o) == 1);
        assert_int_equal(EVP_PKEY_generate(c, &params), 1);
        EVP_PKEY_CTX_free(c);
        c = EVP_PKEY_CTX_new_from_pkey(lib, params, NULL);
    }
    assert_int_equal(EVP_PKEY_keygen_init(c), 1);
    if (wanted[who].group)
        assert_int_equal(EVP_PKEY_CTX_set_group_name(c, wanted[who].group), 1);
    else if (wanted[who].bits && who != DSA_1024)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(c, (int)wanted[who].bits), 1);
    if (who == PSS_384) {
        char sha384[] = "SHA2-384";
        int salt = 48;
        const OSSL_PARAM o[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_DIGEST, sha384, 0),
                                OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, sha384, 0),
                                OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &salt),
                                OSSL_PARAM_construct_end()};
        assert_int_equal(EVP_PKEY_CTX_set_params(c, o), 1);
    }
    assert_int_equal(EVP_PKEY_generate(c, &key), 1);
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(params);
    return key;
}

static struct wt_span written(BIO *b)
{
    char *p = NULL;
    const long n = BIO_get_mem_data(b, &p);
    return wt_span_of(p, (size_t)n);
}

static int make_keys(void **state)
{
    struct keys *k = calloc(1, sizeof *k);
    *state = k;
    k->crypto = wt_crypto_new();
    k->lib = wt_crypto_context(k->crypto);
    for (int i = 0; i < COUNT; i++) {
        enum wt_problem_id why = WT_PROBLEM_NONE;
        unsigned char *der = NULL;
        k->pkey[i] = generate(k->lib, (enum who)i);
        BIO *b = BIO_new(BIO_s_mem());
        assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, k->pkey[i], NULL, NULL, 0, NULL, NULL), 1);
        k->key[i] = wt_private_key_load(k->crypto, written(b), NULL, WT_KEY_SIGNS, &why);
        BIO_free(b);
        assert_int_equal(why, i == X25519 ? WT_PROBLEM_KEY_KIND : WT_PROBLEM_NONE);
        const int n = i2d_PUBKEY(k->pkey[i], &der);
        k->public_key[i] = wt_public_key_of_spki(k->crypto, wt_span_of(der, (size_t)n));
        OPENSSL_free(der);
        k->signer[i] = k->key[i] ? wt_signing_new(k->crypto, k->key[i]) : NULL;
        assert_true(!k->signer[i] == (i == X25519));
    }
    return 0;
}

static int free_keys(void **state)
{
    struct keys *k = *state;
    for (int i = 0; i < COUNT; i++) {
        wt_signing_free(k->signer[i]);
        wt_private_key_free(k->key[i]);
        wt_public_key_free(k->public_key[i]);
        EVP_PKEY_free(k->pkey[i]);
    }
    wt_crypto_free(k->crypto);
    free(k);
    return 0;
}

static const char text[] = "what is to be signed, in three parts";

struct parts {
    struct wt_span part[3];
};
static struct parts of_text(void)
{
    return (struct parts){{wt_span_of(text, 7), {0}, wt_span_of(text + 7, strlen(text) - 7)}};
}

/* Every scheme of every key, in both versions: signed, and verified by who knows only the public half; and not signed
 * under any other. */
static void test_schemes(void **state)
{
    const struct keys *k = *state;
    const struct parts p = of_text();
    for (int i = 0; i < X25519; i++)
        for (int tls13 = 0; tls13 < 2; tls13++) {
            uint16_t schemes[WT_SIGNING_SCHEMES_MOST];
            uint8_t s[WT_SIGNATURE_MOST];
            size_t count = wt_signing_schemes(k->signer[i], tls13, schemes), n, seen = 0;
            assert_int_equal(count, tls13 ? wanted[i].tls13 : wanted[i].tls12);
            for (unsigned scheme = 0; scheme <= UINT16_MAX; scheme++) {
                if (!wt_signing_can(k->signer[i], (uint16_t)scheme, tls13)) {
                    if (scheme % 256 == 3 || scheme / 256 == 8)
                        assert_int_equal(
                            wt_signing_sign(k->signer[i], k->crypto, (uint16_t)scheme, tls13, p.part, 3, s, &n),
                            WT_SIGNING_FAILED);
                    continue;
                }
                seen++;
                assert_int_equal(wt_signing_sign(k->signer[i], k->crypto, (uint16_t)scheme, tls13, p.part, 3, s, &n),
                                 WT_SIGNING_DONE);
                assert_true(n > 0 && n <= wt_signing_most(k->signer[i]));
                const struct wt_span whole = wt_span_text(text);
                assert_int_equal(wt_signature_verify(k->crypto, k->public_key[i], (uint16_t)scheme, tls13, &whole, 1,
                                                     wt_span_of(s, n)),
                                 WT_HOLDS);
                s[n / 2] ^= 1;
                assert_int_equal(wt_signature_verify(k->crypto, k->public_key[i], (uint16_t)scheme, tls13, &whole, 1,
                                                     wt_span_of(s, n)),
                                 WT_FAILS);
            }
            assert_int_equal(seen, count);
        }
}

/* RFC 8446, 4.2.3 ties curves to schemes; a modulus has to have room for hash and salt. */
static void test_which(void **state)
{
    const struct keys *k = *state;
    uint16_t schemes[WT_SIGNING_SCHEMES_MOST];
    assert_true(wt_signing_can(k->signer[P256], WT_SCHEME_ECDSA_SECP256R1_SHA256, true));
    assert_false(wt_signing_can(k->signer[P384], WT_SCHEME_ECDSA_SECP256R1_SHA256, true));
    assert_true(wt_signing_can(k->signer[P384], WT_SCHEME_ECDSA_SECP256R1_SHA256, false));
    assert_true(wt_signing_can(k->signer[BRAINPOOL], WT_SCHEME_ECDSA_BRAINPOOLP256R1TLS13_SHA256, true));
    assert_true(wt_signing_can(k->signer[RSA_1024], WT_SCHEME_RSA_PSS_RSAE_SHA384, true));
    assert_false(wt_signing_can(k->signer[RSA_1024], WT_SCHEME_RSA_PSS_RSAE_SHA512, true));
    assert_true(wt_signing_can(k->signer[RSA_2048], WT_SCHEME_RSA_PSS_RSAE_SHA512, true));
    assert_false(wt_signing_can(k->signer[RSA_2048], WT_SCHEME_RSA_PSS_PSS_SHA256, true));
    assert_false(wt_signing_can(k->signer[PSS_ANY], WT_SCHEME_RSA_PSS_RSAE_SHA256, true));
    assert_false(wt_signing_can(k->signer[PSS_384], WT_SCHEME_RSA_PSS_PSS_SHA256, true));
    assert_true(wt_signing_can(k->signer[PSS_384], WT_SCHEME_RSA_PSS_PSS_SHA384, true));
    assert_false(wt_signing_can(k->signer[P256], 0x0a0a, true));
    assert_int_equal(wt_signing_kind(k->signer[ED448]), WT_KEY_ED448);
    /* In the order in which they are offered. */
    assert_true(wt_signing_schemes(k->signer[RSA_2048], true, schemes) > 4);
    assert_int_equal(schemes[0], WT_SCHEME_RSA_PSS_RSAE_SHA256);
    assert_int_equal(schemes[3], WT_SCHEME_RSA_PKCS1_SHA256);
}

/* Where only the digest is known; a scheme that hashes for itself has to have the message. */
static void test_digest(void **state)
{
    const struct keys *k = *state;
    uint8_t digest[WT_DIGEST_MOST], s[WT_SIGNATURE_MOST];
    const struct wt_span whole = wt_span_text(text);
    size_t n = 0, length = wt_digest(k->crypto, WT_HASH_SHA256, whole, digest);
    static const enum who who[] = {P256, RSA_2048, PSS_ANY};
    static const uint16_t scheme[] = {WT_SCHEME_ECDSA_SECP256R1_SHA256, WT_SCHEME_RSA_PKCS1_SHA256,
                                      WT_SCHEME_RSA_PSS_PSS_SHA256};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(wt_signing_sign_digest(k->signer[who[i]], scheme[i], false, wt_span_of(digest, length), s, &n),
                         WT_SIGNING_DONE);
        assert_int_equal(
            wt_signature_verify(k->crypto, k->public_key[who[i]], scheme[i], false, &whole, 1, wt_span_of(s, n)),
            WT_HOLDS);
        assert_int_equal(
            wt_signing_sign_digest(k->signer[who[i]], scheme[i], false, wt_span_of(digest, length - 1), s, &n),
            WT_SIGNING_FAILED);
    }
    assert_int_equal(
        wt_signing_sign_digest(k->signer[ED25519], WT_SCHEME_ED25519, false, wt_span_of(digest, length), s, &n),
        WT_SIGNING_FAILED);
}

/* What is elsewhere has the message, and its digest where the scheme has one. */
struct elsewhere {
    const struct keys *keys;
    enum who who;
    enum wt_signing_result result;
    struct wt_to_sign seen;
    uint8_t message[64];
};

static enum wt_signing_result ask(void *context, const struct wt_to_sign *what, uint8_t out[WT_SIGNATURE_MOST],
                                  size_t *n)
{
    struct elsewhere *e = context;
    e->seen = *what;
    assert_true(what->message.n <= sizeof e->message);
    if (what->message.n)
        memcpy(e->message, what->message.p, what->message.n);
    if (e->result != WT_SIGNING_DONE)
        return e->result;
    return what->digest.n
               ? wt_signing_sign_digest(e->keys->signer[e->who], what->scheme, what->tls13, what->digest, out, n)
               : wt_signing_sign(e->keys->signer[e->who], e->keys->crypto, what->scheme, what->tls13, &what->message, 1,
                                 out, n);
}

static void test_elsewhere(void **state)
{
    const struct keys *k = *state;
    static const enum who who[] = {P256, ED25519, RSA_2048};
    static const uint16_t scheme[] = {WT_SCHEME_ECDSA_SECP256R1_SHA256, WT_SCHEME_ED25519,
                                      WT_SCHEME_RSA_PSS_RSAE_SHA256};
    const struct parts p = of_text();
    const struct wt_span whole = wt_span_text(text);
    for (size_t i = 0; i < 3; i++) {
        struct elsewhere e = {.keys = k, .who = who[i], .result = WT_SIGNING_DONE};
        const struct wt_signing_elsewhere there = {ask, &e};
        struct wt_signing *signer = wt_signing_new_elsewhere(k->public_key[who[i]], &there);
        uint8_t s[WT_SIGNATURE_MOST];
        size_t n = 0;
        assert_non_null(signer);
        assert_false(wt_signing_can(signer, WT_SCHEME_ED448, true));
        assert_int_equal(wt_signing_kind(signer), wt_signing_kind(k->signer[who[i]]));
        assert_int_equal(wt_signing_sign(signer, k->crypto, scheme[i], true, p.part, 3, s, &n), WT_SIGNING_DONE);
        assert_int_equal(
            wt_signature_verify(k->crypto, k->public_key[who[i]], scheme[i], true, &whole, 1, wt_span_of(s, n)),
            WT_HOLDS);
        assert_int_equal(e.seen.scheme, scheme[i]);
        assert_true(e.seen.tls13);
        assert_int_equal(e.seen.message.n, whole.n);
        assert_memory_equal(e.message, text, whole.n);
        assert_int_equal(e.seen.digest.n, who[i] == ED25519 ? 0 : 32);
        e.result = WT_SIGNING_LATER;
        assert_int_equal(wt_signing_sign(signer, k->crypto, scheme[i], true, p.part, 3, s, &n), WT_SIGNING_LATER);
        e.result = WT_SIGNING_FAILED;
        assert_int_equal(wt_signing_sign(signer, k->crypto, scheme[i], true, p.part, 3, s, &n), WT_SIGNING_FAILED);
        assert_int_equal(n, 0);
        wt_signing_free(signer);
    }
    /* Only asked what it can. */
    uint16_t schemes[2][WT_SIGNING_SCHEMES_MOST];
    uint8_t s[WT_SIGNATURE_MOST];
    size_t n = 0;
    struct wt_signing *nobody = wt_signing_new_elsewhere(k->public_key[P256], NULL);
    assert_int_equal(wt_signing_schemes(nobody, true, schemes[0]),
                     wt_signing_schemes(k->signer[P256], true, schemes[1]));
    assert_int_equal(schemes[0][0], schemes[1][0]);
    assert_int_equal(wt_signing_most(nobody), wt_signing_most(k->signer[P256]));
    assert_int_equal(wt_signing_sign(nobody, k->crypto, WT_SCHEME_ECDSA_SECP256R1_SHA256, true, p.part, 3, s, &n),
                     WT_SIGNING_FAILED);
    wt_signing_free(nobody);
    const struct wt_signing_elsewhere there = {ask, NULL};
    assert_null(wt_signing_new_elsewhere(k->public_key[X25519], &there));
}

/* ML-DSA, where libcrypto has it (3.5). */
static void test_ml_dsa(void **state)
{
    const struct keys *k = *state;
    static const char *const types[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
    static const uint16_t schemes[] = {WT_SCHEME_MLDSA44, WT_SCHEME_MLDSA65, WT_SCHEME_MLDSA87};
    const struct parts p = of_text();
    const struct wt_span whole = wt_span_text(text);
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(k->lib, NULL, types[i]);
        if (!pkey)
            skip();
        unsigned char *der = NULL, *spki = NULL;
        enum wt_problem_id why = WT_PROBLEM_NONE;
        uint8_t s[WT_SIGNATURE_MOST];
        size_t n = 0;
        const int length = i2d_PrivateKey(pkey, &der), spki_n = i2d_PUBKEY(pkey, &spki);
        struct wt_private_key *key =
            wt_private_key_load(k->crypto, wt_span_of(der, (size_t)length), NULL, WT_KEY_SIGNS, &why);
        struct wt_public_key *public_key = wt_public_key_of_spki(k->crypto, wt_span_of(spki, (size_t)spki_n));
        assert_non_null(key);
        assert_true(wt_private_key_fits(key, public_key));
        struct wt_signing *signer = wt_signing_new(k->crypto, key);
        for (size_t j = 0; j < 3; j++)
            assert_int_equal(wt_signing_can(signer, schemes[j], true), i == j);
        assert_int_equal(wt_signing_sign(signer, k->crypto, schemes[i], true, p.part, 3, s, &n), WT_SIGNING_DONE);
        assert_int_equal(wt_signature_verify(k->crypto, public_key, schemes[i], true, &whole, 1, wt_span_of(s, n)),
                         WT_HOLDS);
        wt_signing_free(signer);
        wt_public_key_free(public_key);
        wt_private_key_free(key);
        OPENSSL_free(der);
        OPENSSL_free(spki);
        EVP_PKEY_free(pkey);
    }
}

/* A certificate's key, and any other. */
static void test_fits(void **state)
{
    const struct keys *k = *state;
    for (int i = 0; i < X25519; i++)
        for (int j = 0; j < COUNT; j++)
            assert_int_equal(wt_private_key_fits(k->key[i], k->public_key[j]), i == j);
}

/* PKCS #8, PKCS #1 and SEC 1, PEM and DER; encrypted */
static void test_files(void **state)
{
    const struct keys *k = *state;
    static const enum who who[] = {RSA_2048, PSS_ANY, P256, P384, BRAINPOOL, ED25519, ED448, DSA_1024};
    static const char password[] = "correct horse";
    for (size_t i = 0; i < sizeof who / sizeof *who; i++)
        for (int form = 0; form < 4; form++) {
            enum wt_problem_id why = WT_PROBLEM_NONE;
            BIO *b = BIO_new(BIO_s_mem());
            EVP_PKEY *pkey = k->pkey[who[i]];
            /* Edwards curves have no structure of their own; PKCS #1's does not say that a key is for PSS. */
            const bool own = who[i] != ED25519 && who[i] != ED448 && who[i] != PSS_ANY;
            int put = 0;
            switch (form) {
            case 0:
                put = PEM_write_bio_PKCS8PrivateKey(b, pkey, NULL, NULL, 0, NULL, NULL);
                break;
            case 1:
                put = i2d_PKCS8PrivateKey_bio(b, pkey, NULL, NULL, 0, NULL, NULL);
                break;
            case 2:
                put = own ? PEM_write_bio_PrivateKey_traditional(b, pkey, NULL, NULL, 0, NULL, NULL) : -1;
                break;
            default:
                put = own ? i2d_PrivateKey_bio(b, pkey) : -1;
                break;
            }
            if (put >= 0) {
                assert_int_equal(put, 1);
                struct wt_private_key *key = wt_private_key_load(k->crypto, written(b), NULL, WT_KEY_SIGNS, &why);
                assert_non_null(key);
                assert_true(wt_private_key_fits(key, k->public_key[who[i]]));
                assert_int_equal(wt_private_key_kind(key), wt_public_key_kind(k->public_key[who[i]]));
                wt_private_key_free(key);
            }
            BIO_free(b);
        }
    EVP_CIPHER *aes = EVP_CIPHER_fetch(k->lib, "AES-256-CBC", NULL);
    BIO *b = BIO_new(BIO_s_mem());
    enum wt_problem_id why = WT_PROBLEM_NONE;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, k->pkey[P256], aes, password, (int)strlen(password), NULL, NULL),
                     1);
    assert_null(wt_private_key_load(k->crypto, written(b), NULL, WT_KEY_SIGNS, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_ENCRYPTED);
    assert_null(wt_private_key_load(k->crypto, written(b), "incorrect horse", WT_KEY_SIGNS, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_PASSWORD);
    struct wt_private_key *key = wt_private_key_load(k->crypto, written(b), password, WT_KEY_SIGNS, &why);
    assert_non_null(key);
    wt_private_key_free(key);
    EVP_CIPHER_free(aes);
    BIO_free(b);
    /* A public key alone signs nothing. */
    b = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(b, k->pkey[ED25519]), 1);
    assert_null(wt_private_key_load(k->crypto, written(b), NULL, WT_KEY_SIGNS, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_NONE);
    BIO_free(b);
}

/* One signer, several threads. */
enum { THREADS = 4, ROUNDS = 40 };

struct signing_thread {
    pthread_t thread;
    const struct keys *keys;
    unsigned held;
};

static void *sign_much(void *context)
{
    struct signing_thread *t = context;
    static const enum who who[] = {P256, ED25519, PSS_ANY};
    static const uint16_t scheme[] = {WT_SCHEME_ECDSA_SECP256R1_SHA256, WT_SCHEME_ED25519,
                                      WT_SCHEME_RSA_PSS_PSS_SHA256};
    struct wt_crypto *crypto = wt_crypto_new();
    const struct wt_span whole = wt_span_text(text);
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t s[WT_SIGNATURE_MOST];
        size_t n = 0, w = (size_t)i % 3;
        if (wt_signing_sign(t->keys->signer[who[w]], crypto, scheme[w], true, &whole, 1, s, &n) == WT_SIGNING_DONE &&
            wt_signature_verify(crypto, t->keys->public_key[who[w]], scheme[w], true, &whole, 1, wt_span_of(s, n)) ==
                WT_HOLDS)
            t->held++;
    }
    wt_crypto_free(crypto);
    return NULL;
}

static void test_threads(void **state)
{
    struct signing_thread t[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        t[i].keys = *state;
        assert_true(wt_thread_start(&t[i].thread, sign_much, &t[i]));
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(t[i].thread, NULL);
        assert_int_equal(t[i].held, ROUNDS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes),   cmocka_unit_test(test_which),   cmocka_unit_test(test_digest),
        cmocka_unit_test(test_elsewhere), cmocka_unit_test(test_fits),    cmocka_unit_test(test_files),
        cmocka_unit_test(test_ml_dsa),    cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
