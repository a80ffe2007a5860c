/* RFC 8446, 4.1.2; RFC 5246, 7.4.1.2; RFC 6347, 4.2.1. */
#include "message_check.h"

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CH WT_HANDSHAKE_CLIENT_HELLO

static const struct wt_codec_context none;

static void test_whole(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&none, CH,
                  hex("0303" RANDOM "02 aabb 0006 0a0a c02f 002f 0100"
                      "0019 0000 000a 0008 00 0005 612e6f7267 0017 0000 0a0a 0003 010203"),
                  50 - 3, &b);
    assert_int_equal(b.client_hello.legacy_version, 0x0303);
    assert_span(b.client_hello.session_id, "aabb");
    assert_int_equal(wt_codes_count(b.client_hello.cipher_suites), 3);
    assert_int_equal(wt_codes_at(b.client_hello.cipher_suites, 1), 0xc02f);
    assert_true(wt_codes_have(b.client_hello.cipher_suites, 0x0a0a));
    assert_span(b.client_hello.compression_methods, "00");
    assert_int_equal(b.client_hello.extensions.block.n, 0x19);
    check_message(&none, CH, hex("0300" RANDOM "00 0002 0005 0100"), SIZE_MAX, &b);
    assert_false(b.client_hello.extensions.present);
}

static void test_dtls(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&none, CH, hex("fefd" RANDOM "00 03 c0c1c2 0002 c02b 0100"), SIZE_MAX, &b);
    assert_span(b.client_hello.cookie, "c0c1c2");
}

static void test_bounds(void **state)
{
    (void)state;
    check_refused(&none, CH, "0303" RANDOM "21", WT_LENGTH, "session_id", 34);
    /* RFC 8446, 4.1.2: "CipherSuite cipher_suites<2..2^16-2>;", each of two bytes */
    check_refused(&none, CH, "0303" RANDOM "00 0000 0100", WT_LENGTH, "cipher_suites", 35);
    check_refused(&none, CH, "0303" RANDOM "00 0003 c02f00 0100", WT_LENGTH, "cipher_suites", 37);
    check_refused(&none, CH, "0303" RANDOM "00 ffff", WT_LENGTH, "cipher_suites", 35);
    check_refused(&none, CH, "0303" RANDOM "00 0002 c02f 00", WT_LENGTH, "compression_methods", 39);
    /* RFC 8446, 4.2: "There MUST NOT be more than one extension of the same type in a given extension block." */
    check_refused(&none, CH, "0303" RANDOM "00 0002 c02f 0100 0008 00170000 00170000", WT_DUPLICATE, "extension_type",
                  47);
}

static void decode(const char *text, struct wt_client_hello *hello, enum wt_code code)
{
    struct wt_message_body b;
    struct wt_error error;
    assert_int_equal(wt_message_decode(&none, CH, hex(text), NULL, &b, &error), code);
    *hello = b.client_hello;
}

/* RFC 8446, 3.4: "the actual length precedes the vector's contents in the byte stream": a length that is not allowed hides
 * nothing of what follows. */
static void test_read_on(void **state)
{
    struct wt_client_hello hello;
    (void)state;
    decode("0303" RANDOM "21" RANDOM "20 0002 c02f 0100 0004 00170000", &hello, WT_LENGTH);
    assert_int_equal(hello.session_id.n, 0);
    assert_int_equal(wt_codes_at(hello.cipher_suites, 0), 0xc02f);
    assert_true(hello.complete && hello.extensions.indexed);
    decode("0303" RANDOM "00 0003 c02f00 0100 0004 00170000", &hello, WT_LENGTH);
    assert_span(hello.cipher_suites, "c02f");
    assert_span(hello.compression_methods, "00");
    assert_true(hello.complete && hello.extensions.indexed);
    decode("0303" RANDOM "00 0000 00 0000", &hello, WT_LENGTH);
    assert_true(hello.complete && hello.extensions.present);
    decode("0303" RANDOM "00 0002 c02f 0100 0008 00170000 00170000", &hello, WT_DUPLICATE);
    assert_true(hello.complete);
    decode("0303" RANDOM "00 0002 c02f 0100 0004 00170001", &hello, WT_TRUNCATED);
    assert_false(hello.complete);
    decode("0303" RANDOM "00 0002 c02f", &hello, WT_TRUNCATED);
    assert_false(hello.complete);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_dtls),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_read_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
