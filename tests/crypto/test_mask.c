/* Masks of headers: the samples and masks that RFC 9001 and RFC 9369 print. */
#include "crypto/mask.h"

#include "vector.h"

static const struct {
    enum wt_cipher_id cipher;
    const char *key, *sample, *mask;
} rows[] = {
    /* RFC 9001, A.2, A.3 and A.5 */
    {WT_CIPHER_AES_128_GCM, "9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"},
    {WT_CIPHER_AES_128_GCM, "c206b8d9b9f0f37644430b490eeaa314", "2cd0991cd25b0aac406a5816b6394100", "2ec0d8356a"},
    {WT_CIPHER_CHACHA20_POLY1305, "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
     "5e5cd55c41f69080575d7999c25a5bfb", "aefefe7d03"},
    /* RFC 9369, A.2 */
    {WT_CIPHER_AES_128_GCM, "45b95e15235d6f45a6b19cbcb0294ba9", "ffe67b6abcdb4298b485dd04de806071", "94a0c95e80"},
    /* FIPS 197, C.1 and C.3: a block is a block, whatever AEAD the cipher is used in */
    {WT_CIPHER_AES_128_CCM, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a"},
    {WT_CIPHER_AES_128_CCM_8, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a"},
    {WT_CIPHER_AES_256_GCM, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00112233445566778899aabbccddeeff", "8ea2b7ca51"},
};

static void gives_what_the_rfcs_print(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vector key = hex(rows[i].key), sample = hex(rows[i].sample);
        uint8_t out[WT_MASK_BYTES];
        struct wt_mask *mask = wt_mask_new(*state, rows[i].cipher, span(&key));
        assert_non_null(mask);
        for (int twice = 0; twice < 2; twice++) { /* nothing goes on from sample to sample */
            assert_true(wt_mask_make(mask, sample.bytes, out));
            same(out, sizeof out, rows[i].mask);
        }
        wt_mask_free(mask);
    }
}

static void refuses_other_ciphers_and_keys(void **state)
{
    static const uint8_t key[32];
    assert_null(wt_mask_new(*state, WT_CIPHER_AES_128_CBC, wt_span_of(key, 16)));
    assert_null(wt_mask_new(*state, WT_CIPHER_NULL, wt_span_of(key, 16)));
    for (size_t n = 0; n < sizeof key; n++) {
        assert_null(wt_mask_new(*state, WT_CIPHER_AES_256_GCM, wt_span_of(key, n)));
        assert_null(wt_mask_new(*state, WT_CIPHER_CHACHA20_POLY1305, wt_span_of(key, n)));
    }
    assert_null(wt_mask_new(*state, WT_CIPHER_AES_128_GCM, wt_span_of(key, 32)));
    wt_mask_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_the_rfcs_print),
        cmocka_unit_test(refuses_other_ciphers_and_keys),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
