/* The store of all secrets that a reader was given. */
#include "base/buffer.h"
#include "keys/store.h"
#include "registry/limits.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void on_fault(void *context, const struct wt_keys_fault *f)
{
    char why[512];
    assert_true(wt_problem_format(f->problem, why, sizeof why) < sizeof why);
    wt_buffer_format(context, "%s:%u:%u %s\n", f->file, (unsigned)f->line, f->column, why);
}

static void said(struct wt_buffer *b, const char *expected)
{
    wt_buffer_add(b, "", 1);
    assert_string_equal((const char *)b->p, expected);
    wt_buffer_free(b);
}

static void psk_is(const struct wt_keys *keys, const char *identity, size_t n, size_t i, const char *key)
{
    struct wt_span psk;
    bool found = wt_keys_psk(keys, wt_span_of(identity, n), i, &psk);
    assert_int_equal(found, key != NULL);
    if (key)
        assert_true(wt_span_equal(psk, wt_span_text(key)));
}

static void test_log(void **state)
{
    (void)state;
    static const char line[] = "CLIENT_RANDOM 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
                               "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                               "404142434445464748494a4b4c4d4e4f\nX";
    struct wt_buffer faults = {0};
    struct wt_keys *keys = wt_keys_new(on_fault, &faults);
    assert_non_null(keys);
    assert_false(wt_keys_any(keys));
    assert_true(wt_keys_may_open(keys));
    wt_keys_await(keys, false);
    assert_false(wt_keys_may_open(keys));
    struct wt_keys_log *log = wt_keys_log_open(keys, "dsb", true);
    assert_non_null(log);
    wt_keys_log_feed(log, line, sizeof line - 1);
    wt_keys_log_close(log);
    wt_keys_log_close(NULL);
    said(&faults, "dsb:2:1 unknown key log label X\n");
    struct wt_keys_count count = wt_keys_count(keys);
    assert_int_equal(count.secrets, 1);
    assert_int_equal(count.lines, 1);
    assert_int_equal(count.faults, 1);
    assert_true(wt_keys_any(keys));
    assert_true(wt_keys_may_open(keys));
    uint8_t random[32];
    struct wt_secret secret;
    for (unsigned i = 0; i < 32; i++)
        random[i] = (uint8_t)i;
    assert_true(wt_keylog_find(wt_keys_keylog(keys), WT_LABEL_MASTER, wt_span_of(random, 32), &secret));
    assert_int_equal(secret.source, WT_SOURCE_DSB);
    assert_non_null(wt_keys_crypto(keys));
    wt_keys_free(keys);
    wt_keys_free(NULL);
}

static void test_psks(void **state)
{
    (void)state;
    enum wt_problem_id why;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    psk_is(keys, "a", 1, 0, NULL);
    assert_true(wt_keys_add_psk(keys, "a", 1, "first", 5, &why));
    assert_true(wt_keys_add_psk(keys, NULL, 0, "any", 3, &why));
    assert_true(wt_keys_add_psk(keys, "", 0, "empty", 5, &why)); // an identity of no bytes is one too
    assert_true(wt_keys_add_psk(keys, NULL, 0, "more", 4, &why));
    assert_true(wt_keys_add_psk(keys, "a", 1, "first", 5, &why));
    assert_int_equal(why, WT_PROBLEM_NONE);
    assert_false(wt_keys_add_psk(keys, "a", 1, "other", 5, &why));
    assert_int_equal(why, WT_PROBLEM_PSK_OTHER);
    assert_false(wt_keys_add_psk(keys, "b", 1, "", 0, &why));
    assert_int_equal(why, WT_PROBLEM_PSK_EMPTY);
    static uint8_t large[65536];
    assert_true(wt_keys_add_psk(keys, "large", 5, large, WT_LIMIT_PSK, &why));
    assert_false(wt_keys_add_psk(keys, "larger", 6, large, WT_LIMIT_PSK + 1, &why));
    assert_false(wt_keys_add_psk(keys, large, sizeof large, "x", 1, &why));
    psk_is(keys, "a", 1, 0, "first");
    psk_is(keys, "a", 1, 1, "any");
    psk_is(keys, "a", 1, 2, "more");
    psk_is(keys, "a", 1, 3, NULL);
    psk_is(keys, "c", 1, 0, "any");
    psk_is(keys, "c", 1, 2, NULL);
    psk_is(keys, "", 0, 0, "empty");
    assert_int_equal(wt_keys_count(keys).psks, 5);
    wt_keys_free(keys);
}

static void test_many_psks(void **state)
{
    (void)state;
    enum wt_problem_id why;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    for (uint32_t i = 0; i < WT_LIMIT_PSKS; i++)
        assert_true(wt_keys_add_psk(keys, &i, sizeof i, &i, sizeof i, &why));
    uint32_t last = WT_LIMIT_PSKS;
    assert_false(wt_keys_add_psk(keys, &last, sizeof last, &last, sizeof last, &why));
    assert_int_equal(why, WT_PROBLEM_PSK_MANY);
    for (uint32_t i = 0; i < WT_LIMIT_PSKS; i++) {
        struct wt_span psk;
        assert_true(wt_keys_psk(keys, wt_span_of(&i, sizeof i), 0, &psk));
        assert_memory_equal(psk.p, &i, sizeof i);
        assert_false(wt_keys_psk(keys, wt_span_of(&i, sizeof i), 1, &psk));
    }
    wt_keys_free(keys);
}

/* What psktool(1) writes, and what people add to it. */
static void test_psk_file(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf"
                               "# clients\n"
                               "alice:616C696365\r\n"
                               "urn:dev:1:62 \t\r"
                               "#6964:0102\n" // GnuTLS: the identity "id" in hex
                               "#6964 : 0102\n"
                               "#note: 0102\n"
                               "\n"
                               "nobody\n"
                               "bob:\n"
                               "bob:6g\n"
                               "bob:626\n"
                               "alice:00\n"
                               ":6e6f6e65\n"
                               "last:6c";
    struct wt_buffer faults = {0};
    struct wt_keys *keys = wt_keys_new(on_fault, &faults);
    assert_int_equal(wt_keys_add_psk_file(keys, "f", text, sizeof text - 1), 5);
    said(&faults, "f:8:1 a colon must separate the identity from its key\n"
                  "f:9:5 a pre-shared key needs at least one byte\n"
                  "f:10:6 not a hexadecimal digit\n"
                  "f:11:5 the key has an odd number of hexadecimal digits\n"
                  "f:12:7 duplicate: an earlier key has the same identity; the earlier one is used\n");
    psk_is(keys, "alice", 5, 0, "alice");
    psk_is(keys, "urn:dev:1", 9, 0, "b");
    psk_is(keys, "id", 2, 0, "\1\2");
    psk_is(keys, "", 0, 0, "none");
    psk_is(keys, "last", 4, 0, "l");
    psk_is(keys, "bob", 3, 0, NULL);
    assert_int_equal(wt_keys_count(keys).faults, 5);
    assert_int_equal(wt_keys_add_psk_file(keys, "f", "", 0), 0);
    assert_int_equal(wt_keys_add_psk_file(keys, "f", NULL, 0), 0);
    wt_keys_free(keys);
}

static EVP_PKEY *make_rsa(struct wt_keys *keys, const char *kind, size_t bits)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, kind, bits);
    enum wt_problem_id why = WT_PROBLEM_NONE;
    assert_non_null(pkey);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    assert_true(PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1);
    long n = BIO_get_mem_data(bio, &pem);
    assert_true(wt_keys_add_rsa(keys, pem, (size_t)n, NULL, &why));
    BIO_free(bio);
    return pkey;
}

static void test_rsa(void **state)
{
    (void)state;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_false(wt_keys_add_rsa(keys, "no key", 6, NULL, &why));
    assert_int_not_equal(why, WT_PROBLEM_NONE);
    assert_null(wt_keys_rsa_at(keys, 0));
    EVP_PKEY *first = make_rsa(keys, "RSA", 1024), *second = make_rsa(keys, "RSA", 1024);
    uint8_t *der = NULL;
    int n = i2d_PUBKEY(second, &der);
    assert_true(n > 0);
    struct wt_public_key *of = wt_public_key_of_spki(wt_keys_crypto(keys), wt_span_of(der, (size_t)n));
    assert_non_null(of);
    assert_non_null(wt_keys_rsa(keys, of));
    assert_ptr_equal(wt_keys_rsa(keys, of), wt_keys_rsa_at(keys, 1));
    assert_null(wt_keys_rsa_at(keys, 2));
    assert_int_equal(wt_keys_count(keys).rsa_keys, 2);
    assert_true(wt_keys_any(keys));
    wt_public_key_free(of);
    OPENSSL_free(der);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    wt_keys_free(keys);
}

static void test_sm2(void **state)
{
    (void)state;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    uint8_t *der = NULL;
    const int n = i2d_PrivateKey(pkey, &der);
    assert_true(n > 0);
    assert_false(wt_keys_add_rsa(keys, der, (size_t)n, NULL, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_KIND);
    assert_false(wt_keys_any(keys));
    assert_true(wt_keys_add_sm2(keys, der, (size_t)n, NULL, &why));
    assert_non_null(wt_keys_sm2_at(keys, 0));
    assert_null(wt_keys_sm2_at(keys, 1));
    assert_true(wt_keys_any(keys));
    for (unsigned i = 1; i < WT_LIMIT_RSA_KEYS; i++)
        assert_true(wt_keys_add_sm2(keys, der, (size_t)n, NULL, &why));
    assert_false(wt_keys_add_sm2(keys, der, (size_t)n, NULL, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_MANY);
    assert_int_equal(wt_keys_count(keys).sm2_keys, WT_LIMIT_RSA_KEYS);
    assert_int_equal(wt_keys_count(keys).rsa_keys, 0);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    wt_keys_free(keys);
}

/* As many keys as there may be, in a file that is as large as one may be. */
static void test_rsa_bounds(void **state)
{
    (void)state;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    EVP_PKEY *pkey = make_rsa(keys, "RSA", 512);
    char *large = malloc(WT_LIMIT_KEY_FILE + 1), *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(large && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1);
    const size_t n = (size_t)BIO_get_mem_data(bio, &pem);
    memset(large, '\n', WT_LIMIT_KEY_FILE + 1);
    memcpy(large, pem, n);
    assert_false(wt_keys_add_rsa(keys, large, WT_LIMIT_KEY_FILE + 1, NULL, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_FILE);
    assert_true(wt_keys_add_rsa(keys, large, WT_LIMIT_KEY_FILE, NULL, &why));
    for (unsigned i = 2; i < WT_LIMIT_RSA_KEYS; i++)
        assert_true(wt_keys_add_rsa(keys, pem, n, NULL, &why));
    assert_false(wt_keys_add_rsa(keys, pem, n, NULL, &why));
    assert_int_equal(why, WT_PROBLEM_RSA_MANY);
    assert_int_equal(wt_keys_count(keys).rsa_keys, WT_LIMIT_RSA_KEYS);
    BIO_free(bio);
    free(large);
    EVP_PKEY_free(pkey);
    wt_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log),      cmocka_unit_test(test_psks), cmocka_unit_test(test_many_psks),
        cmocka_unit_test(test_psk_file), cmocka_unit_test(test_rsa),  cmocka_unit_test(test_rsa_bounds),
        cmocka_unit_test(test_sm2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
