/* Every suite of the registry under every version it may be used in: what is sealed opens again. */
#include "records.h"
#include "wording/wording.h"

static uint8_t text[ROOM], record[ROOM], out[ROOM];

struct count {
    unsigned kinds, records, lacking;
};

/* Sizes at the edges of blocks and fragments, and any. */
static size_t size_of(unsigned i)
{
    switch (i) {
    case 0:
        return noise() % 64;
    case 1:
        return 0;
    case 2:
        return noise() % 32 == 0 ? 16384 : noise() % 600;
    default:
        return noise() % 16 == 0 ? noise() % 16385 : noise() % 300;
    }
}

static void pass(struct pair p, const struct wt_protection *how, unsigned i)
{
    struct wt_opened opened;
    bool tls13 = wt_version_is_tls13(how->version);
    size_t n = size_of(i);
    uint8_t type = (uint8_t)(WT_CONTENT_ALERT + noise() % 3);
    unsigned padding = i % 2 == 0 || n > 16000 ? 0 : tls13 ? noise() % 300 : 1;
    if (how->version == WT_SSL3)
        padding = 0; /* RFC 6101, 5.2.3.2: less than a block */
    make_noise(text, n);
    if (how->compression)
        memset(text, 'a', n / 2);
    size_t whole = wt_record_protector_seal(p.seal, type, tls13 ? WT_TLS12 : how->version, wt_span_of(text, n), padding,
                                            NULL, record, NULL);
    assert_true(whole > 5 || (whole == 5 && n == 0));
    assert_true(whole <= n + (tls13 ? padding : 0) + WT_SEAL_MOST + (how->compression ? 1024 : 0));
    assert_int_equal(whole - 5, wt_get16(record + 3));
    enum wt_opening result = open_whole(p.open, record, whole, i % 2 ? out : NULL, &opened);
    if (result != WT_OPENED || opened.type != type || !wt_span_equal(opened.text, wt_span_of(text, n)))
        fail_msg("%s, %s, etm %d, truncated %d, compression %d, %zu bytes: %s", how->suite->name,
                 wt_version_name(how->version), how->encrypt_then_mac, how->truncated_hmac, how->compression, n,
                 wt_wording_opening(result));
    /* RFC 5246, 6.2.3: MAC, tag, nonce and padding are all that a record gains. */
    if (!how->compression)
        assert_true(whole - 5 >= n + wt_record_protector_overhead(p.open));
    if (!how->compression && wt_cipher_of(how->suite->cipher)->mode != WT_MODE_CBC)
        assert_int_equal(whole - 5, n + wt_record_protector_overhead(p.open) + opened.padding);
}

static void check_kind(struct wt_protection *how, struct count *count)
{
    struct wt_error why;
    struct pair p = {wt_record_protector_new(crypto, how, true, &why),
                     wt_record_protector_new(crypto, how, false, &why)};
    if (!p.seal || !p.open) {
        /* Only what libcrypto has no part of may be missing, and it is named. */
        assert_int_equal(why.code, WT_UNSUPPORTED);
        assert_non_null(why.rule);
        assert_int_equal(why.value, how->suite->id);
        assert_false(wt_cipher_available(crypto, how->suite->cipher) && wt_crypto_md(crypto, how->suite->mac));
        count->lacking++;
    } else {
        for (unsigned i = 0; i < 4; i++)
            pass(p, how, i);
        assert_int_equal(wt_record_protector_sequence(p.open), 4);
        count->records += 4;
        count->kinds++;
    }
    free_pair(p);
}

static void check_version(const struct wt_suite *suite, uint16_t version, struct count *count)
{
    bool tls13 = wt_version_is_tls13(version), cbc = wt_cipher_of(suite->cipher)->mode == WT_MODE_CBC;
    for (unsigned bits = 0; bits < 8; bits++) {
        struct wt_protection how = protection_of(suite, version);
        how.encrypt_then_mac = bits & 1;
        how.truncated_hmac = bits & 2;
        how.compression = bits & 4 ? 1 : 0;
        /* RFC 7366, 3: for block ciphers alone; RFC 6066: extensions came with TLS 1.0; RFC 8446: no compression. */
        if ((how.encrypt_then_mac && !cbc) || (bits && tls13) || (bits & 3 && version == WT_SSL3) ||
            (how.truncated_hmac && suite->mac == WT_HASH_NONE))
            continue;
        check_kind(&how, count);
    }
}

static void every_suite_seals_and_opens(void **state)
{
    (void)state;
    static const uint16_t versions[] = {WT_TLCP, WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12, WT_TLS13};
    struct count count = {0};
    for (unsigned id = 0; id < 0x10000; id++) {
        const struct wt_suite *suite = wt_suite_find((uint16_t)id);
        for (size_t v = 0; suite && v < sizeof versions / sizeof *versions; v++)
            if (versions[v] >= wt_suite_min_version(suite) && versions[v] <= wt_suite_max_version(suite) &&
                (versions[v] != WT_SSL3 || suite->mac == WT_HASH_MD5 || suite->mac == WT_HASH_SHA1))
                check_version(suite, versions[v], &count);
    }
    /* Drafts of TLS 1.3 use its suites. */
    check_version(wt_suite_find(0x1301), 0x7f12, &count);
    check_version(wt_suite_find(0x1303), 0x7f1c, &count);
    print_message("%u kinds of protection, %u records; %u kinds that libcrypto lacks\n", count.kinds, count.records,
                  count.lacking);
    assert_true(count.kinds > 3000);
}

static void refuses(struct wt_protection how, enum wt_code code, const char *field, const char *words)
{
    struct wt_error why;
    char line[256];
    assert_null(wt_record_protector_new(crypto, &how, false, &why));
    assert_int_equal(why.code, code);
    assert_string_equal(why.field, field);
    wt_error_format(&why, line, sizeof line);
    if (words && !strstr(line, words))
        fail_msg("\"%s\" lacks \"%s\"", line, words);
    assert_null(wt_record_protector_new(crypto, &how, true, NULL));
}

static void setup_says_what_is_missing(void **state)
{
    (void)state;
    struct wt_protection how = protection_of(wt_suite_find(0x0081), WT_TLS12);
    refuses(how, WT_UNSUPPORTED, "cipher", "28147_CNT");
    how = protection_of(wt_suite_find(0x0083), WT_TLS12);
    refuses(how, WT_UNSUPPORTED, "hash", "GOSTR3411");
    /* A cipher of TLS 1.2 in TLS 1.3, and the reverse. */
    refuses(protection_of(wt_suite_find(0x002f), WT_TLS13), WT_UNSUPPORTED, "cipher", "AES_128_CBC");
    refuses(protection_of(wt_suite_find(0xc0b4), WT_TLS12), WT_UNSUPPORTED, "cipher", "SHA256");
    /* RFC 6101, 5.2.3.1 knows MD5 and SHA alone. */
    refuses(protection_of(wt_suite_find(0x003c), WT_SSL3), WT_UNSUPPORTED, "hash", "SHA256");
    how = protection_of(wt_suite_find(0x002f), WT_TLS12);
    how.compression = 64; /* LZS: RFC 3943 */
    refuses(how, WT_UNSUPPORTED, "compression", "64");
    how = protection_of(wt_suite_find(0x002f), WT_TLS10);
    how.key.n--;
    refuses(how, WT_LENGTH, "key", "15");
    how.key.n++;
    how.mac_key.n++;
    refuses(how, WT_LENGTH, "mac_key", "21");
    how.mac_key.n--;
    how.iv.n = 0;
    refuses(how, WT_LENGTH, "iv", "16");
    how = protection_of(wt_suite_find(0x1301), WT_TLS13);
    how.iv.n = 4;
    refuses(how, WT_LENGTH, "iv", "12");
    how = protection_of(wt_suite_find(0xc0b4), WT_TLS13);
    how.iv.n = 12;
    refuses(how, WT_LENGTH, "iv", "32");
}

static void only_counting_formats_can_be_set_ahead(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite, version;
        bool can;
    } rows[] = {
        {0x1301, WT_TLS13, true}, {0x009c, WT_TLS12, true},  {0xcca8, WT_TLS12, true},  {0x002f, WT_TLS11, true},
        {0x0002, WT_TLS12, true}, {0x002f, WT_TLS10, false}, {0x0005, WT_TLS12, false}, {0xe013, WT_TLCP, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pair p = pair_of_suite(rows[i].suite, rows[i].version);
        struct wt_opened opened;
        make_noise(text, 100);
        size_t n = 0;
        for (int k = 0; k < 3; k++)
            n = wt_record_protector_seal(p.seal, 23, WT_TLS12, wt_span_of(text, 100), 0, NULL, record, NULL);
        assert_int_equal(wt_record_protector_set_sequence(p.open, 2), rows[i].can);
        assert_int_equal(wt_record_protector_sequence(p.open), rows[i].can ? 2 : 0);
        assert_int_equal(open_whole(p.open, record, n, NULL, &opened) == WT_OPENED, rows[i].can);
        free_pair(p);
    }
    struct wt_protection how = protection_of(wt_suite_find(0x009c), WT_TLS12);
    how.compression = 1;
    struct pair p = pair_of(&how);
    assert_false(wt_record_protector_set_sequence(p.open, 2));
    free_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_suite_seals_and_opens),
                                       cmocka_unit_test(setup_says_what_is_missing),
                                       cmocka_unit_test(only_counting_formats_can_be_set_ahead)};
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
