/* What an SM2 key decrypts, which keys are taken for that, and certificates that are signed with SM2. */
#include "crypto/sm2.h"

#include "vector.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct keys {
    struct wt_crypto *crypto;
    EVP_PKEY *pkey, *other, *ec;
};

static int make_keys(void **state)
{
    struct keys *k = calloc(1, sizeof *k);
    *state = k;
    k->crypto = wt_crypto_new();
    k->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    k->other = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    k->ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return !k->crypto || !k->pkey || !k->other || !k->ec;
}

static int free_keys(void **state)
{
    struct keys *k = *state;
    EVP_PKEY_free(k->pkey);
    EVP_PKEY_free(k->other);
    EVP_PKEY_free(k->ec);
    wt_crypto_free(k->crypto);
    free(k);
    return 0;
}

static struct wt_private_key *load(const struct keys *k, EVP_PKEY *pkey, enum wt_problem_id *why)
{
    uint8_t *der = NULL;
    const int n = i2d_PrivateKey(pkey, &der);
    assert_true(n > 0);
    struct wt_private_key *key =
        wt_private_key_load(k->crypto, wt_span_of(der, (size_t)n), NULL, WT_KEY_DECRYPTS_SM2, why);
    OPENSSL_free(der);
    return key;
}

static struct wt_span encrypted(EVP_PKEY *pkey, const char *text, uint8_t room[1024])
{
    size_t n = 1024;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(pkey, NULL);
    assert_true(EVP_PKEY_encrypt_init(c) == 1 &&
                EVP_PKEY_encrypt(c, room, &n, (const uint8_t *)text, strlen(text)) == 1);
    EVP_PKEY_CTX_free(c);
    return wt_span_of(room, n);
}

static void test_decrypts(void **state)
{
    const struct keys *k = *state;
    uint8_t room[1024], out[WT_SM2_MOST];
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_private_key *key = load(k, k->pkey, &why), *other = load(k, k->other, &why);
    assert_true(key && other);
    assert_int_equal(wt_private_key_kind(key), WT_KEY_SM2);
    struct wt_span text = encrypted(k->pkey, "forty-eight bytes of premaster secret, or so", room);
    assert_int_equal(wt_sm2_decrypt(k->crypto, key, text, out), 44);
    assert_memory_equal(out, "forty-eight bytes", 17);
    /* it has a hash that tells another key, and any other byte */
    assert_int_equal(wt_sm2_decrypt(k->crypto, other, text, out), 0);
    for (size_t i = 0; i < text.n; i++) {
        room[i] ^= 1;
        assert_int_equal(wt_sm2_decrypt(k->crypto, key, text, out), 0);
        room[i] ^= 1;
        assert_int_equal(wt_sm2_decrypt(k->crypto, key, wt_span_of(text.p, i), out), 0);
    }
    /* whatever its length says, no more comes out than there is room for */
    char longest[WT_SM2_MOST + 1];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(wt_sm2_decrypt(k->crypto, key, encrypted(k->pkey, longest, room), out), 0);
    wt_private_key_free(key);
    wt_private_key_free(other);
}

static void test_kinds(void **state)
{
    const struct keys *k = *state;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    assert_null(load(k, k->ec, &why));
    assert_int_equal(why, WT_PROBLEM_SM2_KIND);
    uint8_t *der = NULL;
    const int n = i2d_PrivateKey(k->pkey, &der);
    assert_null(wt_private_key_load(k->crypto, wt_span_of(der, (size_t)n), NULL, WT_KEY_DECRYPTS, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_KIND);
    OPENSSL_free(der);
}

/* GM/T 0015-2012: certificates are signed under the identity that everybody has who has no other. */
static void test_certificates(void **state)
{
    static const char *const identities[] = {"1234567812345678", "TLSv1.3+GM+Cipher+Suite"};
    const struct keys *k = *state;
    for (unsigned i = 0; i < 2; i++) {
        X509 *x = X509_new();
        EVP_MD_CTX *c = EVP_MD_CTX_new();
        EVP_PKEY_CTX *p = EVP_PKEY_CTX_new(k->other, NULL);
        uint8_t *der = NULL;
        assert_true(X509_gmtime_adj(X509_getm_notBefore(x), 0) && X509_gmtime_adj(X509_getm_notAfter(x), 60) &&
                    X509_set_pubkey(x, k->pkey));
        assert_int_equal(EVP_PKEY_CTX_set1_id(p, identities[i], (int)strlen(identities[i])), 1);
        EVP_MD_CTX_set_pkey_ctx(c, p);
        assert_true(EVP_DigestSignInit(c, NULL, EVP_sm3(), NULL, k->other) == 1 && X509_sign_ctx(x, c) > 0);
        struct wt_span bytes = wt_span_of(der, (size_t)i2d_X509(x, &der));
        bytes.p = der;
        X509 *read = wt_x509_read(k->crypto, &bytes);
        assert_non_null(read);
        assert_int_equal(X509_verify(read, k->other), i == 0);
        X509_free(read);
        X509_free(x);
        OPENSSL_free(der);
        EVP_MD_CTX_free(c);
        EVP_PKEY_CTX_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decrypts),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
