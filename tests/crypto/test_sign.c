/* Signatures made here with fresh keys: they hold, one flipped byte does not, and the wrong key is told from both. */
#include "crypto/sign.h"

#include "vector.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum who {
    RSA_1024,
    RSA_2048,
    PSS_ANY,
    PSS_384,
    P256,
    P384,
    P521,
    BRAINPOOL,
    DSA_OLD,
    DSA_NEW,
    ED25519,
    ED448,
    SM2,
    X25519,
    COUNT
};

static const struct {
    const char *type, *group;
    int bits;
    enum wt_scheme_key kind;
} wanted[COUNT] = {
    [RSA_1024] = {"RSA", NULL, 1024, WT_KEY_RSA},
    [RSA_2048] = {"RSA", NULL, 2048, WT_KEY_RSA},
    [PSS_ANY] = {"RSA-PSS", NULL, 2048, WT_KEY_RSA_PSS},
    [PSS_384] = {"RSA-PSS", NULL, 2048, WT_KEY_RSA_PSS},
    [P256] = {"EC", "P-256", 256, WT_KEY_EC},
    [P384] = {"EC", "P-384", 384, WT_KEY_EC},
    [P521] = {"EC", "P-521", 521, WT_KEY_EC},
    [BRAINPOOL] = {"EC", "brainpoolP256r1", 256, WT_KEY_EC},
    [DSA_OLD] = {"DSA", NULL, 1024, WT_KEY_DSA},
    [DSA_NEW] = {"DSA", NULL, 2048, WT_KEY_DSA},
    [ED25519] = {"ED25519", NULL, 0, WT_KEY_ED25519},
    [ED448] = {"ED448", NULL, 0, WT_KEY_ED448},
    [SM2] = {"SM2", NULL, 256, WT_KEY_SM2},
    [X25519] = {"X25519", NULL, 0, WT_KEY_OTHER},
};

struct keys {
    struct wt_crypto *crypto;
    EVP_PKEY *secret[COUNT];
    struct wt_public_key *public_key[COUNT];
};

/* Dss-Parms (RFC 3279, 2.3.2) of 1024 bits with q of 160, and of 2048 with 256. To find such primes takes seconds, and
 * minutes where another machine's programs are run. */
static const char *const dsa_parameters[] = {
    [DSA_OLD] =
        "3082011e02818100cbda0c13d157f721e4a9b4001a81225c922ed6445cedd0e95c2aed7bf98593c37f6168387a04b422fafa7858"
        "2e2fa5d3aa63ec08b9e8e76d372aceb0276d446370bd7e4c0b60e9d64a523f5efe10b84b5ad311adf1e1ddfe7a588ec125d6fd32"
        "fb7450f9c8ce7c0e1070c54b6b9c8d62b522c9021424ec2e0dfbaeb37b8d803b0215008f96c82b23db216107744f904055b7bcef"
        "0ead87028180245aa73cb76e029d7d9e65db7650aaab443035825aaf43db124eca2219668ae2660a6804f04364bbb874eece4669"
        "751fe88c13207f3081d1a3c0f55f8f5b5c4d309cff00ef8095b219194d31a7f138f3a29287ccb513d43749a3d36bcb5bbd40ac80"
        "f27d47e791b64d973a4a4d4791080904f788e1dc27335bc0b76c2a980822",
    [DSA_NEW] =
        "3082022d0282010100f607f0d2e912cfd3a0afe3f29164ee5af2bc45bef642b9d0d230b386024a871d5159c7bb8b8357d44bae3a"
        "8452f687c3d288b65f9d31fc3937d8a6768030618e7cebc03d97cba2ef94151854366ec13f3a22ef8794fbc8c55e184f1de0bc7e"
        "d383e1d51e5e47a88ea5bc503014612a6dae5de605e3c8a861ec1c129c6501e159f0f70678b90198be144a39b48f48803587d186"
        "cfcc5eaf31b840fa9caa68b11a56a7faf575900062cafd285c4988115081a3983a77f96d8a1ad082e303031e48cef679a67b008c"
        "664be208c2fb29ff46d73046ac9022e6241403e7be7a709f69c2fd6fe6b6e571d824293f9b6ed7ab6cb608006dd2ce20163daa32"
        "dbc57b674f022100b617efb108b4546ed623412b553a3e370e5616435a516fbb653f8c264b73da1f0282010100d4277c8d51410d"
        "0e2c733937810f7be3f58ca7b891f0bf05a43d52b6fde9eccc535e49de7945cf334036810f2137cb6dbf51ed5a5fda0a0b77c179"
        "74c066e5e81d3dd976ed877956f2fb5b700a9a6896a5a8de4bef66a1e20fe4ff158be0944a0c81e39339f114915988c2525b453e"
        "2ab110fbbbde2b0b6f6ad4ef6ceec3e63ffc08fdc1fbc50e9a708112d8c6982279b42b8570c7a62459d61b9ee00646a0f0cafb2e"
        "ee71da7a24fbb24d1ab2597782ec6f563a104d935d1a27850a1e247bdff1c427cb3fd270fe37b090d4b19ee722fa3d0d3754c654"
        "b14138d0a8869ae7b894a670cf478073490f8cde5f1c20a11ac9bd41f0611a2defcfdafb7b0c04d34d",
};

static EVP_PKEY *generate(OSSL_LIB_CTX *lib, enum who who)
{
    EVP_PKEY *params = NULL, *key = NULL;
    EVP_PKEY_CTX *c;
    if (wanted[who].kind == WT_KEY_DSA) {
        const struct vector der = hex(dsa_parameters[who]);
        const uint8_t *at = der.bytes;
        params = d2i_KeyParams(EVP_PKEY_DSA, NULL, &at, (long)der.n);
        assert_non_null(params);
        assert_int_equal(EVP_PKEY_get_bits(params), wanted[who].bits);
        c = EVP_PKEY_CTX_new_from_pkey(lib, params, NULL);
    } else {
        c = EVP_PKEY_CTX_new_from_name(lib, wanted[who].type, NULL);
    }
    assert_int_equal(EVP_PKEY_keygen_init(c), 1);
    if (wanted[who].kind == WT_KEY_RSA || wanted[who].kind == WT_KEY_RSA_PSS) {
        size_t bits = (size_t)wanted[who].bits;
        char sha384[] = "SHA2-384";
        int salt = 48;
        OSSL_PARAM o[] = {OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits),
                          OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_DIGEST, sha384, 0),
                          OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, sha384, 0),
                          OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &salt), OSSL_PARAM_construct_end()};
        if (who != PSS_384)
            o[1] = OSSL_PARAM_construct_end();
        assert_int_equal(EVP_PKEY_CTX_set_params(c, o), 1);
    } else if (wanted[who].group) {
        assert_int_equal(EVP_PKEY_CTX_set_group_name(c, wanted[who].group), 1);
    }
    assert_int_equal(EVP_PKEY_generate(c, &key), 1);
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(params);
    return key;
}

/* A certificate of the key; what is in it else does not matter here, nor who signed it. */
static unsigned char *certificate(OSSL_LIB_CTX *lib, EVP_PKEY *key, EVP_PKEY *signer, int *n)
{
    unsigned char *der = NULL;
    X509 *x = X509_new_ex(lib, NULL);
    assert_true(X509_set_version(x, 2) && X509_set_pubkey(x, key) && ASN1_INTEGER_set(X509_get_serialNumber(x), 7) &&
                X509_gmtime_adj(X509_getm_notBefore(x), 0) && X509_gmtime_adj(X509_getm_notAfter(x), 3600));
    EVP_MD *md = EVP_MD_fetch(lib, "SHA2-256", NULL);
    assert_true(X509_sign(x, signer, md) > 0);
    EVP_MD_free(md);
    *n = i2d_X509(x, &der);
    assert_true(*n > 0);
    X509_free(x);
    return der;
}

static int make_keys(void **state)
{
    struct keys *k = calloc(1, sizeof *k);
    *state = k;
    k->crypto = wt_crypto_new();
    OSSL_LIB_CTX *lib = wt_crypto_context(k->crypto);
    for (int i = 0; i < COUNT; i++) {
        k->secret[i] = generate(lib, (enum who)i);
        int n = 0;
        unsigned char *der = NULL;
        if (i % 2) {
            n = i2d_PUBKEY(k->secret[i], &der);
            k->public_key[i] = wt_public_key_of_spki(k->crypto, wt_span_of(der, (size_t)n));
        } else {
            der = certificate(lib, k->secret[i], k->secret[RSA_1024], &n);
            k->public_key[i] = wt_public_key_of_certificate(k->crypto, wt_span_of(der, (size_t)n));
        }
        OPENSSL_free(der);
        assert_non_null(k->public_key[i]);
    }
    return 0;
}

static int free_keys(void **state)
{
    struct keys *k = *state;
    for (int i = 0; i < COUNT; i++) {
        EVP_PKEY_free(k->secret[i]);
        wt_public_key_free(k->public_key[i]);
    }
    wt_crypto_free(k->crypto);
    free(k);
    return 0;
}

static const char text[] = "what was signed";

/* Signs the text; `hash` NULL for those that have their own. */
static size_t sign(const struct keys *k, enum who who, const char *hash, const OSSL_PARAM *params, uint8_t out[1024])
{
    size_t n = 1024;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(c, NULL, hash, wt_crypto_context(k->crypto), NULL, k->secret[who], params),
                     1);
    assert_int_equal(EVP_DigestSign(c, out, &n, (const unsigned char *)text, strlen(text)), 1);
    EVP_MD_CTX_free(c);
    return n;
}

static size_t sign_pss(const struct keys *k, enum who who, const char *hash, int salt, uint8_t out[1024])
{
    char pss[] = OSSL_PKEY_RSA_PAD_MODE_PSS;
    const OSSL_PARAM o[] = {OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, pss, 0),
                            OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt),
                            OSSL_PARAM_construct_end()};
    return sign(k, who, hash, o, out);
}

static enum wt_verdict verify(const struct keys *k, enum who who, uint16_t scheme, bool tls13, const uint8_t *s,
                              size_t n)
{
    const struct wt_span parts[] = {wt_span_of(text, 4), {0}, wt_span_of(text + 4, strlen(text) - 4)};
    return wt_signature_verify(k->crypto, k->public_key[who], scheme, tls13, parts, 3, wt_span_of(s, n));
}

/* It holds; with any single byte flipped, cut short, or over another text it does not. */
static void check(const struct keys *k, enum who who, uint16_t scheme, bool tls13, uint8_t *s, size_t n)
{
    assert_int_equal(verify(k, who, scheme, tls13, s, n), WT_HOLDS);
    size_t step = n > 80 ? n / 16 : 1; /* of a DER signature each byte */
    for (size_t i = 0; i < n; i += step) {
        s[i] ^= 0x20;
        assert_int_equal(verify(k, who, scheme, tls13, s, n), WT_FAILS);
        s[i] ^= 0x20;
    }
    assert_int_equal(verify(k, who, scheme, tls13, s, n - 1), WT_FAILS);
    assert_int_equal(verify(k, who, scheme, tls13, s, 0), WT_FAILS);
    struct wt_span other = wt_span_text("what was not signed");
    assert_int_equal(wt_signature_verify(k->crypto, k->public_key[who], scheme, tls13, &other, 1, wt_span_of(s, n)),
                     WT_FAILS);
}

static const struct {
    enum who who;
    uint16_t scheme;
    const char *hash;
    bool pss;
    int tls; /* 12, 13, or both: 0 */
} cases[] = {
    {RSA_1024, WT_SCHEME_RSA_PKCS1_MD5, "MD5", false, 12},
    {RSA_1024, WT_SCHEME_RSA_PKCS1_SHA1, "SHA1", false, 12},
    {RSA_2048, WT_SCHEME_RSA_PKCS1_SHA224, "SHA2-224", false, 12},
    {RSA_2048, WT_SCHEME_RSA_PKCS1_SHA256, "SHA2-256", false, 12},
    {RSA_2048, WT_SCHEME_RSA_PKCS1_SHA384, "SHA2-384", false, 12},
    {RSA_2048, WT_SCHEME_RSA_PKCS1_SHA512, "SHA2-512", false, 12},
    {RSA_2048, WT_SCHEME_RSA_PKCS1_SHA256_LEGACY, "SHA2-256", false, 13},
    {RSA_1024, WT_SCHEME_RSA_PSS_RSAE_SHA256, "SHA2-256", true, 0},
    {RSA_2048, WT_SCHEME_RSA_PSS_RSAE_SHA384, "SHA2-384", true, 0},
    {RSA_2048, WT_SCHEME_RSA_PSS_RSAE_SHA512, "SHA2-512", true, 0},
    {PSS_ANY, WT_SCHEME_RSA_PSS_PSS_SHA256, "SHA2-256", true, 0},
    {PSS_ANY, WT_SCHEME_RSA_PSS_PSS_SHA512, "SHA2-512", true, 0},
    {PSS_384, WT_SCHEME_RSA_PSS_PSS_SHA384, "SHA2-384", true, 0},
    {P256, WT_SCHEME_ECDSA_SECP256R1_SHA256, "SHA2-256", false, 0},
    {P384, WT_SCHEME_ECDSA_SECP384R1_SHA384, "SHA2-384", false, 0},
    {P521, WT_SCHEME_ECDSA_SECP521R1_SHA512, "SHA2-512", false, 0},
    {BRAINPOOL, WT_SCHEME_ECDSA_BRAINPOOLP256R1TLS13_SHA256, "SHA2-256", false, 13},
    {P256, WT_SCHEME_ECDSA_SHA1, "SHA1", false, 12},
    {P384, WT_SCHEME_ECDSA_SHA224, "SHA2-224", false, 12},
    /* RFC 8446, 4.2.3: in TLS 1.2 "the old semantics did not constrain the signing curve" */
    {P521, WT_SCHEME_ECDSA_SECP256R1_SHA256, "SHA2-256", false, 12},
    {P256, WT_SCHEME_ECDSA_SECP521R1_SHA512, "SHA2-512", false, 12},
    {BRAINPOOL, WT_SCHEME_ECDSA_SECP256R1_SHA256, "SHA2-256", false, 12},
    {DSA_OLD, WT_SCHEME_DSA_SHA1, "SHA1", false, 12},
    {DSA_OLD, WT_SCHEME_DSA_SHA256, "SHA2-256", false, 12},
    {DSA_NEW, WT_SCHEME_DSA_SHA224, "SHA2-224", false, 12},
    {DSA_NEW, WT_SCHEME_DSA_SHA256, "SHA2-256", false, 12},
    {DSA_NEW, WT_SCHEME_DSA_SHA512, "SHA2-512", false, 12},
    {ED25519, WT_SCHEME_ED25519, NULL, false, 0},
    {ED448, WT_SCHEME_ED448, NULL, false, 0},
};

static void test_schemes(void **state)
{
    const struct keys *k = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t s[1024];
        size_t n = cases[i].pss ? sign_pss(k, cases[i].who, cases[i].hash,
                                           wt_hash_info_of(wt_scheme_find(cases[i].scheme)->hash)->length, s)
                                : sign(k, cases[i].who, cases[i].hash, NULL, s);
        if (cases[i].tls != 13)
            check(k, cases[i].who, cases[i].scheme, false, s, n);
        if (cases[i].tls != 12)
            check(k, cases[i].who, cases[i].scheme, true, s, n);
    }
}

/* libcrypto signs with MD5 only through RSA; DSA and ECDSA take the digest bare. */
static void test_md5(void **state)
{
    static const enum who who[] = {DSA_OLD, P256};
    static const uint16_t scheme[] = {WT_SCHEME_DSA_MD5, WT_SCHEME_ECDSA_MD5};
    const struct keys *k = *state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t digest[WT_DIGEST_MOST], s[1024];
        size_t n = sizeof s, length = wt_digest(k->crypto, WT_HASH_MD5, wt_span_text(text), digest);
        EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(k->crypto), k->secret[who[i]], NULL);
        assert_int_equal(EVP_PKEY_sign_init(c), 1);
        assert_int_equal(EVP_PKEY_sign(c, s, &n, digest, length), 1);
        EVP_PKEY_CTX_free(c);
        check(k, who[i], scheme[i], false, s, n);
    }
}

/* OpenSSL 3.0.19 as Debian 12 had it refuses an identifier when a signature begins; 3.0.22 accepts it. Without one an
 * SM2 signature cannot be judged. */
static bool takes_identifier(const struct keys *k)
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (char[]){"id"}, 2),
                           OSSL_PARAM_END};
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool taken = EVP_DigestSignInit_ex(c, NULL, "SM3", wt_crypto_context(k->crypto), NULL, k->secret[SM2], params) == 1;
    EVP_MD_CTX_free(c);
    return taken;
}

/* RFC 8998, 3.2.1: "MUST use the following ASCII string value as the SM2 identifier": TLSv1.3+GM+Cipher+Suite */
static void test_sm2(void **state)
{
    const struct keys *k = *state;
    if (!takes_identifier(k))
        skip();
    static char identity[2][32] = {"1234567812345678", "TLSv1.3+GM+Cipher+Suite"};
    for (int tls13 = 0; tls13 < 2; tls13++) {
        uint8_t s[1024];
        const OSSL_PARAM o[] = {
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, identity[tls13], strlen(identity[tls13])),
            OSSL_PARAM_construct_end()};
        size_t n = sign(k, SM2, "SM3", o, s);
        check(k, SM2, WT_SCHEME_SM2SIG_SM3, tls13, s, n);
        assert_int_equal(verify(k, SM2, WT_SCHEME_SM2SIG_SM3, !tls13, s, n), WT_FAILS);
    }
}

/* RFC 8446, 4.2.3: "The length of the Salt MUST be equal to the length of the output of the digest algorithm." */
static void test_salt(void **state)
{
    uint8_t s[1024];
    size_t n = sign_pss(*state, RSA_2048, "SHA2-256", 20, s);
    assert_int_equal(verify(*state, RSA_2048, WT_SCHEME_RSA_PSS_RSAE_SHA256, true, s, n), WT_FAILS);
}

/* Every scheme with every key: which go together is known from the scheme's row alone, but for what TLS 1.3 ties. */
static void test_wrong_key(void **state)
{
    static const uint16_t schemes[] = {
        WT_SCHEME_RSA_PKCS1_MD5,      WT_SCHEME_RSA_PKCS1_SHA256, WT_SCHEME_RSA_PSS_RSAE_SHA256,
        WT_SCHEME_RSA_PSS_PSS_SHA384, WT_SCHEME_ECDSA_SHA1,       WT_SCHEME_ECDSA_SECP256R1_SHA256,
        WT_SCHEME_DSA_SHA1,           WT_SCHEME_ED25519,          WT_SCHEME_ED448,
        WT_SCHEME_SM2SIG_SM3,         WT_SCHEME_MLDSA65};
    static const uint8_t junk[256] = {1};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        for (int who = 0; who < COUNT; who++) {
            bool fits = wt_scheme_find(schemes[i])->key == wanted[who].kind;
            bool cannot = schemes[i] == WT_SCHEME_SM2SIG_SM3 && !takes_identifier(*state);
            assert_int_equal(verify(*state, (enum who)who, schemes[i], false, junk, sizeof junk), !fits ? WT_WRONG_KEY
                                                                                                  : cannot ? WT_CANNOT
                                                                                                           : WT_FAILS);
        }
    /* TLS 1.3 ties the curve to the scheme. */
    for (int who = P256; who <= BRAINPOOL; who++) {
        assert_int_equal(verify(*state, (enum who)who, WT_SCHEME_ECDSA_SECP256R1_SHA256, true, junk, 64),
                         who == P256 ? WT_FAILS : WT_WRONG_KEY);
        assert_int_equal(verify(*state, (enum who)who, WT_SCHEME_ECDSA_BRAINPOOLP256R1TLS13_SHA256, true, junk, 64),
                         who == BRAINPOOL ? WT_FAILS : WT_WRONG_KEY);
    }
    /* RFC 4055, 1.2: a key may be for one hash alone. */
    assert_int_equal(verify(*state, PSS_384, WT_SCHEME_RSA_PSS_PSS_SHA256, true, junk, 256), WT_WRONG_KEY);
}

static void test_cannot(void **state)
{
    static const uint8_t junk[64] = {1};
    assert_int_equal(verify(*state, P256, 0x0a0a, true, junk, sizeof junk), WT_CANNOT);
    assert_int_equal(verify(*state, P256, WT_SCHEME_GOSTR34102012_256A, true, junk, sizeof junk), WT_CANNOT);
    assert_int_equal(verify(*state, P256, WT_SCHEME_FALCON512, true, junk, sizeof junk), WT_CANNOT);
}

/* A modulus longer than libcrypto takes: nobody is accused of a false signature. */
static void test_too_long(void **state)
{
    const struct keys *k = *state;
    enum { BYTES = 16384 / 8 + 8 };
    static uint8_t modulus[BYTES], signature[BYTES];
    memset(modulus, 0xff, sizeof modulus);
    unsigned e = 65537;
    OSSL_PARAM o[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, sizeof modulus),
                      OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &e), OSSL_PARAM_construct_end()};
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(wt_crypto_context(k->crypto), "RSA", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
    assert_int_equal(EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, o), 1);
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(pkey, &der);
    struct wt_public_key *key = wt_public_key_of_spki(k->crypto, wt_span_of(der, (size_t)n));
    struct wt_span message = wt_span_text(text);
    assert_non_null(key);
    assert_int_equal(wt_public_key_bits(key), 8 * BYTES);
    assert_int_equal(wt_signature_verify(k->crypto, key, WT_SCHEME_RSA_PKCS1_SHA256, false, &message, 1,
                                         wt_span_of(signature, sizeof signature)),
                     WT_CANNOT);
    wt_public_key_free(key);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    EVP_PKEY_CTX_free(c);
}

/* RFC 2246, 7.4.3: RSA signs MD5 and SHA-1, DSA SHA-1 alone; RFC 4492, 5.4: ECDSA too. */
static void test_old(void **state)
{
    static const enum who who[] = {RSA_1024, RSA_2048, DSA_OLD, DSA_NEW, P256, P384};
    const struct keys *k = *state;
    uint8_t digests[36], s[1024];
    assert_int_equal(wt_digest(k->crypto, WT_HASH_MD5, wt_span_text(text), digests), 16);
    assert_int_equal(wt_digest(k->crypto, WT_HASH_SHA1, wt_span_text(text), digests + 16), 20);
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        bool rsa = wanted[who[i]].kind == WT_KEY_RSA;
        size_t n = sign(k, who[i], rsa ? "MD5-SHA1" : "SHA1", NULL, s);
        struct wt_public_key *key = k->public_key[who[i]];
        assert_int_equal(wt_signature_verify_old(k->crypto, key, digests, wt_span_of(s, n)), WT_HOLDS);
        s[n / 2] ^= 1;
        assert_int_equal(wt_signature_verify_old(k->crypto, key, digests, wt_span_of(s, n)), WT_FAILS);
        s[n / 2] ^= 1;
        digests[35] ^= 1;
        assert_int_equal(wt_signature_verify_old(k->crypto, key, digests, wt_span_of(s, n)), WT_FAILS);
        digests[35] ^= 1;
        digests[0] ^= 1;
        assert_int_equal(wt_signature_verify_old(k->crypto, key, digests, wt_span_of(s, n)), rsa ? WT_FAILS : WT_HOLDS);
        digests[0] ^= 1;
    }
    static const enum who none[] = {PSS_ANY, ED25519, ED448, SM2, X25519};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(wt_signature_verify_old(k->crypto, k->public_key[none[i]], digests, wt_span_of(s, 64)),
                         WT_WRONG_KEY);
}

static void test_kinds(void **state)
{
    const struct keys *k = *state;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(wt_public_key_kind(k->public_key[i]), wanted[i].kind);
        if (wanted[i].bits)
            assert_int_equal(wt_public_key_bits(k->public_key[i]), wanted[i].bits);
        assert_true(wt_public_key_bits(k->public_key[i]) > 0);
    }
}

/* What is no certificate, or only the beginning of one. */
static void test_unreadable(void **state)
{
    const struct keys *k = *state;
    int n = 0;
    unsigned char *der = certificate(wt_crypto_context(k->crypto), k->secret[P256], k->secret[RSA_1024], &n);
    for (size_t cut = 0; cut < (size_t)n; cut++) {
        unsigned char *copy = malloc(cut + 1);
        memcpy(copy, der, cut);
        assert_null(wt_public_key_of_certificate(k->crypto, wt_span_of(copy, cut)));
        assert_null(wt_public_key_of_spki(k->crypto, wt_span_of(copy, cut)));
        free(copy);
    }
    /* Whatever byte is wrong in it: a key or none. */
    for (size_t i = 0; i < (size_t)n; i++) {
        der[i] ^= 0x55;
        wt_public_key_free(wt_public_key_of_certificate(k->crypto, wt_span_of(der, (size_t)n)));
        der[i] ^= 0x55;
    }
    OPENSSL_free(der);
    wt_public_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),      cmocka_unit_test(test_schemes),  cmocka_unit_test(test_md5),
        cmocka_unit_test(test_sm2),        cmocka_unit_test(test_salt),     cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_cannot),     cmocka_unit_test(test_too_long), cmocka_unit_test(test_old),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
