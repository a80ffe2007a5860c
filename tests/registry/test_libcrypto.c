/* The tables' names for libcrypto are names that libcrypto takes, with the lengths that the tables state. */
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

static OSSL_PROVIDER *providers[2];

static int load(void **state)
{
    (void)state;
    providers[0] = OSSL_PROVIDER_load(NULL, "default");
    providers[1] = OSSL_PROVIDER_load(NULL, "legacy"); /* RC4, RC2, DES, SEED; may be left out of an installation */
    return providers[0] != NULL ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        if (providers[i] != NULL) {
            OSSL_PROVIDER_unload(providers[i]);
        }
    }
    return 0;
}

/* IDEA is compiled out by many; the old ones need the legacy provider. */
static bool may_be_missing(const char *name)
{
    static const char *const legacy[] = {"RC4", "RC2-CBC", "DES-CBC", "SEED-CBC"};
    if (strcmp(name, "IDEA-CBC") == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++) {
        if (strcmp(name, legacy[i]) == 0) {
            return providers[1] == NULL;
        }
    }
    return false;
}

/* What a libcrypto without the whole cipher makes it of. */
static void test_parts(void **state)
{
    (void)state;
    for (int id = 0; id < WT_CIPHER_COUNT; id++) {
        const struct wt_cipher *row = wt_cipher_of((enum wt_cipher_id)id);
        bool bare = row->mode == WT_MODE_POLY1305_OLD, ccm = row->mode == WT_MODE_CCM || row->mode == WT_MODE_CCM8;
        if (row->parts == NULL) {
            assert_false(bare);
            continue;
        }
        assert_true(bare || ccm || row->mode == WT_MODE_GCM);
        for (int i = 0; i < 1 + ccm; i++) {
            char name[64];
            (void)snprintf(name, sizeof(name), "%s%s", row->parts, bare ? "" : i == 0 ? "-CTR" : "-CBC");
            EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
            if (cipher == NULL) {
                fail_msg("%s is not in libcrypto", name);
            }
            assert_int_equal(EVP_CIPHER_get_key_length(cipher), row->key);
            EVP_CIPHER_free(cipher);
        }
    }
}

static void test_ciphers(void **state)
{
    (void)state;
    for (int id = 0; id < WT_CIPHER_COUNT; id++) {
        const struct wt_cipher *row = wt_cipher_of((enum wt_cipher_id)id);
        if (row->openssl == NULL) {
            continue;
        }
        EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, row->openssl, NULL);
        if (cipher == NULL) {
            if (row->parts == NULL && !may_be_missing(row->openssl)) {
                fail_msg("%s is not in libcrypto", row->openssl);
            }
            continue;
        }
        assert_int_equal(EVP_CIPHER_get_key_length(cipher), row->key);
        if (row->mode == WT_MODE_CBC) {
            assert_int_equal(EVP_CIPHER_get_block_size(cipher), row->block);
            assert_int_equal(EVP_CIPHER_get_iv_length(cipher), row->iv);
        }
        EVP_CIPHER_free(cipher);
    }
}

static void test_hashes(void **state)
{
    (void)state;
    for (int id = 0; id < WT_HASH_COUNT; id++) {
        const struct wt_hash_info *row = wt_hash_info_of((enum wt_hash_id)id);
        if (row->openssl == NULL) {
            continue;
        }
        EVP_MD *md = EVP_MD_fetch(NULL, row->openssl, NULL);
        assert_non_null(md);
        assert_int_equal(EVP_MD_get_size(md), row->length);
        EVP_MD_free(md);
    }
}

/* ML-KEM by itself or beside a curve: libcrypto's name is that of the key, "ML-KEM-768". */
static bool is_post_quantum(const struct wt_group *row)
{
    return row->kind == WT_GROUP_PQ || row->kind == WT_GROUP_HYBRID;
}

/* libcrypto names two curves as X9.62 does, and one by its standard alone; every other has the name that TLS gives it.
 * A wrong one would do as well as the right one for all but a peer. */
static void test_group_names(void **state)
{
    (void)state;
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_group *row = wt_group_find((uint16_t)id);
        if (row == NULL || row->openssl == NULL || row->kind == WT_GROUP_MONTGOMERY || is_post_quantum(row)) {
            continue;
        }
        const char *want = strcmp(row->name, "secp192r1") == 0   ? "prime192v1"
                           : strcmp(row->name, "secp256r1") == 0 ? "prime256v1"
                           : strcmp(row->name, "curveSM2") == 0  ? "SM2"
                                                                 : row->name;
        const size_t n = strlen(row->openssl); /* "brainpoolP256r1tls13" is the same curve */
        if (strncasecmp(row->openssl, want, n) != 0 || (want[n] != '\0' && strcmp(want + n, "tls13") != 0)) {
            fail_msg("%s is called %s", row->name, row->openssl);
        }
    }
}

static const char *key_type(const struct wt_group *row)
{
    switch (row->kind) {
    case WT_GROUP_EC:
        return "EC";
    case WT_GROUP_FF:
        return "DH";
    default:
        return row->openssl;
    }
}

static void test_groups(void **state)
{
    (void)state;
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_group *row = wt_group_find((uint16_t)id);
        if (row == NULL || row->openssl == NULL) {
            continue;
        }
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, key_type(row), NULL);
        if (context == NULL && is_post_quantum(row)) {
            continue; /* libcrypto has them from 3.5 on */
        }
        assert_non_null(context);
        assert_int_equal(EVP_PKEY_keygen_init(context), 1);
        if (row->kind != WT_GROUP_MONTGOMERY && !is_post_quantum(row) &&
            EVP_PKEY_CTX_set_group_name(context, row->openssl) != 1) {
            fail_msg("%s is not in libcrypto", row->openssl);
        }
        /* the large primes take long; their length is in the name */
        if (row->kind != WT_GROUP_FF) {
            EVP_PKEY *key = NULL;
            assert_int_equal(EVP_PKEY_generate(context, &key), 1);
            if (!is_post_quantum(row)) /* order and field differ by a few bits */
                assert_in_range(EVP_PKEY_get_bits(key), row->bits - 8u, row->bits + 8u);
            EVP_PKEY_free(key);
        }
        EVP_PKEY_CTX_free(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ciphers),     cmocka_unit_test(test_parts),  cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_group_names), cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests_name("libcrypto's names", tests, load, unload);
}
