/* RSA key exchange: what a client encrypts a server decrypts, and what is wrong looks like what is right. */
#include "crypto/premaster.h"

#include "crypto/rsa.h"
#include "vector.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct setup {
    struct wt_crypto *crypto;
    EVP_PKEY *pkey;
    struct wt_private_key *key;
    struct wt_public_key *of_key, *of_curve, *of_pss;
    struct wt_random random;
};

static struct wt_public_key *public_half(const struct setup *s, EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    const int n = i2d_PUBKEY(pkey, &der);
    struct wt_public_key *key = wt_public_key_of_spki(s->crypto, wt_span_of(der, (size_t)n));
    OPENSSL_free(der);
    assert_non_null(key);
    return key;
}

static int set_up(void **state)
{
    struct setup *s = calloc(1, sizeof *s);
    unsigned char *der = NULL;
    enum wt_problem_id why;
    *state = s;
    s->crypto = wt_crypto_new();
    OSSL_LIB_CTX *lib = wt_crypto_context(s->crypto);
    s->pkey = EVP_PKEY_Q_keygen(lib, NULL, "RSA", (size_t)2048);
    EVP_PKEY *curve = EVP_PKEY_Q_keygen(lib, NULL, "EC", "P-256");
    EVP_PKEY *pss = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(lib, "RSA-PSS", NULL);
    assert_true(EVP_PKEY_keygen_init(c) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(c, 1024) == 1);
    assert_int_equal(EVP_PKEY_generate(c, &pss), 1);
    EVP_PKEY_CTX_free(c);
    const int n = i2d_PrivateKey(s->pkey, &der);
    s->key = wt_private_key_load(s->crypto, wt_span_of(der, (size_t)n), NULL, WT_KEY_SIGNS, &why);
    OPENSSL_free(der);
    assert_non_null(s->key);
    s->of_key = public_half(s, s->pkey);
    s->of_curve = public_half(s, curve);
    s->of_pss = public_half(s, pss);
    s->random = (struct wt_random){.crypto = s->crypto};
    EVP_PKEY_free(curve);
    EVP_PKEY_free(pss);
    return 0;
}

static int tear_down(void **state)
{
    struct setup *s = *state;
    wt_public_key_free(s->of_key);
    wt_public_key_free(s->of_curve);
    wt_public_key_free(s->of_pss);
    wt_private_key_free(s->key);
    EVP_PKEY_free(s->pkey);
    wt_crypto_free(s->crypto);
    free(s);
    return 0;
}

/* RFC 5246, 7.4.7.1: "The version number in the PreMasterSecret is the version offered by the client in the
 * ClientHello.client_version, not the version negotiated for the connection." */
static void test_both(void **state)
{
    const struct setup *s = *state;
    uint8_t mine[WT_PREMASTER], theirs[WT_PREMASTER], again[WT_PREMASTER], sealed[WT_ENCRYPTED_PREMASTER_MOST];
    const size_t n = wt_premaster_new(s->crypto, s->of_key, &s->random, WT_TLS12, mine, sealed);
    assert_int_equal(n, 256);
    assert_int_equal(wt_get16(mine), WT_TLS12);
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, wt_span_of(sealed, n), WT_TLS12, theirs));
    assert_memory_equal(mine, theirs, WT_PREMASTER);
    assert_int_equal(wt_premaster_new(s->crypto, s->of_key, &s->random, WT_TLS10, again, sealed), n);
    assert_int_equal(wt_get16(again), WT_TLS10);
    assert_memory_not_equal(mine + 2, again + 2, WT_PREMASTER - 2);
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, wt_span_of(sealed, n), WT_TLS10, theirs));
    assert_memory_equal(again, theirs, WT_PREMASTER);
}

static bool refuse(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    (void)context;
    (void)use;
    (void)group;
    memset(out, 1, n);
    return false;
}

static void test_refused(void **state)
{
    const struct setup *s = *state;
    const struct wt_random none = {.crypto = s->crypto, .fill = refuse};
    uint8_t secret[WT_PREMASTER], zero[WT_PREMASTER] = {0}, sealed[WT_ENCRYPTED_PREMASTER_MOST];
    assert_int_equal(wt_premaster_new(s->crypto, s->of_curve, &s->random, WT_TLS12, secret, sealed), 0);
    assert_int_equal(wt_premaster_new(s->crypto, s->of_pss, &s->random, WT_TLS12, secret, sealed), 0);
    assert_int_equal(wt_premaster_new(s->crypto, s->of_key, &none, WT_TLS12, secret, sealed), 0);
    memset(sealed, 1, sizeof sealed);
    assert_false(wt_premaster_decrypt(s->crypto, s->key, &none, wt_span_of(sealed, 256), WT_TLS12, secret));
    assert_memory_equal(secret, zero, WT_PREMASTER);
}

/* Encrypts what is given, padded as PKCS #1 or, to be wrong, not at all. */
static size_t seal(const struct setup *s, int padding, const uint8_t *text, size_t n, uint8_t out[256])
{
    size_t length = 256;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(wt_crypto_context(s->crypto), s->pkey, NULL);
    assert_true(EVP_PKEY_encrypt_init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, padding) == 1);
    assert_int_equal(EVP_PKEY_encrypt(c, out, &length, text, n), 1);
    EVP_PKEY_CTX_free(c);
    return length;
}

/* RFC 5246, 7.4.7.1: "a TLS server MUST NOT generate an alert if processing an RSA-encrypted premaster secret message
 * fails, or the version number is not as expected. Instead, it MUST continue the handshake with a randomly generated
 * premaster secret." Twice not the same, and nothing of what was encrypted. */
static void check_random(const struct setup *s, struct wt_span sealed, uint16_t offered)
{
    uint8_t first[WT_PREMASTER], second[WT_PREMASTER], plain[WT_RSA_MOST];
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, sealed, offered, first));
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, sealed, offered, second));
    assert_memory_not_equal(first, second, WT_PREMASTER);
    const size_t n = wt_private_key_decrypt(s->crypto, s->key, sealed, plain);
    for (size_t at = 0; at + 8 <= n && at + 8 <= WT_PREMASTER; at++)
        assert_memory_not_equal(first + at, plain + at, 8);
}

static void test_no_oracle(void **state)
{
    const struct setup *s = *state;
    uint8_t text[256], sealed[257] = {0};
    size_t n;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i + 1);
    text[0] = 3;
    text[1] = 3;
    uint8_t right[WT_PREMASTER];
    n = seal(s, RSA_PKCS1_PADDING, text, WT_PREMASTER, sealed);
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, wt_span_of(sealed, n), WT_TLS12, right));
    assert_memory_equal(right, text, WT_PREMASTER);
    /* Another version than was offered: also the one that was negotiated. */
    check_random(s, wt_span_of(sealed, n), WT_TLS11);
    check_random(s, wt_span_of(sealed, n), 0x0304);
    /* Shorter, longer, nothing. */
    static const size_t lengths[] = {0, 1, 2, 47, 49, 245};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        n = seal(s, RSA_PKCS1_PADDING, text, lengths[i], sealed);
        check_random(s, wt_span_of(sealed, n), WT_TLS12);
    }
    /* A block that is none: another type, no zero after the padding, a zero within its first eight, none at the start.
     */
    uint8_t block[256];
    memset(block, 0x77, sizeof block);
    block[0] = 0;
    block[1] = 2;
    block[256 - WT_PREMASTER - 1] = 0;
    memcpy(block + 256 - WT_PREMASTER, text, WT_PREMASTER);
    n = seal(s, RSA_NO_PADDING, block, sizeof block, sealed);
    assert_true(wt_premaster_decrypt(s->crypto, s->key, &s->random, wt_span_of(sealed, n), WT_TLS12, right));
    assert_memory_equal(right, text, WT_PREMASTER);
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, 1}, {1, 1}, {1, 0}, {256 - WT_PREMASTER - 1, 0x77}, {2, 0}, {9, 0}, {256 - WT_PREMASTER - 2, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const uint8_t before = block[wrong[i].at];
        block[wrong[i].at] = wrong[i].value;
        n = seal(s, RSA_NO_PADDING, block, sizeof block, sealed);
        check_random(s, wt_span_of(sealed, n), WT_TLS12);
        block[wrong[i].at] = before;
    }
    /* Garbage, numbers that are not below the modulus, other lengths. */
    memset(sealed, 0x2a, sizeof sealed);
    check_random(s, wt_span_of(sealed, 256), WT_TLS12);
    memset(sealed, 0xff, sizeof sealed);
    check_random(s, wt_span_of(sealed, 256), WT_TLS12);
    check_random(s, wt_span_of(sealed, 257), WT_TLS12);
    check_random(s, wt_span_of(sealed, 255), WT_TLS12);
    check_random(s, (struct wt_span){0}, WT_TLS12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_oracle),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
