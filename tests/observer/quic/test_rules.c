/* What handshake messages may come over QUIC, in which packets and in which order. */
#include "wire.h"

static const struct how plain;
static char cause[64], sentence[1024];

static bool found(const char *id)
{
    const char *at = strstr(told.findings, id);
    return at && at[strlen(id)] == ' ';
}

static void hear_cause(void *context, const struct wt_connection *c)
{
    hear(context, c);
    cause[0] = sentence[0] = 0;
    for (size_t i = 0; i < c->finding_count; i++) {
        if (c->findings[i].severity == WT_FATAL)
            copy_text(cause, sizeof cause, wt_span_text(c->findings[i].id));
        if (!strcmp(c->findings[i].id, "quic-protocol-violation"))
            copy_text(sentence, sizeof sentence, wt_span_text(c->findings[i].text));
    }
}

static int start_here(void **state)
{
    (void)state;
    observe(true);
    wt_observer_free(o);
    const struct wt_observer_options options = {
        .size = sizeof options, .connection = hear_cause, .keep_messages = true, .keys = keys};
    o = wt_observer_new(&options, NULL);
    assert_non_null(o);
    wt_observer_file(o, "capture");
    return 0;
}

/* --- a flight with a certificate, whatever is in it --------------------------------------------------------------- */

static const char empty_certificate[] = "\x0b\0\0\4\0\0\0\0";
static const char verify[] = "\x0f\0\0\x08\4\3\0\4sign";
static const char key_update[] = "\x18\0\0\1\0";
static const char end_of_early_data[] = "\5\0\0\0";
static const char request[] = "\x0d\0\0\x0b\0\0\x08\0\x0d\0\4\0\2\4\3";

static void add(struct wt_writer *w, const char *message, size_t n)
{
    wt_write_bytes(w, wt_span_of(message, n - 1));
}
#define ADD(w, message) add(w, message, sizeof(message))

/* The parts of server_flight(): EncryptedExtensions, and the Finished that is its end. */
enum { FINISHED = 36 };

static void say_hellos(void)
{
    uint8_t hello[1024];
    say_client_hello((struct wt_span){0}, 0);
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
}

enum { WITH_CERTIFICATE = 1, WITH_VERIFY = 2, SWAPPED = 4, WITH_FINISHED = 8, RIGHT = 11 };

static size_t flight_of(uint8_t *out, size_t size, unsigned what)
{
    uint8_t flight[1024];
    const struct parameters p = right_parameters();
    const size_t n = server_flight(flight, sizeof flight, &p) - FINISHED;
    struct wt_writer w = wt_writer_start(out, size);
    wt_write_bytes(&w, wt_span_of(flight, n));
    if (what & SWAPPED)
        ADD(&w, verify);
    if (what & WITH_CERTIFICATE)
        ADD(&w, empty_certificate);
    if (what & WITH_VERIFY && !(what & SWAPPED))
        ADD(&w, verify);
    say(SAID_FLIGHT, out, w.n);
    if (what & WITH_FINISHED)
        put_finished(&w, WT_SERVER, w.n);
    say(SAID_FLIGHT, out, w.n);
    return w.n;
}

static void begin_with(unsigned what)
{
    uint8_t flight[2048];
    say_hellos();
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, flight_of(flight, sizeof flight, what)));
}

static void come_up(void)
{
    begin_with(RIGHT);
    client_finishes();
}

static void violated(bool expected)
{
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(found("quic-protocol-violation"), expected);
    assert_false(found("unexpected-message"));
    assert_false(found("handshake-step-skipped"));
}

/* --- what is right ------------------------------------------------------------------------------------------------ */

static const char ticket[] = "\4\0\0\x1c\0\0\x0e\x10\0\0\0\0\1\1\0\6ticket\0\x08\0\x2a\0\4\xff\xff\xff\xff";
static const char small_ticket[] = "\4\0\0\x1c\0\0\x0e\x10\0\0\0\0\1\1\0\6ticket\0\x08\0\x2a\0\4\0\0\x03\xe8";
#define TICKET(t) wt_span_of(t, sizeof(t) - 1)

static void all_is_right(void **state)
{
    (void)state;
    come_up();
    send_crypto(WT_SERVER, WT_QUIC_1RTT, &plain, 0, TICKET(ticket));
    violated(false);
    assert_int_equal(told.state, WT_ESTABLISHED);
}

/* RFC 9001, 4.1.4: packets of one level overtake those of another. */
static void a_ticket_overtakes_the_flight(void **state)
{
    (void)state;
    uint8_t flight[2048];
    say_hellos();
    const size_t n = flight_of(flight, sizeof flight, RIGHT), half = n / 2;
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, half));
    send_crypto(WT_SERVER, WT_QUIC_1RTT, &plain, 0, TICKET(ticket));
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, half, wt_span_of(flight + half, n - half));
    client_finishes();
    violated(false);
}

/* What never came may be what seems to have been left out. */
static void a_part_of_the_flight_is_missing(void **state)
{
    (void)state;
    uint8_t flight[2048];
    say_hellos();
    const size_t n = flight_of(flight, sizeof flight, RIGHT);
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, 20));
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 60, wt_span_of(flight + 60, n - 60));
    client_finishes();
    violated(false);
}

/* --- order: RFC 8446, 4 ------------------------------------------------------------------------------------------- */

static void a_flight_without_its_certificate(void **state)
{
    (void)state;
    begin_with(WITH_FINISHED);
    finish();
    assert_true(found("handshake-step-skipped"));
    assert_false(found("quic-protocol-violation"));
}

static void a_certificate_behind_its_proof(void **state)
{
    (void)state;
    begin_with(RIGHT | SWAPPED);
    finish();
    assert_true(found("handshake-step-skipped") || found("unexpected-message"));
}

static void two_server_hellos(void **state)
{
    (void)state;
    uint8_t hello[2048];
    say_client_hello((struct wt_span){0}, 0);
    const size_t n = server_hello(hello, sizeof hello);
    memcpy(hello + n, hello, n);
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, 2 * n));
    finish();
    assert_true(found("unexpected-message"));
}

/* --- what QUIC itself forbids ------------------------------------------------------------------------------------- */

/* RFC 9001, 6. */
static void a_key_update(void **state)
{
    (void)state;
    come_up();
    send_crypto(WT_CLIENT, WT_QUIC_1RTT, &plain, 0, TICKET(key_update));
    violated(true);
    assert_non_null(strstr(sentence, "key_update"));
    assert_non_null(strstr(sentence, "0x010a, unexpected_message"));
    assert_int_equal(told.state, WT_ESTABLISHED);
}

static void a_key_update_of_the_servers(void **state)
{
    (void)state;
    come_up();
    send_crypto(WT_SERVER, WT_QUIC_1RTT, &plain, 0, TICKET(key_update));
    violated(true);
}

/* And the server closes for it: RFC 9001, 4.8. */
static void closed_by(uint64_t code)
{
    static uint8_t frames[64];
    const struct wt_quic_frame close = {.kind = WT_FRAME_CONNECTION_CLOSE, .type = 0x1c, .error_code = code};
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    begin_with(RIGHT);
    send_crypto(WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, 0, TICKET(key_update));
    wt_quic_frame_write(&w, &close);
    send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(frames, w.n));
    finish();
}

static void a_key_update_that_ends_it(void **state)
{
    (void)state;
    closed_by(0x010a);
    assert_string_equal(cause, "quic-protocol-violation");
}

static void a_key_update_that_ends_it_by_a_general_code(void **state)
{
    (void)state;
    closed_by(WT_QUIC_PROTOCOL_VIOLATION);
    assert_string_equal(cause, "quic-protocol-violation");
}

/* CONNECTION_REFUSED: it is closed for something else. */
static void a_key_update_before_another_end(void **state)
{
    (void)state;
    closed_by(0x02);
    assert_string_equal(cause, "rejected-by-server");
    assert_true(found("quic-protocol-violation"));
}

/* RFC 9001, 8.3. */
static void an_end_of_early_data(void **state)
{
    (void)state;
    begin_with(RIGHT);
    send_crypto(WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, 0, TICKET(end_of_early_data));
    violated(true);
}

static void a_crypto_frame_in_0rtt(void **state)
{
    (void)state;
    static const char extension[] = "\0\x2a\0\0";
    const struct how how = {.to = first_id, .to_length = first_id_length};
    memcpy(more_extensions, extension, 4);
    more_extensions_length = 4;
    say_client_hello((struct wt_span){0}, 0);
    send_crypto(WT_CLIENT, WT_QUIC_0RTT, &how, 0, TICKET(end_of_early_data));
    violated(true);
    assert_int_equal(told.messages, 1);
}

/* RFC 9001, 4.4. */
static void a_request_after_the_handshake(void **state)
{
    (void)state;
    come_up();
    send_crypto(WT_SERVER, WT_QUIC_1RTT, &plain, 0, TICKET(request));
    violated(true);
}

/* RFC 9001, 4.6.1. */
static void a_ticket_for_less(void **state)
{
    (void)state;
    come_up();
    send_crypto(WT_SERVER, WT_QUIC_1RTT, &plain, 0, TICKET(small_ticket));
    violated(true);
}

/* RFC 9001, 4.1.3: in packets of an earlier level, and of a later one. */
static void extensions_in_an_initial_packet(void **state)
{
    (void)state;
    uint8_t hello[2048], flight[1024];
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    const size_t n = server_hello(hello, sizeof hello), m = server_flight(flight, sizeof flight, &p) - FINISHED;
    memcpy(hello + n, flight, m);
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, n + m));
    violated(true);
    assert_non_null(strstr(sentence, "PROTOCOL_VIOLATION"));
}

static void a_ticket_in_a_handshake_packet(void **state)
{
    (void)state;
    uint8_t flight[2048];
    say_hellos();
    const size_t n = flight_of(flight, sizeof flight, RIGHT);
    memcpy(flight + n, ticket, sizeof ticket - 1);
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, n + sizeof ticket - 1));
    violated(true);
}

static void a_finished_in_a_1rtt_packet(void **state)
{
    (void)state;
    uint8_t finished[FINISHED];
    begin_with(RIGHT);
    struct wt_writer w = wt_writer_start(finished, sizeof finished);
    put_finished(&w, WT_CLIENT, said[SAID_FLIGHT].n);
    send_crypto(WT_CLIENT, WT_QUIC_1RTT, &plain, 0, wt_span_of(finished, w.n));
    violated(true);
    assert_non_null(strstr(sentence, "unexpected_message"));
}

/* RFC 9001, 8.4. */
static void hello_with_session_id(uint32_t of, bool expected)
{
    enum { AT = 4 + 2 + 32 };
    uint8_t hello[1024];
    const struct how how = {.to = first_id, .to_length = first_id_length};
    version = of;
    size_t n = client_hello(hello, sizeof hello, 0);
    memmove(hello + AT + 2, hello + AT + 1, n - AT - 1);
    hello[AT] = 1;
    hello[AT + 1] = 0x5e;
    n++;
    hello[3]++;
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(hello, n));
    violated(expected);
}

static void a_session_id(void **state)
{
    (void)state;
    hello_with_session_id(V1, true);
    assert_non_null(strstr(sentence, "client_hello"));
}

static void a_session_id_in_a_draft(void **state)
{
    (void)state;
    hello_with_session_id(0xff00001b, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_is_right, start_here, stop),
        cmocka_unit_test_setup_teardown(a_ticket_overtakes_the_flight, start_here, stop),
        cmocka_unit_test_setup_teardown(a_part_of_the_flight_is_missing, start_here, stop),
        cmocka_unit_test_setup_teardown(a_flight_without_its_certificate, start_here, stop),
        cmocka_unit_test_setup_teardown(a_certificate_behind_its_proof, start_here, stop),
        cmocka_unit_test_setup_teardown(two_server_hellos, start_here, stop),
        cmocka_unit_test_setup_teardown(a_key_update, start_here, stop),
        cmocka_unit_test_setup_teardown(a_key_update_of_the_servers, start_here, stop),
        cmocka_unit_test_setup_teardown(a_key_update_that_ends_it, start_here, stop),
        cmocka_unit_test_setup_teardown(a_key_update_that_ends_it_by_a_general_code, start_here, stop),
        cmocka_unit_test_setup_teardown(a_key_update_before_another_end, start_here, stop),
        cmocka_unit_test_setup_teardown(an_end_of_early_data, start_here, stop),
        cmocka_unit_test_setup_teardown(a_crypto_frame_in_0rtt, start_here, stop),
        cmocka_unit_test_setup_teardown(a_request_after_the_handshake, start_here, stop),
        cmocka_unit_test_setup_teardown(a_ticket_for_less, start_here, stop),
        cmocka_unit_test_setup_teardown(extensions_in_an_initial_packet, start_here, stop),
        cmocka_unit_test_setup_teardown(a_ticket_in_a_handshake_packet, start_here, stop),
        cmocka_unit_test_setup_teardown(a_finished_in_a_1rtt_packet, start_here, stop),
        cmocka_unit_test_setup_teardown(a_session_id, start_here, stop),
        cmocka_unit_test_setup_teardown(a_session_id_in_a_draft, start_here, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
