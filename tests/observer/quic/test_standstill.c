/* Handshakes that stand still: who is not heard, who is silent, and when it only seems so. */
#include "wire.h"

#include "observer/quic/standstill.h"

static const struct how plain;
static const int64_t second = 1000000000;
static struct wt_quic_stands stands;
static char cause[64], sentence[1024], advice[1024];

static bool found(const char *id)
{
    const char *at = strstr(told.findings, id);
    return at && at[strlen(id)] == ' ';
}

static void hear_cause(void *context, const struct wt_connection *c)
{
    hear(context, c);
    cause[0] = 0;
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL) {
            copy_text(advice, sizeof advice, wt_span_text(c->findings[i].advice));
            copy_text(cause, sizeof cause, wt_span_text(c->findings[i].id));
            copy_text(sentence, sizeof sentence, wt_span_text(c->findings[i].text));
        }
}

static int start_with(bool with_keys)
{
    observe(with_keys);
    wt_observer_free(o);
    const struct wt_observer_options options = {
        .size = sizeof options, .connection = hear_cause, .keep_messages = true, .keys = keys};
    o = wt_observer_new(&options, NULL);
    assert_non_null(o);
    wt_observer_file(o, "capture");
    return 0;
}

static int start_keyed(void **state)
{
    (void)state;
    return start_with(true);
}

static int start_bare(void **state)
{
    (void)state;
    return start_with(false);
}

/* --- what the sides say again ------------------------------------------------------------------------------------- */

static void server_again(unsigned times)
{
    static uint8_t flight[1100];
    const struct how how = {0};
    for (unsigned i = 0; i < times; i++) {
        now += second;
        send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &how, 0, wt_span_of(flight, sizeof flight));
    }
}

/* RFC 9000, 14.1: in a datagram of 1,200 bytes. */
static void say_whole_hello(void)
{
    uint8_t hello[1024], frames[1150] = {0};
    const struct how how = {.to = first_id, .to_length = first_id_length};
    (void)put_crypto(frames, sizeof frames, 0, wt_span_of(hello, client_hello(hello, sizeof hello, 0)));
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, sizeof frames));
}

static void client_hello_again(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        now += second;
        say_client_hello((struct wt_span){0}, 0);
    }
}

static void ping(unsigned from, enum wt_quic_packet type, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        now += second;
        send_sealed(from, type, &plain, wt_span_text("\1"));
    }
}

static void end(void)
{
    stands = wt_quic_standstill(seen());
    finish();
    assert_int_equal(told.count, 1);
}

/* The cause is told, and nothing else is fatal. */
static void stalled(enum wt_quic_standstill kind, unsigned side)
{
    end();
    assert_int_equal(stands.kind, kind);
    assert_int_equal(stands.side, side);
    assert_int_equal(told.state, WT_FAILED);
    assert_string_equal(cause, kind == WT_QUIC_UNANSWERED ? "no-answer-to-client-hello" : "handshake-stalled");
}

static void goes_on(unsigned state)
{
    end();
    assert_int_equal(stands.kind, WT_QUIC_GOES_ON);
    assert_int_equal(told.state, state);
    assert_string_equal(cause, "");
}

static void acknowledge(unsigned from, enum wt_quic_packet type, uint64_t largest)
{
    const uint8_t ack[] = {0x02, (uint8_t)largest, 0, 0, 0};
    send_sealed(from, type, &plain, wt_span_of(ack, sizeof ack));
}

/* Without the end of one of its packets the capture may lack what was waited for. */
static void a_packet_is_cut(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    static uint8_t out[1200];
    say_whole_hello();
    answer(&p);
    send_as(WT_CLIENT, out, seal(out, WT_CLIENT, WT_QUIC_INITIAL, &plain, wt_span_text("\1\1\1\1")), 30);
    server_again(3);
    goes_on(WT_INCOMPLETE);
}

/* RFC 9001, 5.7: "A client generally receives 1-RTT keys at the same time as the handshake completes": the ServerHello
 * is missing in the capture alone. */
static void the_client_goes_on(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    uint8_t flight[1024];
    say_whole_hello();
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, server_flight(flight, sizeof flight, &p)));
    ping(WT_CLIENT, WT_QUIC_1RTT, 1);
    server_again(1);
    ping(WT_CLIENT, WT_QUIC_1RTT, 9);
    goes_on(WT_INCOMPLETE);
}

/* --- before the client has finished ------------------------------------------------------------------------------- */

static void nobody_answers(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    client_hello_again(3);
    stalled(WT_QUIC_UNANSWERED, WT_SERVER);
    assert_non_null(strstr(advice, "what drops UDP on the way")); /* and nothing of TCP's segments */
}

/* Once is what loss does: RFC 9002, 6.2. */
static void the_capture_ends_too_soon(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    client_hello_again(1);
    goes_on(WT_INCOMPLETE);
}

/* The capture has one direction: the client acknowledges what is not here. */
static void one_direction_alone(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    acknowledge(WT_CLIENT, WT_QUIC_INITIAL, 0);
    client_hello_again(3);
    goes_on(WT_INCOMPLETE);
}

static void the_answer_does_not_arrive(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    for (unsigned i = 0; i < 3; i++) {
        client_hello_again(1);
        server_again(1);
    }
    stalled(WT_QUIC_UNHEARD, WT_SERVER);
    assert_non_null(strstr(sentence, "does not reach the client"));
    assert_non_null(strstr(sentence, "bytes or more")); /* all that is lost is large */
}

static void a_part_of_the_flight_does_not_arrive(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 1); /* it has the keys: the ServerHello came */
    for (unsigned i = 0; i < 3; i++) {
        ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 1);
        ping(WT_SERVER, WT_QUIC_HANDSHAKE, 1);
    }
    stalled(WT_QUIC_UNHEARD, WT_SERVER);
    assert_non_null(strstr(sentence, "not the whole of its flight"));
    assert_null(strstr(sentence, "bytes or more"));
}

static void the_client_is_gone(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    say_whole_hello();
    answer(&p);
    server_again(3);
    stalled(WT_QUIC_SILENT, WT_CLIENT);
}

static void the_server_is_gone(void **state)
{
    (void)state;
    uint8_t hello[1024];
    say_whole_hello();
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 4);
    stalled(WT_QUIC_SILENT, WT_SERVER);
}

/* RFC 9000, 8.1. */
static void limited(bool client_speaks)
{
    static uint8_t part[1100];
    uint8_t hello[1024];
    say_whole_hello();
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    part[0] = WT_HANDSHAKE_CERTIFICATE; /* of more than is sent */
    part[2] = 0x20;
    for (unsigned i = 0; i < 3; i++)
        send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, i * sizeof part, wt_span_of(part, sizeof part));
    if (client_speaks)
        ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 4);
}

static void the_server_may_not_go_on(void **state)
{
    (void)state;
    limited(true);
    stalled(WT_QUIC_LIMITED, WT_SERVER);
    assert_non_null(strstr(sentence, "three times"));
    assert_true(found("quic-amplification-stall"));
}

/* A Retry whose tag does not hold is discarded: the client hears of nothing. */
static void the_retry_is_discarded(void **state)
{
    (void)state;
    uint8_t retry[128];
    struct wt_writer w = wt_writer_start(retry, sizeof retry);
    wt_write_u8(&w, 0xf0);
    wt_write_u32(&w, version);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_text("retry-id"), 1, 0, 20, "scid");
    wt_write_bytes(&w, wt_span_text("a token and sixteen more"));
    say_whole_hello();
    for (unsigned i = 0; i < 3; i++) {
        send_datagram(WT_SERVER, retry, w.n);
        client_hello_again(1);
    }
    end();
    assert_int_equal(told.state, WT_FAILED);
    assert_string_equal(cause, "quic-retry-bad-tag");
}

/* RFC 9000, 20.1: a code that is no alert's. */
static void closed_with(unsigned from, uint64_t code, const char *wanted)
{
    uint8_t frames[64];
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    const struct wt_quic_frame f = {.kind = WT_FRAME_CONNECTION_CLOSE,
                                    .type = 0x1c,
                                    .error_code = code,
                                    .reason_phrase = wt_span_text("no more of you")};
    say_whole_hello();
    wt_quic_frame_write(&w, &f);
    send_sealed(from, WT_QUIC_INITIAL, &plain, wt_span_of(frames, w.n));
    end();
    assert_int_equal(told.state, WT_FAILED);
    assert_string_equal(cause, wanted);
}

static void the_server_refuses(void **state)
{
    (void)state;
    closed_with(WT_SERVER, 0x02, "rejected-by-server");
    assert_non_null(strstr(sentence, "CONNECTION_REFUSED (0x2) (\"no more of you\")"));
    assert_non_null(strstr(sentence, "client_hello from the client"));
}

/* A client that leaves at once has had no answer to wait for. */
static void the_client_gives_up(void **state)
{
    (void)state;
    closed_with(WT_CLIENT, 0x0a, "no-answer-to-client-hello");
}

/* --- after it ----------------------------------------------------------------------------------------------------- */

static void the_finished_does_not_arrive(void **state)
{
    (void)state;
    shake_hands();
    server_again(3);
    stalled(WT_QUIC_UNHEARD, WT_CLIENT);
    assert_non_null(strstr(sentence, "client's Finished"));
    assert_false(found("quic-idle-timeout"));
}

/* RFC 9001, 4.9.2: who goes on with 1-RTT packets alone has it. */
static void the_server_goes_on(void **state)
{
    (void)state;
    shake_hands();
    ping(WT_CLIENT, WT_QUIC_1RTT, 1);
    server_again(2);
    ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 2);
    ping(WT_SERVER, WT_QUIC_1RTT, 1);
    goes_on(WT_ESTABLISHED);
}

/* Without keys: both say something again that was under way. */
static void the_flight_and_the_finished_cross(void **state)
{
    (void)state;
    shake_hands();
    ping(WT_CLIENT, WT_QUIC_1RTT, 1);
    now += 100000000;
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_text("again"));
    client_finishes();
    now += 100000000;
    client_finishes();
    now += 5 * second;
    ping(WT_CLIENT, WT_QUIC_1RTT, 1);
    goes_on(WT_ESTABLISHED);
}

/* A late copy of the flight crosses the Finished. */
static void the_flight_comes_again_once(void **state)
{
    (void)state;
    shake_hands();
    server_again(1);
    goes_on(WT_ESTABLISHED);
}

static void the_server_acknowledges_the_finished(void **state)
{
    (void)state;
    shake_hands();
    acknowledge(WT_SERVER, WT_QUIC_HANDSHAKE, 0);
    server_again(3);
    goes_on(WT_ESTABLISHED);
}

static void the_server_confirms(void **state)
{
    (void)state;
    shake_hands();
    send_sealed(WT_SERVER, WT_QUIC_1RTT, &plain, wt_span_text("\x1e"));
    server_again(3);
    goes_on(WT_ESTABLISHED);
}

static void the_server_dies_before_the_finished(void **state)
{
    (void)state;
    shake_hands();
    ping(WT_CLIENT, WT_QUIC_HANDSHAKE, 4);
    stalled(WT_QUIC_SILENT, WT_SERVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_packet_is_cut, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_client_goes_on, start_bare, stop),
        cmocka_unit_test_setup_teardown(nobody_answers, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_capture_ends_too_soon, start_bare, stop),
        cmocka_unit_test_setup_teardown(one_direction_alone, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_answer_does_not_arrive, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_answer_does_not_arrive, start_keyed, stop),
        cmocka_unit_test_setup_teardown(a_part_of_the_flight_does_not_arrive, start_bare, stop),
        cmocka_unit_test_setup_teardown(a_part_of_the_flight_does_not_arrive, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_client_is_gone, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_client_is_gone, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_is_gone, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_server_is_gone, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_may_not_go_on, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_server_may_not_go_on, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_retry_is_discarded, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_server_refuses, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_client_gives_up, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_finished_does_not_arrive, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_goes_on, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_goes_on, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_flight_and_the_finished_cross, start_bare, stop),
        cmocka_unit_test_setup_teardown(the_flight_comes_again_once, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_acknowledges_the_finished, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_confirms, start_keyed, stop),
        cmocka_unit_test_setup_teardown(the_server_dies_before_the_finished, start_keyed, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
