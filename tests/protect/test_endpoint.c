/* Records as an endpoint opens them: the same plaintext as an observer gets, and one failure for all that is wrong. */
#include "crypto/mac.h"

#include "records.h"

static const uint16_t suites[] = {
    0x002f, /* RSA_WITH_AES_128_CBC_SHA */
    0x0035, /* RSA_WITH_AES_256_CBC_SHA */
    0x000a, /* RSA_WITH_3DES_EDE_CBC_SHA */
    0x0041, /* RSA_WITH_CAMELLIA_128_CBC_SHA */
    0x003c, /* RSA_WITH_AES_128_CBC_SHA256 */
    0x003d, /* RSA_WITH_AES_256_CBC_SHA256 */
    0xc024, /* ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 */
    0xc077, /* ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384 */
};
static const uint16_t versions[] = {WT_TLS10, WT_TLS11, WT_TLS12};
enum { SUITES = sizeof suites / sizeof *suites, VERSIONS = 3, MOST = 17000 };

struct three {
    struct wt_record_protector *seal, *observer, *endpoint;
};

static struct three three_of(struct wt_protection how)
{
    struct wt_error why;
    const struct pair p = pair_of(&how);
    how.endpoint = true;
    struct three t = {p.seal, p.open, wt_record_protector_new(crypto, &how, false, &why)};
    assert_non_null(t.endpoint);
    return t;
}

static void free_three(struct three t)
{
    wt_record_protector_free(t.seal);
    wt_record_protector_free(t.observer);
    wt_record_protector_free(t.endpoint);
}

/* Seals, and opens it in both ways. */
static void check_same(const struct three *t, uint16_t version, size_t n, unsigned padding)
{
    static uint8_t text[MOST], record[ROOM], first[ROOM], second[ROOM];
    struct wt_opened a, b;
    make_noise(text, n);
    const size_t length = wt_record_protector_seal(t->seal, WT_CONTENT_APPLICATION_DATA, version, wt_span_of(text, n),
                                                   padding, NULL, record, NULL);
    assert_true(length > 5);
    memcpy(second, record, length);
    assert_int_equal(open_whole(t->observer, record, length, first, &a), WT_OPENED);
    assert_int_equal(open_whole(t->endpoint, second, length, NULL, &b), WT_OPENED);
    assert_int_equal(a.text.n, n);
    assert_int_equal(b.text.n, n);
    assert_memory_equal(a.text.p, text, n);
    assert_memory_equal(b.text.p, text, n);
    assert_int_equal(a.type, b.type);
    assert_int_equal(a.padding, b.padding);
}

static void check_lengths(struct wt_protection how)
{
    const struct three t = three_of(how);
    const unsigned most = (256 - 16) / wt_cipher_of(how.suite->cipher)->block;
    for (size_t n = 0; n < 80; n++)
        check_same(&t, how.version, n, (unsigned)n % most);
    for (unsigned padding = 0; padding < most; padding++)
        check_same(&t, how.version, 33, padding);
    check_same(&t, how.version, 16384, 0);
    check_same(&t, how.version, 16384, most);
    free_three(t);
}

static void test_same(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++)
        for (size_t v = 0; v < VERSIONS; v++) {
            const struct wt_suite *suite = wt_suite_find(suites[s]);
            if (wt_suite_min_version(suite) > versions[v])
                continue;
            struct wt_protection how = protection_of(suite, versions[v]);
            check_lengths(how);
            how.truncated_hmac = true;
            check_lengths(how);
            how.encrypt_then_mac = true;
            check_lengths(how);
            how.truncated_hmac = false;
            check_lengths(how);
        }
}

/* What OpenSSL, GnuTLS and NSS sealed. */
static void test_peers(void **state)
{
    static const struct {
        uint16_t suite, version;
        bool encrypt_then_mac, truncated_hmac;
        const char *mac_key, *key, *iv;
        uint8_t type;
        uint16_t record_version;
        const char *fragment;
    } peers[] = {
#define WT_PEER(capture, stream, suite, version, etm, truncated, mac_key, key, iv, t1, v1, f1, t2, v2, f2)             \
    {suite, version, etm, truncated, mac_key, key, iv, t1, v1, f1},
#include "peers.def"
#undef WT_PEER
    };
    (void)state;
    unsigned opened = 0;
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        uint8_t keys[3][64], fragment[2048];
        const struct wt_suite *suite = wt_suite_find(peers[i].suite);
        const struct wt_protection how = {
            .suite = suite,
            .version = peers[i].version,
            .mac_key = unhex(peers[i].mac_key, keys[0]),
            .key = unhex(peers[i].key, keys[1]),
            .iv = unhex(peers[i].iv, keys[2]),
            .encrypt_then_mac = peers[i].encrypt_then_mac,
            .truncated_hmac = peers[i].truncated_hmac,
            .endpoint = true,
        };
        struct wt_error why;
        struct wt_opened o;
        struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, &why);
        const bool cbc = wt_cipher_of(suite->cipher)->mode == WT_MODE_CBC;
        const bool takes =
            !cbc || (how.version >= WT_TLS10 && how.version <= WT_TLS12 && suite->cipher != WT_CIPHER_IDEA_CBC);
        if (!p) {
            if (takes)
                fail_msg("%s, %s", suite->name, wt_version_name(how.version));
            continue;
        }
        const struct wt_span bytes = unhex(peers[i].fragment, fragment);
        if (wt_record_protector_open(p, peers[i].type, peers[i].record_version, bytes, fragment, false, &o, NULL) !=
            WT_OPENED)
            fail_msg("%s, %s", suite->name, wt_version_name(how.version));
        assert_int_equal(o.text.p[0], WT_HANDSHAKE_FINISHED);
        opened += cbc;
        wt_record_protector_free(p);
    }
    assert_true(opened > 20);
}

/* RFC 5246, 7.2.2: bad_record_mac "also MUST be returned if an alert is sent because a TLSCiphertext decrypted in an
 * invalid way: either it wasn't an even multiple of the block length, or its padding values, when checked, weren't
 * correct." Nothing of the plaintext is left. */
static void check_refused(struct wt_protection how, uint8_t *record, size_t n, struct wt_span text)
{
    struct wt_error why;
    struct wt_opened opened;
    how.endpoint = true;
    struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, &why);
    assert_int_equal(open_whole(p, record, n, NULL, &opened), WT_OPEN_BAD_MAC);
    assert_null(opened.text.p);
    assert_int_equal(opened.text.n, 0);
    for (size_t i = 5; i + 16 <= n; i++)
        assert_memory_not_equal(record + i, text.p, 16);
    wt_record_protector_free(p);
}

static void check_damage(struct wt_protection how)
{
    uint8_t text[40], record[512], damaged[512];
    struct wt_error why;
    make_noise(text, sizeof text);
    struct wt_record_protector *seal = wt_record_protector_new(crypto, &how, true, &why);
    const struct wt_span span = wt_span_of(text, sizeof text);
    const size_t n =
        wt_record_protector_seal(seal, WT_CONTENT_APPLICATION_DATA, how.version, span, 1, NULL, record, NULL);
    wt_record_protector_free(seal);
    /* Each byte in turn: IV, content, MAC, padding. */
    for (size_t i = 5; i < n; i++)
        for (uint8_t bit = 1; bit; bit = (uint8_t)(bit << 3)) {
            memcpy(damaged, record, n);
            damaged[i] ^= bit;
            check_refused(how, damaged, n, span);
        }
    /* Cut anywhere. */
    for (size_t cut = 5; cut < n; cut++) {
        memcpy(damaged, record, n);
        damaged[3] = (uint8_t)((cut - 5) >> 8);
        damaged[4] = (uint8_t)(cut - 5);
        check_refused(how, damaged, cut, span);
    }
    /* Of another type, or another number. */
    memcpy(damaged, record, n);
    damaged[0] = WT_CONTENT_HANDSHAKE;
    check_refused(how, damaged, n, span);
}

static void test_damage(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        struct wt_protection how = protection_of(wt_suite_find(suites[s]), WT_TLS12);
        check_damage(how);
        how.encrypt_then_mac = true;
        check_damage(how);
    }
    check_damage(protection_of(wt_suite_find(0x002f), WT_TLS10));
    check_damage(protection_of(wt_suite_find(0xc02f), WT_TLS12)); /* AES_128_GCM */
    check_damage(protection_of(wt_suite_find(0xcca8), WT_TLS12)); /* CHACHA20_POLY1305 */
}

/* Padding that says more than there is, differs in one byte, or takes the MAC's place: enciphered as it is here, with a
 * MAC that would be right. */
static void test_padding(void **state)
{
    (void)state;
    const struct wt_protection how = protection_of(wt_suite_find(0x002f), WT_TLS12);
    struct wt_cipher_context *cipher = wt_cipher_new(crypto, WT_CIPHER_AES_128_CBC, how.key, true);
    struct wt_mac *mac = wt_mac_new(crypto, WT_HASH_SHA1, how.mac_key);
    static const struct {
        size_t text;
        uint8_t padding[48]; /* of so many bytes as fill the block; the last is the length */
        size_t n;
        bool good;
    } cases[] = {
        {11, {0}, 1, true},
        {11, {1}, 1, false},
        {11, {255}, 1, false},
        {7, {4, 4, 4, 4, 4}, 5, true},
        {7, {3, 4, 4, 4, 4}, 5, false},
        {7, {4, 4, 4, 3, 4}, 5, false},
        {7, {4, 4, 4, 4, 5}, 5, false},
        {7, {0, 0, 0, 0, 0}, 5, false}, /* shorter padding, whose content is another */
        {0, {11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11}, 12, true},
        {0, {0, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11}, 12, false},
        {0, {31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31}, 12, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t record[128] = {WT_CONTENT_APPLICATION_DATA, 3, 3}, *body = record + 5, *plain = body + 16;
        uint8_t header[13] = {0}, iv[16], digest[WT_DIGEST_MOST];
        const size_t n = cases[i].text;
        make_noise(iv, sizeof iv);
        make_noise(plain, n);
        memcpy(header + 8, record, 3);
        header[12] = (uint8_t)n;
        const struct wt_span parts[] = {wt_span_of(header, 13), wt_span_of(plain, n)};
        assert_int_equal(wt_mac_compute(mac, parts, 2, digest), 20);
        memcpy(body, iv, 16);
        memcpy(plain + n, digest, 20);
        memcpy(plain + n + 20, cases[i].padding, cases[i].n);
        assert_true(wt_cipher_cbc(cipher, iv, wt_span_of(plain, n + 20 + cases[i].n), plain));
        struct wt_opened opened;
        struct wt_error why;
        struct wt_protection own = how;
        own.endpoint = true;
        struct wt_record_protector *p = wt_record_protector_new(crypto, &own, false, &why);
        assert_int_equal(open_whole(p, record, 5 + 16 + n + 20 + cases[i].n, NULL, &opened),
                         cases[i].good ? WT_OPENED : WT_OPEN_BAD_MAC);
        wt_record_protector_free(p);
    }
    wt_mac_free(mac);
    wt_cipher_free(cipher);
}

/* What has no such way is not opened in another one. */
static void test_unsupported(void **state)
{
    (void)state;
    struct wt_error why;
    struct wt_protection how = protection_of(wt_suite_find(0x002f), WT_SSL3);
    how.endpoint = true;
    assert_null(wt_record_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, WT_UNSUPPORTED);
    how = protection_of(wt_suite_find(0x002f), WT_TLS12);
    how.endpoint = true;
    how.key.n--;
    assert_null(wt_record_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, WT_LENGTH);
    how.key.n++;
    how.mac_key.n--;
    assert_null(wt_record_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, WT_LENGTH);
    how = protection_of(wt_suite_find(0x002f), WT_TLS10);
    how.endpoint = true;
    how.iv.n--;
    assert_null(wt_record_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, WT_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),    cmocka_unit_test(test_peers),       cmocka_unit_test(test_damage),
        cmocka_unit_test(test_padding), cmocka_unit_test(test_unsupported),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
