/* Certificates made for trying things out: for whom, for how long, and by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "wiretale/issue.h"

enum { NOW = 1750000000 };

static X509 *read_one(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x);
    return x;
}

static EVP_PKEY *read_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(key);
    return key;
}

static void test_chain(void **state)
{
    static const char *const hosts[] = {"www.example.com", "*.example.com", "192.0.2.1", "2001:db8::1"};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct wt_issued issued;
        enum wt_problem_id why;
        assert_true(wt_issue(hosts[i], NOW, &issued, &why));
        X509 *authority = read_one(issued.authority), *leaf = read_one(issued.chain);
        EVP_PKEY *signer = read_key(issued.authority_key), *key = read_key(issued.key);
        assert_int_equal(X509_check_issued(authority, leaf), X509_V_OK);
        assert_int_equal(X509_verify(leaf, signer), 1);
        assert_int_equal(X509_check_private_key(leaf, key), 1);
        assert_int_equal(X509_check_ca(authority), 1);
        assert_int_equal(X509_check_ca(leaf), 0);
        assert_int_equal(
            i < 2 ? X509_check_host(leaf, "www.example.com", 0, 0, NULL) : X509_check_ip_asc(leaf, hosts[i], 0), 1);
        time_t then = NOW;
        assert_true(X509_cmp_time(X509_get0_notBefore(leaf), &then) < 0);
        assert_true(X509_cmp_time(X509_get0_notAfter(leaf), &then) > 0);
        X509_free(authority);
        X509_free(leaf);
        EVP_PKEY_free(signer);
        EVP_PKEY_free(key);
        wt_issued_free(&issued);
        assert_null(issued.key);
    }
}

/* RFC 1035, 2.3.4: "labels          63 octets or less"; and nothing gets into an extension that is no name. */
static void test_names(void **state)
{
    char label[65];
    struct wt_issued issued;
    enum wt_problem_id why;
    (void)state;
    memset(label, 'a', sizeof label);
    label[64] = '\0';
    const char *const wrong[] = {"", ".", "a..b", "a b", "a,DNS:b", "a/b", "*", "*.", "a.*.b", label};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(wt_issue(wrong[i], NOW, &issued, &why));
        assert_int_equal(why, WT_PROBLEM_TRUST_HOST);
    }
    assert_true(wt_issue(label + 1, NOW, &issued, &why));
    wt_issued_free(&issued);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_chain), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
