/* GCM and CCM out of parts against libcrypto's own, with ciphers that it has both ways. */
#include "crypto/cipher.h"
#include "crypto/modes.h"

#include "vector.h"

#include <stdlib.h>

static const struct {
    enum wt_cipher_id whole;
    const char *parts;
} both[] = {
    {WT_CIPHER_AES_128_GCM, "AES-128"},   {WT_CIPHER_AES_256_GCM, "AES-256"},   {WT_CIPHER_ARIA_128_GCM, "ARIA-128"},
    {WT_CIPHER_ARIA_256_GCM, "ARIA-256"}, {WT_CIPHER_AES_128_CCM, "AES-128"},   {WT_CIPHER_AES_256_CCM, "AES-256"},
    {WT_CIPHER_AES_128_CCM_8, "AES-128"}, {WT_CIPHER_AES_256_CCM_8, "AES-256"},
};

enum { MOST = 18432 };

static void check(struct wt_cipher_context *seal, struct wt_modes *made, size_t tag, size_t n, size_t aad_n)
{
    uint8_t *plain = malloc(MOST), *one = malloc(MOST), *two = malloc(MOST);
    uint8_t nonce[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, (uint8_t)aad_n, (uint8_t)(n >> 8), (uint8_t)n}, aad[100];
    assert_true(plain && one && two);
    for (size_t i = 0; i < n; i++)
        plain[i] = (uint8_t)(i * 31 + n);
    memset(aad, 0xa5, sizeof aad);
    struct wt_span with = wt_span_of(aad, aad_n);
    assert_true(wt_cipher_seal(seal, nonce, with, wt_span_of(plain, n), one));
    assert_true(wt_modes_seal(made, nonce, with, wt_span_of(plain, n), two));
    assert_memory_equal(one, two, n + tag);
    assert_true(wt_modes_open(made, nonce, with, wt_span_of(one, n + tag), one));
    assert_memory_equal(one, plain, n);
    two[n + tag - 1] ^= 1;
    assert_false(wt_modes_open(made, nonce, with, wt_span_of(two, n + tag), one));
    assert_false(wt_modes_open(made, nonce, with, wt_span_of(two, tag - 1), one));
    free(plain);
    free(one);
    free(two);
}

static void test_same(void **state)
{
    uint8_t key[32];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(200 - i);
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        struct wt_cipher row = *wt_cipher_of(both[i].whole);
        row.parts = both[i].parts;
        struct wt_cipher_context *seal = wt_cipher_new(*state, both[i].whole, wt_span_of(key, row.key), true);
        struct wt_modes *made = wt_modes_new(*state, &row, wt_span_of(key, row.key));
        assert_true(seal && made);
        for (size_t n = 0; n < 70; n++)
            check(seal, made, row.tag, n, n % 41);
        for (size_t n = 1000; n < 1060; n += 7)
            for (size_t aad = 0; aad < 50; aad += 7)
                check(seal, made, row.tag, n, aad);
        for (size_t n = 16384; n < 16400; n++)
            check(seal, made, row.tag, n, 13);
        wt_cipher_free(seal);
        wt_modes_free(made);
    }
}

static void test_missing(void **state)
{
    static const uint8_t key[32];
    struct wt_cipher row = *wt_cipher_of(WT_CIPHER_AES_128_GCM);
    assert_null(wt_modes_new(*state, &row, wt_span_of(key, 16)));
    assert_false(wt_modes_available(*state, &row));
    row.parts = "no such cipher";
    assert_null(wt_modes_new(*state, &row, wt_span_of(key, 16)));
    row.parts = "AES-256"; /* which takes another key */
    assert_null(wt_modes_new(*state, &row, wt_span_of(key, 16)));
    row.mode = WT_MODE_OTHER;
    assert_null(wt_modes_new(*state, &row, wt_span_of(key, 32)));
    wt_modes_free(NULL);
}

/* More than one length field of CCM holds is refused, not cut. */
static void test_too_long(void **state)
{
    static const uint8_t key[16], nonce[12];
    uint8_t out[64];
    struct wt_cipher row = *wt_cipher_of(WT_CIPHER_AES_128_CCM);
    row.parts = "AES-128";
    struct wt_modes *made = wt_modes_new(*state, &row, wt_span_of(key, 16));
    assert_non_null(made);
    assert_false(wt_modes_seal(made, nonce, (struct wt_span){0}, wt_span_of(out, 1u << 24), out));
    assert_false(wt_modes_seal(made, nonce, wt_span_of(out, 0xff00), wt_span_of(out, 1), out));
    wt_modes_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
