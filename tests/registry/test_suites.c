/* A suite's name says what it is. Here the name is read word by word and held against the columns: two ways to the same
 * facts that know nothing of each other. */
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

/* Cuts `suffix` off the end of `text`, if it stands there. */
static bool cut(char *text, const char *suffix)
{
    if (!ends(text, suffix)) {
        return false;
    }
    text[strlen(text) - strlen(suffix)] = '\0';
    return true;
}

/* What stands before _WITH_, and what that means. EXPORT1024 is cut down to EXPORT before the search. */
static const struct {
    const char *words;
    enum wt_kx kx;
    enum wt_auth auth;
} exchanges[] = {
    {"NULL", WT_KX_NULL, WT_AUTH_NONE},
    {"RSA", WT_KX_RSA, WT_AUTH_RSA},
    {"RSA_FIPS", WT_KX_RSA, WT_AUTH_RSA},
    {"RSA_EXPORT", WT_KX_RSA_EXPORT, WT_AUTH_RSA},
    {"DH_DSS", WT_KX_DH, WT_AUTH_DSS},
    {"DH_RSA", WT_KX_DH, WT_AUTH_RSA},
    {"DH_DSS_EXPORT", WT_KX_DH_EXPORT, WT_AUTH_DSS},
    {"DH_RSA_EXPORT", WT_KX_DH_EXPORT, WT_AUTH_RSA},
    {"DHE_DSS", WT_KX_DHE, WT_AUTH_DSS},
    {"DHE_RSA", WT_KX_DHE, WT_AUTH_RSA},
    {"DHE_DSS_EXPORT", WT_KX_DHE_EXPORT, WT_AUTH_DSS},
    {"DHE_RSA_EXPORT", WT_KX_DHE_EXPORT, WT_AUTH_RSA},
    {"DH_anon", WT_KX_DH_ANON, WT_AUTH_ANON},
    {"DH_anon_EXPORT", WT_KX_DH_ANON_EXPORT, WT_AUTH_ANON},
    {"ECDH_ECDSA", WT_KX_ECDH, WT_AUTH_ECDSA},
    {"ECDH_RSA", WT_KX_ECDH, WT_AUTH_RSA},
    {"ECDHE_ECDSA", WT_KX_ECDHE, WT_AUTH_ECDSA},
    {"ECDHE_RSA", WT_KX_ECDHE, WT_AUTH_RSA},
    {"ECDH_anon", WT_KX_ECDH_ANON, WT_AUTH_ANON},
    {"PSK", WT_KX_PSK, WT_AUTH_PSK},
    {"RSA_PSK", WT_KX_RSA_PSK, WT_AUTH_RSA},
    {"DHE_PSK", WT_KX_DHE_PSK, WT_AUTH_PSK},
    {"PSK_DHE", WT_KX_DHE_PSK, WT_AUTH_PSK},
    {"ECDHE_PSK", WT_KX_ECDHE_PSK, WT_AUTH_PSK},
    {"SRP_SHA", WT_KX_SRP, WT_AUTH_SRP},
    {"SRP_SHA_RSA", WT_KX_SRP, WT_AUTH_RSA},
    {"SRP_SHA_DSS", WT_KX_SRP, WT_AUTH_DSS},
    {"KRB5", WT_KX_KRB5, WT_AUTH_KRB5},
    {"KRB5_EXPORT", WT_KX_KRB5_EXPORT, WT_AUTH_KRB5},
    {"FORTEZZA_KEA", WT_KX_FORTEZZA, WT_AUTH_FORTEZZA},
    {"ECCPWD", WT_KX_ECCPWD, WT_AUTH_ECCPWD},
    {"GOSTR341094", WT_KX_GOST, WT_AUTH_GOST},
    {"GOSTR341001", WT_KX_GOST, WT_AUTH_GOST},
    {"GOSTR341112_256", WT_KX_GOST, WT_AUTH_GOST},
    {"CECPQ1_RSA", WT_KX_CECPQ1, WT_AUTH_RSA},
    {"CECPQ1_ECDSA", WT_KX_CECPQ1, WT_AUTH_ECDSA},
    {"ECJPAKE", WT_KX_ECJPAKE, WT_AUTH_ECJPAKE},
    /* TLCP's names have no _WITH_ */
    {"ECC", WT_KX_SM2, WT_AUTH_SM2},
    {"ECDHE", WT_KX_SM2_DHE, WT_AUTH_SM2},
    {"IBC", WT_KX_SM9, WT_AUTH_SM9},
    {"IBSDH", WT_KX_SM9_DHE, WT_AUTH_SM9},
};

/* The last word. */
static const struct {
    const char *word;
    enum wt_hash_id mac, prf;
} hashes[] = {
    {"_NULL", WT_HASH_NONE, WT_HASH_SHA256},     {"_MD5", WT_HASH_MD5, WT_HASH_SHA256},
    {"_SHA", WT_HASH_SHA1, WT_HASH_SHA256},      {"_SHA1", WT_HASH_SHA1, WT_HASH_SHA256},
    {"_RMD", WT_HASH_RMD160, WT_HASH_SHA256},    {"_SHA256", WT_HASH_SHA256, WT_HASH_SHA256},
    {"_SHA384", WT_HASH_SHA384, WT_HASH_SHA384}, {"_SHA512", WT_HASH_SHA512, WT_HASH_SHA512},
    {"_SM3", WT_HASH_SM3, WT_HASH_SM3},
};

static bool authenticates_itself(const char *cipher)
{
    return strstr(cipher, "GCM") != NULL || strstr(cipher, "CCM") != NULL || strstr(cipher, "POLY1305") != NULL ||
           strstr(cipher, "AEGIS") != NULL;
}

static bool is_gost(const struct wt_suite *suite)
{
    return strstr(suite->name, "GOST") != NULL;
}

static bool is_tlcp_name(const struct wt_suite *suite)
{
    return suite->id >> 8 == 0xe0;
}

static void check_exchange(const struct wt_suite *suite, char *words)
{
    char *late = strstr(words, "EXPORT1024");
    if (late != NULL) {
        late[strlen("EXPORT")] = '\0';
    }
    if (is_tlcp_name(suite) && strcmp(words, "RSA") == 0) {
        assert_int_equal(suite->kx, WT_KX_TLCP_RSA);
        assert_int_equal(suite->auth, WT_AUTH_RSA);
        return;
    }
    for (size_t i = 0; i < COUNT(exchanges); i++) {
        if (strcmp(words, exchanges[i].words) == 0) {
            if (suite->kx != exchanges[i].kx || suite->auth != exchanges[i].auth) {
                fail_msg("%s: kx %d, auth %d", suite->name, suite->kx, suite->auth);
            }
            return;
        }
    }
    fail_msg("%s: what is %s?", suite->name, words);
}

/* `words` is what follows _WITH_: cipher and hash. */
static void check_protection(const struct wt_suite *suite, char *words)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    enum wt_hash_id mac = WT_HASH_NONE, prf = WT_HASH_SHA256; /* RFC 6655, 3: CCM without a hash has SHA-256 */
    if (cut(words, "_OLD") && suite->cipher == WT_CIPHER_CHACHA20_POLY1305_OLD) {
        assert_int_equal(cipher->iv, 0); /* the draft's nonce is the sequence number alone */
    }
    (void)cut(words, "_2");
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (cut(words, hashes[i].word)) {
            mac = hashes[i].mac;
            prf = hashes[i].prf;
            break;
        }
    }
    if (is_tlcp_name(suite) && mac == WT_HASH_SHA1) {
        prf = WT_HASH_SHA1; /* TLCP has no older PRF to fall back to */
    }
    if (strcmp(words, "DES_CBC_40") == 0) {
        strcpy(words, "DES40_CBC"); /* Kerberos' name for it */
    }
    if (strcmp(words, cipher->name) != 0) {
        fail_msg("%s: cipher is %s", suite->name, cipher->name);
    }
    if (authenticates_itself(words)) {
        mac = WT_HASH_NONE;
    }
    if (suite->mac != mac || suite->prf != prf) {
        fail_msg("%s: mac %d, prf %d", suite->name, suite->mac, suite->prf);
    }
    assert_int_equal(authenticates_itself(words), cipher->tag != 0);
}

static void check_gost(const struct wt_suite *suite, char *words)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    bool new_hash = strstr(suite->name, "341112") != NULL;
    assert_int_equal(suite->prf, new_hash ? WT_HASH_STREEBOG : WT_HASH_GOST);
    if (cut(words, "_GOSTR3411")) {
        assert_int_equal(suite->mac, WT_HASH_GOST);
    } else {
        assert_true(cut(words, "_IMIT") || cut(words, "_OMAC") || cut(words, "_L") || cut(words, "_S"));
        assert_int_equal(suite->mac, WT_HASH_NONE);
    }
    assert_string_equal(words, cipher->name);
}

/* TLS 1.3's names: TLS_cipher_hash. */
static void check_tls13(const struct wt_suite *suite)
{
    char words[96];
    assert_int_equal(suite->kx, WT_KX_TLS13);
    assert_int_equal(suite->auth, WT_AUTH_TLS13);
    assert_int_equal(suite->mac, WT_HASH_NONE);
    (void)snprintf(words, sizeof(words), "%s", suite->name + strlen("TLS_"));
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (cut(words, hashes[i].word)) {
            assert_int_equal(suite->prf, hashes[i].prf);
            break;
        }
    }
    assert_string_equal(words, wt_cipher_of((enum wt_cipher_id)suite->cipher)->name);
}

static void check(const struct wt_suite *suite)
{
    char words[96];
    const char *name = suite->name;
    name += starts(name, "TLS_") || starts(name, "SSL_") ? 4 : 0;
    (void)snprintf(words, sizeof(words), "%s", name);
    char *with = strstr(words, "_WITH_");
    if (is_tlcp_name(suite)) {
        char *underscore = strchr(words, '_');
        assert_non_null(underscore);
        *underscore = '\0';
        check_exchange(suite, words);
        check_protection(suite, underscore + 1);
        return;
    }
    if (with == NULL) {
        check_tls13(suite);
        return;
    }
    *with = '\0';
    /* RFC 9367's suites have TLS 1.2's form of name, but are TLS 1.3's */
    if (strstr(suite->name, "_MGM_") != NULL) {
        assert_int_equal(suite->kx, WT_KX_TLS13);
    } else {
        check_exchange(suite, words);
    }
    if (is_gost(suite)) {
        check_gost(suite, with + strlen("_WITH_"));
    } else {
        check_protection(suite, with + strlen("_WITH_"));
    }
}

static void test_names_agree_with_columns(void **state)
{
    (void)state;
    size_t count = 0;
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_suite *suite = wt_suite_find((uint16_t)id);
        if (suite == NULL) {
            continue;
        }
        count++;
        assert_int_equal(suite->id, id);
        check(suite);
    }
    assert_int_equal(count, 424);
}

/* "Recommended" is never said of what has no forward secrecy, no AEAD, or no authentication. */
static void test_recommended_is_sound(void **state)
{
    (void)state;
    size_t count = 0;
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_suite *suite = wt_suite_find((uint16_t)id);
        if (suite == NULL || !suite->recommended) {
            continue;
        }
        count++;
        assert_true(wt_kx_info_of((enum wt_kx)suite->kx)->forward_secret);
        assert_int_equal(wt_cipher_of((enum wt_cipher_id)suite->cipher)->tag, 16);
        assert_int_not_equal(suite->auth, WT_AUTH_ANON);
    }
    assert_int_equal(count, 24);
}

static void test_versions_of_suites(void **state)
{
    static const struct {
        uint16_t id, min, max;
    } facts[] = {
        {0x0005, WT_SSL3, WT_TLS12},
        /* RFC 4346, A.5: "TLS 1.1 implementations MUST NOT negotiate these cipher suites in TLS 1.1 mode." */
        {0x0003, WT_SSL3, WT_TLS10},
        {0x0062, WT_SSL3, WT_TLS10},
        {0x002b, WT_SSL3, WT_TLS10},
        /* RFC 5246, 1.2: "Removed IDEA and DES cipher suites." */
        {0x0007, WT_SSL3, WT_TLS11},
        {0x0009, WT_SSL3, WT_TLS11},
        {0x000a, WT_SSL3, WT_TLS12},
        {0x001c, WT_SSL3, WT_SSL3},
        {0x003c, WT_TLS12, WT_TLS12},
        /* RFC 5288, 4: AEAD suites "MUST NOT be negotiated in older versions of TLS" */
        {0x009c, WT_TLS12, WT_TLS12},
        {0xcc13, WT_TLS12, WT_TLS12},
        {0xc037, WT_TLS10, WT_TLS12},
        {0x1301, WT_TLS13, WT_TLS13},
        {0xc0b4, WT_TLS13, WT_TLS13},
        {0xc103, WT_TLS13, WT_TLS13},
        {0xc100, WT_TLS12, WT_TLS12},
        {0xe013, WT_TLCP, WT_TLCP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct wt_suite *suite = wt_suite_find(facts[i].id);
        assert_non_null(suite);
        assert_int_equal(wt_suite_min_version(suite), facts[i].min);
        assert_int_equal(wt_suite_max_version(suite), facts[i].max);
    }
}

/* RFC 2246, 6.3.1: only the exportable suites derive their keys once more; their names say EXPORT. */
static void test_export_is_in_the_name(void **state)
{
    (void)state;
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_suite *suite = wt_suite_find((uint16_t)id);
        if (suite != NULL) {
            assert_int_equal(wt_suite_is_export(suite), strstr(suite->name, "EXPORT") != NULL);
        }
    }
}

static void test_cipher_lengths(void **state)
{
    (void)state;
    for (int id = 0; id < WT_CIPHER_COUNT; id++) {
        const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)id);
        assert_non_null(cipher->name);
        assert_true(cipher->effective <= cipher->key);
        switch (cipher->mode) {
        case WT_MODE_NULL:
            assert_int_equal(cipher->key + cipher->block + cipher->iv + cipher->tag, 0);
            break;
        case WT_MODE_STREAM:
            assert_int_equal(cipher->block + cipher->iv + cipher->tag, 0);
            break;
        case WT_MODE_CBC:
            assert_true(cipher->block == 8 || cipher->block == 16);
            assert_int_equal(cipher->tag, 0);
            break;
        case WT_MODE_GCM: /* RFC 5288, 3: "salt" of 4 bytes; RFC 5116, 5.1: tag of 16 */
        case WT_MODE_CCM: /* RFC 6655, 3 */
            assert_int_equal(cipher->iv, 4);
            assert_int_equal(cipher->tag, 16);
            break;
        case WT_MODE_CCM8: /* RFC 6655, 6.1: "8-octet authentication tag" */
            assert_int_equal(cipher->iv, 4);
            assert_int_equal(cipher->tag, 8);
            break;
        case WT_MODE_POLY1305: /* RFC 7905, 2: the IV is 96 bits long */
            assert_int_equal(cipher->iv, 12);
            assert_int_equal(cipher->tag, 16);
            break;
        default:
            break;
        }
    }
    /* RFC 2246, C: key material of the exportable ciphers, and the 56-bit draft's */
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC4_40)->effective, 5);
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC4_40)->key, 16);
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC2_CBC_40)->effective, 5);
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC2_CBC_40)->key, 16);
    assert_int_equal(wt_cipher_of(WT_CIPHER_DES40_CBC)->effective, 5);
    assert_int_equal(wt_cipher_of(WT_CIPHER_DES40_CBC)->key, 8);
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC4_56)->effective, 7);
    assert_int_equal(wt_cipher_of(WT_CIPHER_RC2_CBC_56)->effective, 7);
    assert_null(wt_cipher_of(WT_CIPHER_COUNT));
}

static void test_families(void **state)
{
    static const struct {
        enum wt_kx kx;
        enum wt_need key_exchange, certificate;
    } facts[] = {
        /* RFC 5246, 7.4.3: "It is not legal to send the ServerKeyExchange message for the following key exchange
         * methods: RSA, DH_DSS, DH_RSA" */
        {WT_KX_RSA, WT_NEVER, WT_ALWAYS},
        {WT_KX_DH, WT_NEVER, WT_ALWAYS},
        {WT_KX_ECDH, WT_NEVER, WT_ALWAYS},
        {WT_KX_DHE, WT_ALWAYS, WT_ALWAYS},
        {WT_KX_ECDHE, WT_ALWAYS, WT_ALWAYS},
        /* RFC 2246, 7.4.3: RSA_EXPORT "if the public key in the server certificate is longer than 512 bits" */
        {WT_KX_RSA_EXPORT, WT_MAYBE, WT_ALWAYS},
        {WT_KX_DH_ANON, WT_ALWAYS, WT_NEVER},
        {WT_KX_ECDH_ANON, WT_ALWAYS, WT_NEVER},
        /* RFC 4279, 2: "If no hint is provided, the ServerKeyExchange message is omitted." */
        {WT_KX_PSK, WT_MAYBE, WT_NEVER},
        {WT_KX_RSA_PSK, WT_MAYBE, WT_ALWAYS},
        {WT_KX_DHE_PSK, WT_ALWAYS, WT_NEVER},
        {WT_KX_ECDHE_PSK, WT_ALWAYS, WT_NEVER},
        {WT_KX_SRP, WT_ALWAYS, WT_MAYBE},
        {WT_KX_KRB5, WT_NEVER, WT_NEVER},
        {WT_KX_TLS13, WT_NEVER, WT_MAYBE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct wt_kx_info *info = wt_kx_info_of(facts[i].kx);
        assert_int_equal(info->server_key_exchange, facts[i].key_exchange);
        assert_int_equal(info->certificate, facts[i].certificate);
    }
    for (int kx = 0; kx < WT_KX_COUNT; kx++) {
        const struct wt_kx_info *info = wt_kx_info_of((enum wt_kx)kx);
        assert_non_null(info->name);
        assert_non_null(info->rfc);
    }
    for (int auth = 0; auth < WT_AUTH_COUNT; auth++) {
        assert_non_null(wt_auth_info_of((enum wt_auth)auth)->name);
    }
    assert_null(wt_kx_info_of(WT_KX_COUNT));
    assert_null(wt_auth_info_of(WT_AUTH_COUNT));
    assert_null(wt_hash_info_of(WT_HASH_COUNT));
}

/* SSL 2.0's draft, 4.6: the three bytes end in the key's length in bits, and export kinds keep 40 bits secret. */
static void test_ssl2(void **state)
{
    (void)state;
    const struct wt_ssl2_cipher *weak = wt_ssl2_cipher_find(0x020080);
    assert_string_equal(weak->name, "SSL_CK_RC4_128_EXPORT40_WITH_MD5");
    assert_int_equal(weak->key - weak->clear, 5);
    assert_int_equal(wt_ssl2_cipher_find(0x0700c0)->key, 24);
    assert_int_equal(wt_ssl2_cipher_find(0x060040)->key, 8);
    assert_null(wt_ssl2_cipher_find(0x030081));
    for (uint32_t kind = 1; kind <= 8; kind++) {
        for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
            const struct wt_ssl2_cipher *cipher = wt_ssl2_cipher_find(kind << 16 | bits);
            assert_true(cipher == NULL || bits == 8u * cipher->key);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_agree_with_columns),
        cmocka_unit_test(test_recommended_is_sound),
        cmocka_unit_test(test_versions_of_suites),
        cmocka_unit_test(test_export_is_in_the_name),
        cmocka_unit_test(test_cipher_lengths),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_ssl2),
    };
    return cmocka_run_group_tests_name("cipher suites", tests, NULL, NULL);
}
