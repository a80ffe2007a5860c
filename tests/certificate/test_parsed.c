/* Certificates that are kept as libcrypto read them: a place for each remainder of the first byte of their SHA-256. */
#include "certificate/certificates.h"
#include "registry/limits.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct wt_crypto *crypto;
static struct wt_certificates *table;
static uint8_t *der;
static size_t der_n;

/* Signatures are not looked at here: of one certificate as many others are made as a test needs. The first byte of the
 * next one's SHA-256. */
static uint8_t another(void)
{
    uint8_t *counter = der + der_n - 2, digest[EVP_MAX_MD_SIZE];
    if (!++counter[1])
        counter[0]++;
    assert_true(EVP_Digest(der, der_n, digest, NULL, EVP_sha256(), NULL));
    return digest[0];
}

static const struct wt_certificate_facts *read_it(void)
{
    const struct wt_certificate_facts *f = wt_certificates_intern(table, wt_span_of(der, der_n));
    assert_non_null(f);
    assert_true(f->parsed);
    return f;
}

static int set_up(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    (void)state;
    assert_true(X509_set_pubkey(x, key) && X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
                X509_gmtime_adj(X509_getm_notAfter(x), 1000) && X509_sign(x, key, EVP_sha256()));
    der_n = (size_t)i2d_X509(x, &der);
    X509_free(x);
    EVP_PKEY_free(key);
    crypto = wt_crypto_new();
    table = wt_certificates_new(crypto);
    return table ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    OPENSSL_free(der);
    wt_certificates_free(table);
    wt_crypto_free(crypto);
    return 0;
}

/* How many of them are what they were. */
static unsigned kept(const struct wt_certificate_facts *const facts[WT_LIMIT_PARSED], X509 *const as[WT_LIMIT_PARSED])
{
    unsigned n = 0;
    for (unsigned i = 0; i < WT_LIMIT_PARSED; i++) {
        X509 *now = wt_certificates_x509(table, facts[i]);
        assert_non_null(now);
        n += now == as[i];
        X509_free(now);
    }
    return n;
}

static void test_parsed(void **state)
{
    const struct wt_certificate_facts *facts[WT_LIMIT_PARSED] = {NULL};
    X509 *as[WT_LIMIT_PARSED];
    (void)state;
    uint8_t first;
    for (unsigned n = 0; n < WT_LIMIT_PARSED;) {
        const struct wt_certificate_facts **place = &facts[another() % WT_LIMIT_PARSED];
        if (!*place) {
            *place = read_it();
            n++;
        }
    }
    for (unsigned i = 0; i < WT_LIMIT_PARSED; i++)
        as[i] = wt_certificates_x509(table, facts[i]); /* held here, so that no other has its address */
    assert_int_equal(kept(facts, as), WT_LIMIT_PARSED);
    do
        first = another();
    while (first == facts[first % WT_LIMIT_PARSED]->sha256[0]);
    (void)read_it(); /* one more than there are places takes one of them */
    assert_int_equal(kept(facts, as), WT_LIMIT_PARSED - 1);
    for (unsigned i = 0; i < WT_LIMIT_PARSED; i++)
        X509_free(as[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
