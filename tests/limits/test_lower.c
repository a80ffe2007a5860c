/* What large limits do, with lower ones. */
#include "../observer/issued.h"

#include "keys/pool.h"
#include "redact/standins.h"
#include "registry/limits.h"
#include "wiretale/trust.h"

/* Secrets up to the limit, and not one more; what is there stays. */
static void test_keylog_bytes(void **state)
{
    struct wt_pool pool = {.key = wt_siphash_key()};
    struct wt_span found;
    uint8_t secret[48] = {0}, source;
    uint32_t n = 0, refused = 0;
    (void)state;
    for (; n < 100000 && !refused; n++) {
        uint8_t by[32] = {0};
        memcpy(by, &n, sizeof n);
        memcpy(secret, &n, sizeof n);
        const enum wt_pool_added added =
            wt_pool_add(&pool, WT_BY_RANDOM, wt_span_of(by, sizeof by), 1, 1, wt_span_of(secret, sizeof secret));
        refused = added == WT_ADDED_REFUSED;
        assert_true(refused || added == WT_ADDED);
        assert_true(wt_pool_bytes(&pool) <= WT_LIMIT_KEYLOG_BYTES);
    }
    assert_true(refused && n > 2000 && wt_pool_bytes(&pool) > WT_LIMIT_KEYLOG_BYTES - (1 << 18) - (1 << 16));
    for (uint32_t i = 0; i < n; i++) {
        uint8_t by[32] = {0};
        memcpy(by, &i, sizeof i);
        const bool has = wt_pool_find(&pool, WT_BY_RANDOM, wt_span_of(by, sizeof by), 1, &source, &found);
        assert_int_equal(has, i + 1 < n);
        assert_true(!has || memcmp(found.p, &i, sizeof i) == 0);
    }
    wt_pool_clear(&pool);
}

static void test_standins(void **state)
{
    struct wt_crypto *crypto = wt_crypto_new();
    struct wt_standins *s = wt_standins_new(crypto);
    (void)state;
    for (uint32_t i = 1; i <= WT_LIMIT_STANDINS; i++)
        assert_int_equal(wt_standin_number(s, WT_STANDIN_LABEL, wt_span_of(&i, sizeof i)), i);
    uint32_t more = WT_LIMIT_STANDINS + 1;
    const uint64_t longer = wt_standin_number(s, WT_STANDIN_LABEL, wt_span_of(&more, sizeof more));
    assert_int_equal(longer >> 40, 1);
    assert_int_equal(wt_standin_number(s, WT_STANDIN_LABEL, wt_span_of(&more, sizeof more)), longer);
    more = WT_LIMIT_STANDINS;
    assert_int_equal(wt_standin_number(s, WT_STANDIN_LABEL, wt_span_of(&more, sizeof more)), more);
    wt_standins_free(s);
    wt_crypto_free(crypto);
}

/* A bundle of n certificates, with blanks up to `size` bytes when that is not 0. */
static char *bundle(const struct party *p, unsigned n, size_t size, size_t *length)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(PEM_write_bio_X509(bio, p->x), 1);
    *length = (size_t)BIO_get_mem_data(bio, &pem);
    char *text = malloc(size > *length ? size : *length);
    assert_non_null(text);
    memcpy(text, pem, *length);
    if (size > *length) {
        memset(text + *length, '\n', size - *length);
        *length = size;
    }
    BIO_free(bio);
    return text;
}

static bool adds(const struct party *p, unsigned n, size_t size, bool untrusted, enum wt_problem_id *why)
{
    size_t length;
    char *text = bundle(p, n, size, &length);
    struct wt_trust *trust = wt_trust_new();
    *why = WT_PROBLEM_NONE;
    const bool ok =
        untrusted ? wt_trust_add_untrusted(trust, text, length, why) : wt_trust_add_ca(trust, text, length, why);
    wt_trust_free(trust);
    free(text);
    return ok;
}

static void test_trust(void **state)
{
    struct party p = issue(&ROOT, NULL);
    enum wt_problem_id why;
    (void)state;
    for (unsigned untrusted = 0; untrusted < 2; untrusted++) {
        assert_true(adds(&p, WT_LIMIT_TRUST, 0, untrusted, &why));
        assert_false(adds(&p, WT_LIMIT_TRUST + 1, 0, untrusted, &why));
        assert_int_equal(why, WT_PROBLEM_TRUST_MANY);
        assert_true(adds(&p, 1, WT_LIMIT_TRUST_FILE, untrusted, &why));
        assert_false(adds(&p, 1, WT_LIMIT_TRUST_FILE + 1, untrusted, &why));
        assert_int_equal(why, WT_PROBLEM_TRUST_LARGE);
    }
    drop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keylog_bytes),
        cmocka_unit_test(test_standins),
        cmocka_unit_test(test_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
