/* RFC 8446, 4.1.3 and 4.1.4; RFC 5246, 7.4.1.3; draft-ietf-tls-tls13-21, 4.1.3. */
#include "message_check.h"

#define RANDOM "a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928"
#define RETRY "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

static const struct wt_codec_context none;

static void test_rfc8448(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 8448, 3 */
    struct wt_span bytes = hex("0303" RANDOM "00 1301 00 002e"
                               "00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"
                               "002b00020304");
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, bytes, 38, &b);
    assert_int_equal(b.server_hello.legacy_version, 0x0303);
    assert_span(b.server_hello.random, RANDOM);
    assert_int_equal(b.server_hello.session_id.n, 0);
    assert_int_equal(b.server_hello.cipher_suite, 0x1301);
    assert_int_equal(b.server_hello.compression_method, 0);
    assert_true(b.server_hello.has_session_id);
    assert_true(b.server_hello.extensions.present);
    assert_int_equal(b.server_hello.extensions.block.n, 0x2e);
    assert_false(wt_server_hello_is_retry(&b.server_hello));
    assert_int_equal(wt_server_hello_downgrade(&b.server_hello), 0);
}

static void test_tls12(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0303" RANDOM "04 01020304 c02f 01 0005 ff01000100"), 42, &b);
    assert_span(b.server_hello.session_id, "01020304");
    assert_int_equal(b.server_hello.compression_method, 1);
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0300" RANDOM "00 0005 00"), SIZE_MAX, &b);
    assert_false(b.server_hello.extensions.present);
    /* An empty block is not an absent one. */
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0301" RANDOM "00 0005 00 0000"), 38, &b);
    assert_true(b.server_hello.extensions.present);
    check_refused(&none, WT_HANDSHAKE_SERVER_HELLO,
                  "0303" RANDOM "21 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 c02f 00",
                  WT_LENGTH, "session_id", 34);
}

static void test_retry(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0303" RETRY "00 1301 00 000c 003300020017 002b00020304"),
                  SIZE_MAX, &b);
    assert_true(wt_server_hello_is_retry(&b.server_hello));
    /* RFC 8446, 4.1.3: "Extension extensions<6..2^16-1>" */
    check_refused(&none, WT_HANDSHAKE_SERVER_HELLO, "0303" RETRY "00 1301 00 0004 002c 0000", WT_LENGTH, "extensions",
                  38);
    check_refused(&none, WT_HANDSHAKE_SERVER_HELLO, "0303" RETRY "00 1301 00", WT_TRUNCATED, "extensions", 38);
}

static void test_compression(void **state)
{
    struct wt_message_body b;
    struct wt_error error;
    (void)state;
    /* RFC 8446, 4.1.3: "legacy_compression_method: A single byte which MUST have the value 0." */
    check_refused(&none, WT_HANDSHAKE_SERVER_HELLO, "0303" RANDOM "00 1301 01 0006 002b00020304", WT_VALUE,
                  "compression_method", 37);
    /* All else was read: an observer goes on with it. */
    assert_int_equal(wt_message_decode(&none, WT_HANDSHAKE_SERVER_HELLO,
                                       hex("0303" RANDOM "00 1301 01 0006 002b00020304"), NULL, &b, &error),
                     WT_VALUE);
    assert_int_equal(b.server_hello.extensions.block.n, 6);
    assert_non_null(error.rule);
}

static void test_drafts(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("7f12" RANDOM "1301 0006 002900020000"), SIZE_MAX, &b);
    assert_false(b.server_hello.has_session_id);
    assert_int_equal(b.server_hello.cipher_suite, 0x1301);
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("7f15" RANDOM "1301 0000"), SIZE_MAX, &b);
    assert_false(b.server_hello.has_session_id);
    /* Up to draft 15 the version was 0x0304; today's form under that version stays today's form. */
    check_whole(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0304" RANDOM "c02b 0006 002900020000"), &b);
    assert_false(b.server_hello.has_session_id);
    assert_int_equal(b.server_hello.cipher_suite, 0xc02b);
    check_whole(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0304" RANDOM "00 1301 00 0006 002b00020304"), &b);
    assert_true(b.server_hello.has_session_id);
    check_message(&none, WT_HANDSHAKE_SERVER_HELLO, hex("0303" RANDOM "00 1301 00 0006 002b0002fb1a"), 38, &b);
    assert_true(b.server_hello.has_session_id);
}

static void test_downgrade(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_whole(&none, WT_HANDSHAKE_SERVER_HELLO,
                hex("0303 000102030405060708090a0b0c0d0e0f1011121314151617 444f574e47524401 00 c02f 00"), &b);
    assert_int_equal(wt_server_hello_downgrade(&b.server_hello), WT_TLS12);
    check_whole(&none, WT_HANDSHAKE_SERVER_HELLO,
                hex("0302 000102030405060708090a0b0c0d0e0f1011121314151617 444f574e47524400 00 002f 00"), &b);
    assert_int_equal(wt_server_hello_downgrade(&b.server_hello), WT_TLS11);
    assert_int_equal(wt_server_hello_downgrade(&(struct wt_server_hello){0}), 0);
}

static void test_hello_retry_request(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* draft-ietf-tls-tls13-18, 4.1.4; draft-ietf-tls-tls13-19, 4.1.4 */
    check_message(&none, WT_HANDSHAKE_HELLO_RETRY_REQUEST, hex("7f12 0006 002800020017"), SIZE_MAX, &b);
    assert_false(b.hello_retry_request.has_cipher_suite);
    check_message(&none, WT_HANDSHAKE_HELLO_RETRY_REQUEST, hex("7f13 1302 0006 002800020017"), SIZE_MAX, &b);
    assert_int_equal(b.hello_retry_request.cipher_suite, 0x1302);
    check_refused(&none, WT_HANDSHAKE_HELLO_RETRY_REQUEST, "7f13 1302 0000", WT_LENGTH, "extensions", 4);
}

static void test_hello_verify_request(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 6347, 4.2.1 */
    check_message(&none, WT_HANDSHAKE_HELLO_VERIFY_REQUEST, hex("feff 04 0a0b0c0d"), SIZE_MAX, &b);
    assert_int_equal(b.hello_verify_request.server_version, 0xfeff);
    assert_span(b.hello_verify_request.cookie, "0a0b0c0d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc8448),
        cmocka_unit_test(test_tls12),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_compression),
        cmocka_unit_test(test_drafts),
        cmocka_unit_test(test_downgrade),
        cmocka_unit_test(test_hello_retry_request),
        cmocka_unit_test(test_hello_verify_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
