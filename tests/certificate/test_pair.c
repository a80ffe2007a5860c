/* GB/T 38636-2020, 6.4.5.3: which of a side's certificates signs, and which is for encryption. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate/pair.h"
#include "registry/limits.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { N = WT_PAIR_NEITHER, S = WT_PAIR_SIGNING, E = WT_PAIR_ENCRYPTION, X = WT_PAIR_EITHER };
#define NONE SIZE_MAX

static void test_lists(void **state)
{
    static const struct {
        uint8_t roles[4];
        size_t count, signing, encryption;
    } rows[] = {
        {{S, E, N}, 3, 0, 1}, {{S, E}, 2, 0, 1},    {{E, S, N}, 3, 1, 0}, {{S, N, E, N}, 4, 0, 2},
        {{S, N}, 2, 0, NONE}, {{E, N}, 2, NONE, 0}, {{0}, 0, NONE, NONE}, {{N, N}, 2, NONE, NONE},
        {{X, X, N}, 3, 0, 1}, {{X}, 1, 0, NONE},    {{X, E}, 2, 0, 1},    {{S, X}, 2, 0, 1},
        {{X, S}, 2, 1, 0},    {{E, X}, 2, 1, 0},    {{S, S, E}, 3, 0, 2}, {{S, E, E}, 3, 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_pair pair = wt_pair_of(rows[i].roles, rows[i].count);
        assert_int_equal(pair.signing, rows[i].signing);
        assert_int_equal(pair.encryption, rows[i].encryption);
    }
}

static struct wt_certificate_facts facts(const char *const *usage, size_t count, bool is_ca)
{
    return (struct wt_certificate_facts){.parsed = true, .is_ca = is_ca, .key_usage = {usage, count}};
}

static void test_facts(void **state)
{
    static const char *const signs[] = {"digitalSignature"}, *const denies[] = {"nonRepudiation", "cRLSign"};
    static const char *const enciphers[] = {"keyEncipherment", "dataEncipherment"}, *const agrees[] = {"keyAgreement"};
    static const char *const both[] = {"digitalSignature", "keyEncipherment"}, *const authority[] = {"keyCertSign"};
    const struct wt_certificate_facts rows[] = {
        facts(signs, 1, false),     facts(denies, 2, false), facts(enciphers, 2, false),
        facts(agrees, 1, false),    facts(both, 2, false),   facts(NULL, 0, false),
        facts(authority, 1, false), facts(both, 2, true),    {.parsed = false},
    };
    static const uint8_t wanted[] = {S, S, E, E, X, X, N, N, N};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(wt_pair_role_of_facts(&rows[i]), wanted[i]);
    /* of a long list only its beginning is looked at */
    const struct wt_certificate_facts *list[WT_LIMIT_CHAIN_JUDGED + 1];
    for (size_t i = 0; i < WT_LIMIT_CHAIN_JUDGED; i++)
        list[i] = &rows[7];
    list[0] = &rows[0];
    list[WT_LIMIT_CHAIN_JUDGED] = &rows[2];
    assert_int_equal(wt_pair_of_facts(list, WT_LIMIT_CHAIN_JUDGED + 1).encryption, NONE);
    list[WT_LIMIT_CHAIN_JUDGED - 1] = &rows[2];
    assert_int_equal(wt_pair_of_facts(list, WT_LIMIT_CHAIN_JUDGED + 1).encryption, WT_LIMIT_CHAIN_JUDGED - 1);
}

/* Facts and bytes tell the same. */
static void test_bytes(void **state)
{
    static const struct {
        const char *usage, *basic;
        uint8_t role;
    } rows[] = {
        {"digitalSignature,nonRepudiation", "CA:FALSE", S},
        {"keyEncipherment,dataEncipherment", "CA:FALSE", E},
        {"keyAgreement", "CA:FALSE", E},
        {"digitalSignature,keyEncipherment", "CA:FALSE", X},
        {NULL, "CA:FALSE", X},
        {"digitalSignature,keyCertSign", "CA:TRUE", N},
        {"cRLSign", "CA:FALSE", N},
    };
    struct wt_crypto *crypto = wt_crypto_new();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    (void)state;
    assert_true(crypto && key);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        X509 *x = X509_new();
        const struct {
            int nid;
            const char *value;
        } extensions[] = {{NID_basic_constraints, rows[i].basic}, {NID_key_usage, rows[i].usage}};
        assert_true(X509_set_version(x, X509_VERSION_3) && X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
                    X509_gmtime_adj(X509_getm_notAfter(x), 60) && X509_set_pubkey(x, key));
        for (size_t k = 0; k < 2 && extensions[k].value; k++) {
            X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, extensions[k].nid, extensions[k].value);
            assert_true(e && X509_add_ext(x, e, -1) == 1);
            X509_EXTENSION_free(e);
        }
        assert_true(X509_sign(x, key, EVP_sm3()) > 0);
        uint8_t *der = NULL;
        const int n = i2d_X509(x, &der);
        assert_int_equal(wt_pair_role_of(crypto, wt_span_of(der, (size_t)n)), rows[i].role);
        assert_int_equal(wt_pair_role_of(crypto, wt_span_of(der, (size_t)n - 1)), N);
        OPENSSL_free(der);
        X509_free(x);
    }
    assert_int_equal(wt_pair_role_of(crypto, wt_span_of("", 0)), N);
    EVP_PKEY_free(key);
    wt_crypto_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
