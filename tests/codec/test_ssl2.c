/* SSL 2.0's messages: Hickman, "The SSL Protocol"; RFC 5246, E.2; RFC 2246, E.1. */
#include "message_check.h"

#define CHALLENGE "000102030405060708090a0b0c0d0e0f"

/* Whole: covered by the trail; cut at any length short of it: refused where the cut hits; a byte more: refused. */
static void check_ssl2(uint8_t type, const char *text, bool open_end)
{
    struct wt_trail_event events[64];
    struct wt_trail t = {events, 0, 64, 0};
    struct wt_span bytes = hex(text);
    struct wt_error error;
    assert_int_equal(wt_ssl2_decode(type, bytes, &t, &error), WT_OK);
    assert_int_equal(wt_ssl2_decode(type, bytes, NULL, &error), WT_OK);
    assert_null(trail_check(&t, bytes.n));
    for (size_t n = 0; n < bytes.n && !open_end; n++) {
        uint8_t *copy = exact(bytes, n);
        const struct wt_trail_event *e = hit(&t, n);
        assert_int_equal(wt_ssl2_decode(type, wt_span_of(copy, n), NULL, &error), WT_TRUNCATED);
        assert_string_equal(error.field, e->field);
        assert_int_equal(error.offset, e->offset);
        free(copy);
    }
    uint8_t *more = exact(bytes, bytes.n + 1);
    assert_int_equal(wt_ssl2_decode(type, wt_span_of(more, bytes.n + 1), NULL, &error), open_end ? WT_OK : WT_TRAILING);
    free(more);
}

static void check_ssl2_refused(uint8_t type, const char *text, enum wt_code code, const char *field, size_t offset)
{
    struct wt_error error;
    assert_int_equal(wt_ssl2_decode(type, hex(text), NULL, &error), code);
    assert_string_equal(error.field, field);
    assert_int_equal(error.offset, offset);
}

static void test_client_hello(void **state)
{
    struct wt_codec_context c = {.version = WT_SSL2};
    struct wt_decode decode;
    struct wt_ssl2_client_hello h;
    uint8_t room[64];
    struct wt_span again, bytes = hex("0301 0006 0000 0010 000004 010080" CHALLENGE);
    (void)state;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    wt_ssl2_client_hello_read(&r, &c, &h);
    assert_true(wt_reader_close(&r, "client_hello"));
    assert_int_equal(h.version, 0x0301);
    assert_span(h.cipher_specs, "000004010080");
    assert_span(h.challenge, CHALLENGE);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_ssl2_client_hello_write(&w, &c, &h);
    assert_int_equal(wt_writer_done(&w, &again), WT_OK);
    assert_true(wt_span_equal(bytes, again));
    check_ssl2(WT_SSL2_CLIENT_HELLO, "0301 0006 0000 0010 000004 010080" CHALLENGE, false);
    check_ssl2(WT_SSL2_CLIENT_HELLO, "0002 0003 0010 0010 010080" CHALLENGE CHALLENGE, false);
    /* RFC 5246, E.2: "It cannot be zero and MUST be a multiple of the V2CipherSpec length (3)." */
    check_ssl2_refused(WT_SSL2_CLIENT_HELLO, "0002 0000 0000 0010" CHALLENGE, WT_LENGTH, "cipher_specs_length", 2);
    check_ssl2_refused(WT_SSL2_CLIENT_HELLO, "0002 0004 0000 0010" CHALLENGE, WT_LENGTH, "cipher_specs_length", 2);
    /* RFC 2246, E.1: "This field must have a value of either zero or 16." */
    check_ssl2_refused(WT_SSL2_CLIENT_HELLO, "0002 0003 0001 0010" CHALLENGE, WT_LENGTH, "session_id_length", 4);
    /* RFC 5246, E.2: "Historically, permissible values are between 16 and 32 bytes inclusive." */
    check_ssl2_refused(WT_SSL2_CLIENT_HELLO, "0002 0003 0000 000f" CHALLENGE, WT_LENGTH, "challenge_length", 6);
    check_ssl2_refused(WT_SSL2_CLIENT_HELLO, "0002 0003 0000 0021" CHALLENGE, WT_LENGTH, "challenge_length", 6);
}

static void test_server_hello(void **state)
{
    struct wt_codec_context c = {.version = WT_SSL2};
    struct wt_decode decode;
    struct wt_ssl2_server_hello h;
    uint8_t room[64];
    struct wt_span again, bytes = hex("00 01 0002 0002 0003 0004 3000 010080 c0c1c2c3");
    (void)state;
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    wt_ssl2_server_hello_read(&r, &c, &h);
    assert_true(wt_reader_close(&r, "server_hello"));
    assert_int_equal(h.certificate_type, 1);
    assert_span(h.certificate, "3000");
    assert_span(h.connection_id, "c0c1c2c3");
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_ssl2_server_hello_write(&w, &c, &h);
    assert_int_equal(wt_writer_done(&w, &again), WT_OK);
    assert_true(wt_span_equal(bytes, again));
    check_ssl2(WT_SSL2_SERVER_HELLO, "00 01 0002 0002 0003 0004 3000 010080 c0c1c2c3", false);
    check_ssl2(WT_SSL2_SERVER_HELLO, "01 00 0002 0000 0000 0004 c0c1c2c3", false);
    check_ssl2_refused(WT_SSL2_SERVER_HELLO, "00 01 0002 0000 0004 0000 01008000", WT_LENGTH, "cipher_specs_length", 6);
}

static void test_others(void **state)
{
    (void)state;
    check_ssl2(WT_SSL2_ERROR, "0001", false);
    check_ssl2(WT_SSL2_CLIENT_MASTER_KEY, "020080 0003 0002 0001 a0a1a2 b0b1 c0", false);
    check_ssl2(WT_SSL2_CLIENT_CERTIFICATE, "01 0002 0003 3000 a0a1a2", false);
    check_ssl2(WT_SSL2_REQUEST_CERTIFICATE, "01" CHALLENGE, true);
    check_ssl2(WT_SSL2_CLIENT_FINISHED, CHALLENGE, true);
    check_ssl2(WT_SSL2_SERVER_VERIFY, CHALLENGE, true);
    check_ssl2(WT_SSL2_SERVER_FINISHED, CHALLENGE, true);
    check_ssl2(99, "0102", true);
    check_ssl2_refused(WT_SSL2_REQUEST_CERTIFICATE, "", WT_TRUNCATED, "authentication_type", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_hello),
        cmocka_unit_test(test_server_hello),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
