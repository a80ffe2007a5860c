/* JA3, JA3S: their authors' definition; JA4: FoxIO's technical_details/JA4.md, whose examples stand here. */
#include "codec/codec.h"
#include "observer/fingerprint/fingerprint.h"
#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_crypto *digests;
static struct wt_buffer text, raw;

/* A hello written part by part. */
struct made {
    uint8_t suites[65536], block[1 << 18];
    struct wt_client_hello hello;
};
static struct made made;

static size_t unhex(uint8_t *out, const char *hex)
{
    size_t n = 0;
    for (unsigned v; *hex; hex += 2) {
        while (*hex == ' ' || *hex == ',')
            hex++;
        if (!*hex)
            break;
        char pair[3] = {hex[0], hex[1], '\0'};
        v = (unsigned)strtoul(pair, NULL, 16);
        out[n++] = (uint8_t)v;
    }
    return n;
}

static void make(uint16_t version, const char *suites)
{
    memset(&made, 0, sizeof made);
    made.hello.legacy_version = version;
    made.hello.cipher_suites = wt_span_of(made.suites, unhex(made.suites, suites));
    made.hello.extensions.block.p = made.block;
}

static void add(uint16_t id, const char *body)
{
    uint8_t *p = made.block + made.hello.extensions.block.n;
    size_t n = unhex(p + 4, body);
    p[0] = (uint8_t)(id >> 8);
    p[1] = (uint8_t)id;
    p[2] = (uint8_t)(n >> 8);
    p[3] = (uint8_t)n;
    made.hello.extensions.present = true;
    made.hello.extensions.block.n += 4 + n;
}

static void expect_text(const char *want)
{
    assert_int_equal(text.n, strlen(want));
    assert_memory_equal(text.p, want, text.n);
    text.n = 0;
}

static void expect_ja3(const char *want)
{
    assert_true(wt_fingerprint_ja3(&made.hello, &text));
    expect_text(want);
}

static void expect_ja4(char transport, const char *want)
{
    char out[WT_JA4_ROOM];
    assert_true(wt_fingerprint_ja4(&made.hello, digests, transport, out, NULL));
    assert_string_equal(out, want);
}

static void expect_head(char transport, const char *want)
{
    char out[WT_JA4_ROOM];
    assert_true(wt_fingerprint_ja4(&made.hello, digests, transport, out, NULL));
    assert_int_equal(strlen(out), 36);
    out[10] = '\0';
    assert_string_equal(out, want);
}

/* The hello of the specification's example, with GREASE strewn in. */
static void make_example(void)
{
    make(0x0303, "2a2a 1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035");
    add(0xcaca, "");
    add(0x001b, "020002");
    add(0x0000, "0006 00 0003 612e62");
    add(0x0033, "");
    add(0x0010, "000c 02 6832 08 687474702f312e31");
    add(0x4469, "");
    add(0x0017, "");
    add(0x002d, "0101");
    add(0x000d, "0012 0403,0804,0401,0503,0805,0501,0806,0601,1a1a");
    add(0x0005, "0100000000");
    add(0x0023, "");
    add(0x0012, "");
    add(0x002b, "06 dada 0304 0303");
    add(0xff01, "00");
    add(0x000b, "0100");
    add(0x000a, "0008 7a7a 001d 0017 0018");
    add(0x0015, "0000");
    add(0x8a8a, "00");
}

static void test_ja4_example(void **state)
{
    (void)state;
    make_example();
    expect_ja4('t', "t13d1516h2_8daaf6152771_e5627efa2ab1");
    expect_ja4('q', "q13d1516h2_8daaf6152771_e5627efa2ab1");
    char out[WT_JA4_ROOM];
    wt_buffer_add_text(&text, "before ");
    assert_true(wt_fingerprint_ja4(&made.hello, digests, 't', out, &text));
    expect_text("before t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_"
                "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_"
                "0403,0804,0401,0503,0805,0501,0806,0601");
}

/* "If there are no signature algorithms in the hello packet, then the string ends without an underscore and is
 * hashed. For example: [...] = 6d807ffa2a79" */
static void test_ja4_no_signatures(void **state)
{
    static const uint16_t ids[] = {0x05, 0x0a, 0x0b, 0x0d, 0x12, 0x15,   0x17,
                                   0x1b, 0x23, 0x2b, 0x2d, 0x33, 0x4469, 0xff01};
    (void)state;
    make(0x0303, "1301");
    for (size_t i = sizeof ids / sizeof *ids; i-- > 0;)
        add(ids[i], "");
    char out[WT_JA4_ROOM];
    assert_true(wt_fingerprint_ja4(&made.hello, digests, 't', out, NULL));
    assert_string_equal(out + 24, "6d807ffa2a79");
}

static void test_ja4_nothing(void **state)
{
    (void)state;
    /* "If there are no ciphers in the sorted cipher list, then the value of JA4_b is set to 000000000000"; the same of
     * extensions and JA4_c */
    make(0x0301, "");
    expect_ja4('t', "t10i000000_000000000000_000000000000");
    make(0x0301, "0a0a");
    add(0xfafa, "");
    expect_ja4('t', "t10i000000_000000000000_000000000000");
    make(0x0301, "0a0a");
    add(0x0000, "");
    add(0x0010, "0003 02 6832");
    expect_ja4('t', "t10d0002h2_000000000000_000000000000");
    char out[WT_JA4_ROOM];
    assert_true(wt_fingerprint_ja4(&made.hello, digests, 't', out, &text));
    expect_text("t10d0002h2__");
}

static void test_ja4_versions(void **state)
{
    static const struct {
        uint16_t legacy;
        const char *supported, *want;
        char transport;
    } rows[] = {
        {0x0303, NULL, "t12i010000", 't'},
        {0x0302, NULL, "t11i010000", 't'},
        {0x0300, NULL, "ts3i010000", 't'},
        {0x0002, NULL, "ts2i010000", 't'},
        {0x0200, NULL, "t00i010000", 't'},
        {0x0303, "04 0303 0304", "t13i010100", 't'},
        {0x0303, "04 fafa 0302", "t11i010100", 't'},
        {0x0303, "06 7f1c 0304 0303", "t00i010100", 't'}, /* a draft's number is the highest value */
        {0x0303, "00", "t00i010100", 't'},
        {0x0303, "", "t00i010100", 't'},
        {0x0303, "04 0304", "t13i010100", 't'}, /* cut */
        {0xfeff, NULL, "dd1i010000", 'd'},
        {0xfefd, NULL, "dd2i010000", 'd'},
        {0xfefd, "06 fefd fefc feff", "dd3i010100", 'd'},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make(rows[i].legacy, "1301");
        if (rows[i].supported)
            add(0x2b, rows[i].supported);
        expect_head(rows[i].transport, rows[i].want);
    }
}

static void test_ja4_alpn(void **state)
{
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"0009 08 687474702f312e31", "h1"},
        {"0003 02 6832", "h2"},
        /* "If the first ALPN value is only a single character, then that character is treated as both" */
        {"0002 01 68", "hh"},
        /* "no ALPN values, or the first ALPN value is empty" */
        {"0000", "00"},
        {"", "00"},
        {"0004 00 02 6832", "00"},
        /* "If the first or last byte of the first ALPN is non-alphanumeric [...] For example:" */
        {"0002 01 ab", "ab"},
        {"0003 02 abcd", "ad"},
        {"0003 02 30ab", "3b"},
        {"0005 04 3031abcd", "3d"},
        {"0005 04 30abcd31", "01"},
        /* the borders of "0x30-0x39, 0x41-0x5A, or 0x61-0x7A" */
        {"0003 02 3039", "09"},
        {"0003 02 2f30", "20"},
        {"0003 02 3a30", "30"},
        {"0003 02 415a", "AZ"},
        {"0003 02 4041", "41"},
        {"0003 02 415b", "4b"},
        {"0003 02 617a", "az"},
        {"0003 02 6061", "61"},
        {"0003 02 617b", "6b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[WT_JA4_ROOM];
        make(0x0303, "1301");
        add(0x10, rows[i].body);
        assert_true(wt_fingerprint_ja4(&made.hello, digests, 't', out, NULL));
        assert_int_equal(strlen(out), 36);
        out[10] = '\0';
        assert_string_equal(out + 8, rows[i].want);
    }
}

/* As many as the wire allows: counts stop at 99 ("If there's > 99 [...] then output 99"), lists do not. */
static void test_ja4_large(void **state)
{
    static const size_t counts[] = {64, 65, 99, 100, 255, 256, 257, 32767};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t n = counts[i], grease = 0;
        make(0x0303, "");
        for (size_t k = 0; k < n; k++) {
            uint16_t v = (uint16_t)((n - k) * 2);
            grease += wt_is_grease(v);
            made.suites[2 * k] = (uint8_t)(v >> 8);
            made.suites[2 * k + 1] = (uint8_t)v;
        }
        made.hello.cipher_suites.n = 2 * n;
        for (size_t k = 0; k < n && k < 16383; k++)
            add((uint16_t)(k * 3 + 100), "");
        char out[WT_JA4_ROOM];
        assert_true(wt_fingerprint_ja4(&made.hello, digests, 't', out, &text));
        assert_int_equal(strlen(out), 36);
        if (n > 100)
            assert_memory_equal(out + 4, "9999", 4);
        assert_memory_equal(text.p + 10, "_0002,0004,0006,", 16);
        assert_int_equal(text.p[10 + 5 * (n - grease)], n > grease ? '_' : 0);
        for (size_t k = 11; k + 5 < 10 + 5 * (n - grease); k += 5)
            assert_true(memcmp(text.p + k, text.p + k + 5, 4) < 0);
        text.n = 0;
        assert_true(wt_fingerprint_ja3(&made.hello, &text));
        text.n = 0;
    }
}

static void test_ja3(void **state)
{
    (void)state;
    make_example();
    expect_ja3("771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
               "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0");
    make(0x0301, "0004 0005 ffff 0000");
    expect_ja3("769,4-5-65535-0,,,"); /* the definition's: fields without values are left empty */
    add(0x0b, "03 00 01 ff");
    add(0x0a, "0002 0a0a");
    expect_ja3("769,4-5-65535-0,11-10,,0-1-255");
    make(0, "0a0a 0a1a"); /* the second only looks like GREASE */
    expect_ja3("0,2586,,,");
}

/* Bodies whose lengths lie: what is there is taken, nothing behind it. */
static void test_ja3_broken(void **state)
{
    (void)state;
    make(0x0303, "1301 13");
    add(0x0a, "00ff 001d 00");
    add(0x0b, "09 01");
    expect_ja3("771,4865,10-11,29,1");
    make(0x0303, "1301");
    add(0x0a, "00");
    add(0x0b, "");
    expect_ja3("771,4865,10-11,,");
    make(0x0303, "1301");
    add(0x17, "");
    made.block[3] = 9; /* the last extension is longer than the block */
    expect_ja3("771,4865,,,");
}

static void test_ja3s(void **state)
{
    struct wt_server_hello hello = {.legacy_version = 0x0303, .cipher_suite = 0x1301};
    (void)state;
    assert_true(wt_fingerprint_ja3s(&hello, &text));
    expect_text("771,4865,");
    make(0, "");
    add(0x2b, "0304");
    add(0xff01, "00");
    hello.extensions = made.hello.extensions;
    hello.cipher_suite = 0xffff;
    assert_true(wt_fingerprint_ja3s(&hello, &text));
    expect_text("771,65535,43-65281");
}

static void expect_text_of(const char *is, const char *expected)
{
    assert_non_null(is);
    assert_string_equal(is, expected);
}

/* The second time, and when nothing but what they are made of is missing, they come out of the memo. */
static void expect_same(struct wt_fingerprint_memo *memo)
{
    struct wt_fingerprints of, anew;
    struct wt_buffer own[2] = {{0}, {0}};
    wt_fingerprint_client(NULL, &made.hello, digests, &own[0], &own[1], &anew);
    for (unsigned time = 0; time < 4; time++) {
        struct wt_buffer *wanted = time < 2 ? NULL : &raw;
        text.n = 3; /* room that is not worked in when it was made before */
        wt_fingerprint_client(memo, &made.hello, digests, &text, wanted, &of);
        assert_true(time % 2 == 0 || text.n == 3);
        assert_int_equal(of.has_ja3, anew.has_ja3);
        assert_memory_equal(of.ja3, anew.ja3, sizeof of.ja3);
        assert_string_equal(of.ja4, anew.ja4);
        if (wanted) {
            expect_text_of(of.ja3_text, anew.ja3_text);
            expect_text_of(of.ja4_raw, anew.ja4_raw);
        }
    }
    wt_buffer_free(&own[0]);
    wt_buffer_free(&own[1]);
    text.n = raw.n = 0;
}

/* Whatever is another byte of a hello, the fingerprints out of the memo are those that are made anew. */
static void test_memo(void **state)
{
    struct wt_fingerprint_memo *memo = wt_fingerprint_memo_new();
    (void)state;
    assert_non_null(memo);
    make_example();
    expect_same(memo);
    for (unsigned bit = 0; bit < 8; bit++) {
        for (size_t i = 0; i < made.hello.cipher_suites.n; i++) {
            made.suites[i] ^= (uint8_t)(1u << bit);
            expect_same(memo);
            made.suites[i] ^= (uint8_t)(1u << bit);
        }
        for (size_t i = 0; i < made.hello.extensions.block.n; i++) {
            made.block[i] ^= (uint8_t)(1u << bit);
            expect_same(memo);
            made.block[i] ^= (uint8_t)(1u << bit);
        }
        made.hello.legacy_version ^= (uint16_t)(1u << bit);
        expect_same(memo);
        made.hello.legacy_version ^= (uint16_t)(1u << bit);
    }
    for (size_t n = made.hello.cipher_suites.n; n > 0; n -= 2) {
        made.hello.cipher_suites.n = n;
        expect_same(memo);
    }
    wt_fingerprint_memo_free(memo);
}

static void expect_same_server(struct wt_fingerprint_memo *memo, const struct wt_server_hello *hello)
{
    struct wt_fingerprints of, anew;
    struct wt_buffer own = {0};
    wt_fingerprint_server(NULL, hello, digests, &own, true, &anew);
    for (unsigned time = 0; time < 4; time++) {
        text.n = 3;
        wt_fingerprint_server(memo, hello, digests, &text, time >= 2, &of);
        assert_true(time % 2 == 0 || text.n == 3);
        assert_int_equal(of.has_ja3, anew.has_ja3);
        assert_memory_equal(of.ja3, anew.ja3, sizeof of.ja3);
        if (time >= 2)
            expect_text_of(of.ja3_text, anew.ja3_text);
    }
    wt_buffer_free(&own);
    text.n = 0;
}

/* Likewise of a server: version, suite and each extension's type count, and no more. */
static void test_memo_server(void **state)
{
    struct wt_fingerprint_memo *memo = wt_fingerprint_memo_new();
    (void)state;
    make(0, "");
    add(0x2b, "0304");
    add(0xff01, "00");
    struct wt_server_hello hello = {
        .legacy_version = 0x0303, .cipher_suite = 0x1301, .extensions = made.hello.extensions};
    expect_same_server(memo, &hello);
    for (unsigned bit = 0; bit < 16; bit++) {
        hello.cipher_suite ^= (uint16_t)(1u << bit);
        expect_same_server(memo, &hello);
        hello.cipher_suite ^= (uint16_t)(1u << bit);
        hello.legacy_version ^= (uint16_t)(1u << bit);
        expect_same_server(memo, &hello);
        hello.legacy_version ^= (uint16_t)(1u << bit);
    }
    for (size_t i = 0; i < hello.extensions.block.n; i++) {
        made.block[i] ^= 1;
        expect_same_server(memo, &hello);
        made.block[i] ^= 1;
    }
    wt_fingerprint_memo_free(memo);
}

/* Of many, as many as there are slots are remembered: the newest of each. */
static void test_memo_slots(void **state)
{
    enum { MANY = 40 * WT_LIMIT_FINGERPRINTS }; /* so that each slot has some */
    for (unsigned n = 1; n <= MANY; n += MANY - 1) {
        struct wt_fingerprint_memo *memo = wt_fingerprint_memo_new();
        struct wt_fingerprints of;
        unsigned remembered = 0;
        assert_non_null(memo);
        make_example();
        for (unsigned i = 0; i < 2 * n;
             i++) { /* then from the newest to the oldest: none is asked for in vain before */
            const unsigned suite = i < n ? i : 2 * n - 1 - i;
            made.suites[0] = (uint8_t)(suite >> 8);
            made.suites[1] = (uint8_t)suite;
            text.n = 0;
            wt_fingerprint_client(memo, &made.hello, digests, &text, NULL, &of);
            remembered += i >= n && text.n == 0;
        }
        assert_int_equal(remembered, n == 1 ? 1 : WT_LIMIT_FINGERPRINTS);
        wt_fingerprint_memo_free(memo);
    }
    (void)state;
    text.n = 0;
}

/* One that is too long to be remembered is made each time. */
static void test_memo_large(void **state)
{
    struct wt_fingerprint_memo *memo = wt_fingerprint_memo_new();
    struct wt_fingerprints of, anew;
    (void)state;
    make_example();
    made.hello.cipher_suites.n = 1000;
    wt_fingerprint_client(NULL, &made.hello, digests, &text, NULL, &anew);
    wt_fingerprint_client(memo, &made.hello, digests, &text, NULL, &of);
    assert_string_equal(of.ja4, anew.ja4);
    assert_memory_equal(of.ja3, anew.ja3, sizeof of.ja3);
    wt_fingerprint_memo_free(memo);
    text.n = 0;
}

static int set_up(void **state)
{
    (void)state;
    return (digests = wt_crypto_new()) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    wt_crypto_free(digests);
    wt_buffer_free(&text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ja4_example), cmocka_unit_test(test_ja4_no_signatures),
        cmocka_unit_test(test_ja4_nothing), cmocka_unit_test(test_ja4_versions),
        cmocka_unit_test(test_ja4_alpn),    cmocka_unit_test(test_ja4_large),
        cmocka_unit_test(test_ja3),         cmocka_unit_test(test_ja3_broken),
        cmocka_unit_test(test_ja3s),        cmocka_unit_test(test_memo),
        cmocka_unit_test(test_memo_large),  cmocka_unit_test(test_memo_slots),
        cmocka_unit_test(test_memo_server),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
