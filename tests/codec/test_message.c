/* The dispatcher, and the messages that are too small for a test of their own. */
#include "message_check.h"

static const struct wt_codec_context ssl3 = {.version = WT_SSL3}, tls10 = {.version = WT_TLS10},
                                     tls12 = {.version = WT_TLS12}, tls13 = {.version = WT_TLS13},
                                     draft18 = {.version = 0x7f12}, draft21 = {.version = 0x7f15};

static void test_empty_messages(void **state)
{
    /* RFC 5246, 7.4.1.1: "struct { } HelloRequest;"; 7.4.5: "struct { } ServerHelloDone;"; RFC 8446, 4.5: "struct {}
     * EndOfEarlyData;" */
    static const uint8_t types[] = {WT_HANDSHAKE_HELLO_REQUEST, WT_HANDSHAKE_SERVER_HELLO_DONE,
                                    WT_HANDSHAKE_END_OF_EARLY_DATA};
    static const char *const names[] = {"hello_request", "server_hello_done", "end_of_early_data"};
    struct wt_message_body b;
    struct wt_error error;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        check_whole(&tls12, types[i], hex(""), &b);
        assert_int_equal(wt_message_decode(&tls12, types[i], (struct wt_span){0}, NULL, &b, &error), WT_OK);
        check_refused(&tls12, types[i], "00", WT_TRAILING, names[i], 0);
    }
}

static void test_finished(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 8448, 3: the server's */
    check_whole(&tls13, WT_HANDSHAKE_FINISHED, hex("9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718"),
                &b);
    assert_int_equal(b.finished.verify_data.n, 32);
    check_refused(&tls13, WT_HANDSHAKE_FINISHED, "9b9b141d906337fbd2cbdce7", WT_LENGTH, "verify_data", 0);
    check_message(&tls10, WT_HANDSHAKE_FINISHED, hex("9b9b141d906337fbd2cbdce7"), SIZE_MAX, &b);
    check_whole(&tls12, WT_HANDSHAKE_FINISHED, hex("9b9b141d906337fbd2cbdce7"), &b);
    check_whole(&tls12, WT_HANDSHAKE_FINISHED, hex("9b9b141d906337fbd2cbdce7dead"), &b);
    /* RFC 5246, 7.4.9: "such length MUST be at least 12 bytes." */
    check_refused(&tls12, WT_HANDSHAKE_FINISHED, "9b9b141d906337fbd2cbdc", WT_LENGTH, "verify_data", 0);
    /* RFC 6101, 5.6.9: "struct { opaque md5_hash[16]; opaque sha_hash[20]; } Finished;" */
    check_message(&ssl3, WT_HANDSHAKE_FINISHED,
                  hex("00010203040506070809 0a0b0c0d0e0f 000102030405060708090a0b0c0d0e0f10111213"), SIZE_MAX, &b);
    assert_int_equal(b.finished.verify_data.n, 36);
}

static void test_new_session_ticket(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 5077, 3.3 */
    check_message(&tls12, WT_HANDSHAKE_NEW_SESSION_TICKET, hex("0000012c 0003 a0a1a2"), SIZE_MAX, &b);
    assert_int_equal(b.new_session_ticket.lifetime, 300);
    assert_span(b.new_session_ticket.ticket, "a0a1a2");
    check_message(&tls12, WT_HANDSHAKE_NEW_SESSION_TICKET, hex("00000000 0000"), SIZE_MAX, &b);
    /* RFC 8446, 4.6.1; lifetime, age_add, nonce and extensions as in RFC 8448, 3 */
    check_message(&tls13, WT_HANDSHAKE_NEW_SESSION_TICKET,
                  hex("0000001e fad6aac5 02 0000 0003 2c035d 0008 002a 0004 00000400"), SIZE_MAX, &b);
    assert_int_equal(b.new_session_ticket.lifetime, 30);
    assert_int_equal(b.new_session_ticket.age_add, 0xfad6aac5);
    assert_span(b.new_session_ticket.nonce, "0000");
    /* "opaque ticket<1..2^16-1>;" */
    check_refused(&tls13, WT_HANDSHAKE_NEW_SESSION_TICKET, "0000001e fad6aac5 00 0000 0000", WT_LENGTH, "ticket", 9);
    check_message(&draft18, WT_HANDSHAKE_NEW_SESSION_TICKET, hex("0000001e fad6aac5 0003 2c035d 0000"), SIZE_MAX, &b);
    assert_int_equal(b.new_session_ticket.nonce.n, 0);
    check_message(&draft21, WT_HANDSHAKE_NEW_SESSION_TICKET, hex("0000001e fad6aac5 01 07 0003 2c035d 0000"), SIZE_MAX,
                  &b);
}

static void test_encrypted_extensions(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 8448, 3 */
    check_message(&tls13, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS,
                  hex("0022 000a00140012001d00170018001901000101010201030104 001c00024001 00000000"), SIZE_MAX, &b);
    assert_int_equal(b.encrypted_extensions.extensions.block.n, 0x22);
    check_message(&tls13, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, hex("0000"), SIZE_MAX, &b);
}

static void test_key_update(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls13, WT_HANDSHAKE_KEY_UPDATE, hex("00"), SIZE_MAX, &b);
    check_message(&tls13, WT_HANDSHAKE_KEY_UPDATE, hex("01"), SIZE_MAX, &b);
    assert_int_equal(b.key_update.request_update, 1);
    /* RFC 8446, 4.6.3: "If an implementation receives any other value, it MUST terminate the connection with an
     * "illegal_parameter" alert." */
    check_refused(&tls13, WT_HANDSHAKE_KEY_UPDATE, "02", WT_VALUE, "request_update", 0);
}

static void test_supplemental_data(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 4680, 2 */
    struct wt_trail *t =
        check_whole(&tls12, WT_HANDSHAKE_SUPPLEMENTAL_DATA, hex("00000a 0000 0002 aabb 4002 0000"), &b);
    assert_int_equal(event_of(t, "supp_data_type", 1)->value, 0x4002);
    check_message(&tls12, WT_HANDSHAKE_SUPPLEMENTAL_DATA, hex("00000a 0000 0002 aabb 4002 0000"), SIZE_MAX, &b);
    check_refused(&tls12, WT_HANDSHAKE_SUPPLEMENTAL_DATA, "000000", WT_LENGTH, "supp_data", 0);
    check_refused(&tls12, WT_HANDSHAKE_SUPPLEMENTAL_DATA, "000005 0000 0002 aa", WT_TRUNCATED, "data", 7);
}

static void test_next_protocol(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls12, WT_HANDSHAKE_NEXT_PROTOCOL, hex("06 737064792f33 02 0000"), SIZE_MAX, &b);
    assert_span(b.next_protocol.selected_protocol, "737064792f33");
    assert_int_equal(b.next_protocol.padding.n, 2);
}

static void test_opaque_types(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_whole(&tls13, WT_HANDSHAKE_MESSAGE_HASH, hex("aabb"), &b);
    assert_span(b.message_hash.hash, "aabb");
    for (unsigned type = 0; type < 256; type++) {
        switch (type) {
        case 7:
        case WT_HANDSHAKE_EKT_KEY:
        case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS_DRAFT:
        case 100:
        case 255:
            check_whole(&tls13, (uint8_t)type, hex("0102"), &b);
            assert_int_equal(b.type, type);
            assert_span(b.other, "0102");
            check_whole(&tls13, (uint8_t)type, hex(""), &b);
        }
    }
}

static void test_alert(void **state)
{
    struct wt_trail_event events[4];
    struct wt_trail t = {events, 0, 4, 0};
    struct wt_alert_body alert;
    struct wt_error error;
    (void)state;
    assert_int_equal(wt_alert_decode(hex("0228"), &t, &alert, &error), WT_OK);
    assert_int_equal(alert.level, 2);
    assert_int_equal(alert.description, 40);
    assert_null(trail_check(&t, 2));
    assert_int_equal(wt_alert_decode(hex("02"), NULL, &alert, &error), WT_TRUNCATED);
    assert_string_equal(error.field, "description");
    assert_int_equal(wt_alert_decode((struct wt_span){0}, NULL, &alert, &error), WT_TRUNCATED);
    assert_string_equal(error.field, "level");
    assert_int_equal(wt_alert_decode(hex("022800"), NULL, &alert, &error), WT_TRAILING);
}

/* RFC 5246, 7.1: "a single byte of value 1". */
static void test_change_cipher_spec(void **state)
{
    struct wt_trail_event events[2];
    struct wt_trail t = {events, 0, 2, 0};
    struct wt_error error;
    (void)state;
    assert_int_equal(wt_change_cipher_spec_decode(hex("01"), &t, &error), WT_OK);
    assert_null(trail_check(&t, 1));
    t.n = 0;
    assert_int_equal(wt_change_cipher_spec_decode(hex("02"), &t, &error), WT_VALUE);
    assert_null(trail_check(&t, 1));
    assert_int_equal(error.value, 2);
    assert_int_equal(wt_change_cipher_spec_decode((struct wt_span){0}, NULL, &error), WT_TRUNCATED);
    assert_int_equal(wt_change_cipher_spec_decode(hex("0101"), NULL, &error), WT_TRAILING);
}

static void test_heartbeat(void **state)
{
    struct wt_trail_event events[4];
    struct wt_trail t = {events, 0, 4, 0};
    struct wt_heartbeat h;
    struct wt_error error;
    (void)state;
    assert_int_equal(wt_heartbeat_decode(hex("01 0002 6869 000102030405060708090a0b0c0d0e0f"), &t, &h, &error), WT_OK);
    assert_span(h.payload, "6869");
    assert_int_equal(h.padding.n, 16);
    assert_null(trail_check(&t, 21));
    /* RFC 6520, 4: "If the payload_length of a received HeartbeatMessage is too large, the received HeartbeatMessage
     * MUST be discarded silently." What is there is kept for the story. */
    t.n = 0;
    assert_int_equal(wt_heartbeat_decode(hex("01 4000 6869"), &t, &h, &error), WT_LENGTH);
    assert_int_equal(error.offset, 1);
    assert_int_equal(error.value, 0x4000);
    assert_int_equal(error.bound, 2);
    assert_span(h.payload, "6869");
    assert_null(trail_check(&t, 5));
    /* RFC 6520, 4: "The padding_length MUST be at least 16." */
    assert_int_equal(wt_heartbeat_decode(hex("02 0002 6869 00"), NULL, &h, &error), WT_LENGTH);
    assert_string_equal(error.field, "padding");
    assert_int_equal(error.offset, 5);
    assert_int_equal(wt_heartbeat_decode(hex("0200"), NULL, &h, &error), WT_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_messages),
        cmocka_unit_test(test_finished),
        cmocka_unit_test(test_new_session_ticket),
        cmocka_unit_test(test_encrypted_extensions),
        cmocka_unit_test(test_key_update),
        cmocka_unit_test(test_supplemental_data),
        cmocka_unit_test(test_next_protocol),
        cmocka_unit_test(test_opaque_types),
        cmocka_unit_test(test_alert),
        cmocka_unit_test(test_change_cipher_spec),
        cmocka_unit_test(test_heartbeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
