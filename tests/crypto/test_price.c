/* What verifying may cost, at the limits and just below. */
#include "crypto/price.h"
#include "crypto/sign.h"
#include "registry/limits.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <openssl/x509.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static EVP_PKEY *made(const char *type, OSSL_PARAM_BLD *b)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    assert_true(params && c && EVP_PKEY_fromdata_init(c) == 1);
    assert_int_equal(EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    return key;
}

/* A number of so many bits, as keys are made of; nobody can sign with it. */
static BIGNUM *number(int bits)
{
    BIGNUM *n = BN_new();
    assert_true(n && BN_set_bit(n, bits - 1) && BN_set_bit(n, 0));
    return n;
}

static uint32_t rsa(int bits, int exponent)
{
    BIGNUM *n = number(bits), *e = number(exponent);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    assert_true(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) &&
                OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e));
    EVP_PKEY *key = made("RSA", b);
    const uint32_t price = wt_price_of(key);
    EVP_PKEY_free(key);
    BN_free(n);
    BN_free(e);
    return price;
}

static uint32_t dsa(int bits)
{
    BIGNUM *p = number(bits), *q = number(256), *g = number(5), *pub = number(9);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    assert_true(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_FFC_P, p) &&
                OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_FFC_Q, q));
    assert_true(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_FFC_G, g) &&
                OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PUB_KEY, pub));
    EVP_PKEY *key = made("DSA", b);
    const uint32_t price = wt_price_of(key);
    EVP_PKEY_free(key);
    BN_free(p);
    BN_free(q);
    BN_free(g);
    BN_free(pub);
    return price;
}

static void test_list(void **state)
{
    (void)state;
    assert_true(rsa(WT_LIMIT_RSA_BITS, 17) > rsa(4096, 17) && rsa(4096, 17) > rsa(2048, 17) && rsa(2048, 17) > 0);
    assert_int_equal(rsa(WT_LIMIT_RSA_BITS + 1, 17), 0);
    assert_true(rsa(2048, WT_LIMIT_RSA_EXPONENT) > rsa(2048, 17));
    assert_int_equal(rsa(2048, WT_LIMIT_RSA_EXPONENT + 1), 0);
    assert_true(dsa(WT_LIMIT_DSA_BITS) > dsa(2048));
    assert_int_equal(dsa(WT_LIMIT_DSA_BITS + 1), 0);
    static const char *const curves[] = {"P-256", "P-384", "P-521", "sect571r1"};
    uint32_t before = 0;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        EVP_PKEY *key = EVP_EC_gen(curves[i]);
        assert_true(wt_price_of(key) > before);
        before = wt_price_of(key);
        EVP_PKEY_free(key);
    }
}

static void test_work(void **state)
{
    (void)state;
    struct wt_work none = {0}, w = {.limited = true};
    assert_int_equal(wt_work_spend(&none, 0), WT_AFFORDED); /* no limits */
    wt_work_begin(&w, 7);
    assert_int_equal(wt_work_spend(&w, 0), WT_TOO_DEAR);
    assert_int_equal(wt_work_spend(&w, WT_LIMIT_WORK_CONNECTION + 1), WT_OVERSPENT);
    assert_int_equal(wt_work_spend(&w, WT_LIMIT_WORK_CONNECTION), WT_AFFORDED);
    assert_int_equal(wt_work_spend(&w, 1), WT_OVERSPENT);
    /* the next connections of the same second, until it is spent */
    for (uint32_t spent = WT_LIMIT_WORK_CONNECTION; spent < WT_LIMIT_WORK_SECOND; spent += WT_LIMIT_WORK_CONNECTION) {
        wt_work_begin(&w, 7);
        assert_int_equal(wt_work_spend(&w, WT_LIMIT_WORK_CONNECTION), WT_AFFORDED);
    }
    wt_work_begin(&w, 7);
    assert_int_equal(wt_work_spend(&w, 1), WT_OVERSPENT);
    wt_work_begin(&w, 8);
    assert_int_equal(wt_work_spend(&w, 1), WT_AFFORDED);
    /* also the first second of all times */
    struct wt_work first = {.limited = true};
    wt_work_begin(&first, 0);
    assert_int_equal(wt_work_spend(&first, 1), WT_AFFORDED);
}

/* A key that fails is tried on, but not in the same second when it has failed too often. */
static void test_failing(void **state)
{
    (void)state;
    struct wt_work w = {.limited = true, .second = 5}, all = {0};
    struct wt_key_record r = {.held = 3};
    for (unsigned i = 0; i < WT_LIMIT_KEY_FAILURES; i++) {
        assert_false(wt_key_is_given_up(&r, &w));
        wt_key_note(&r, &w, false);
    }
    assert_int_equal(r.held, 0);
    assert_true(wt_key_is_given_up(&r, &w));
    assert_false(wt_key_is_given_up(&r, &all));
    w.second = 6;
    assert_false(wt_key_is_given_up(&r, &w));
    wt_key_note(&r, &w, false);
    assert_true(wt_key_is_given_up(&r, &w)); /* once a second */
    w.second = 7;
    wt_key_note(&r, &w, true);
    assert_int_equal(r.held, 1);
    wt_key_note(&r, &w, false);
    assert_false(wt_key_is_given_up(&r, &w));
}

/* It is asked wherever a signature is verified. */
static void test_asked(void **state)
{
    (void)state;
    struct wt_crypto *crypto = wt_crypto_new();
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    uint8_t *der = NULL;
    const int n = i2d_PUBKEY(pkey, &der);
    struct wt_public_key *key = wt_public_key_of_spki(crypto, wt_span_of(der, (size_t)n));
    const struct wt_span text = wt_span_text("text"), none = wt_span_text("none");
    assert_int_equal(wt_signature_verify(crypto, key, 0x0403, false, &text, 1, none), WT_FAILS);
    wt_crypto_work(crypto)->limited = true; /* and nothing to spend */
    assert_int_equal(wt_signature_verify(crypto, key, 0x0403, false, &text, 1, none), WT_SPENT);
    const uint8_t digests[36] = {0};
    assert_int_equal(wt_signature_verify_old(crypto, key, digests, none), WT_SPENT);
    wt_work_begin(wt_crypto_work(crypto), 1);
    assert_int_equal(wt_signature_verify(crypto, key, 0x0403, false, &text, 1, none), WT_FAILS);
    wt_public_key_free(key);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    wt_crypto_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_work),
        cmocka_unit_test(test_failing),
        cmocka_unit_test(test_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
