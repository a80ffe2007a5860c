/* Stateless resets whose tokens nobody has seen: RFC 9000, 10.3. */
#include "wire.h"

enum { TOKEN = 16, BEFORE = 24 };

/* A datagram as of a short header: bytes that differ by `seed`, and 16 more. */
static void send_ending(unsigned from, uint8_t seed, const uint8_t end[TOKEN])
{
    uint8_t datagram[BEFORE + TOKEN];
    for (unsigned i = 0; i < BEFORE; i++)
        datagram[i] = (uint8_t)(seed * 37 + i * 11);
    datagram[0] = 0x40 | seed;
    memcpy(datagram + BEFORE, end, TOKEN);
    send_datagram(from, datagram, sizeof datagram);
}

static const uint8_t token[TOKEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t other[TOKEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17};

static bool is_reset(void)
{
    return strstr(told.findings, "quic-stateless-reset ");
}

/* The client has forgotten its own connection, and goes on with its hello. */
static void in_the_handshake(void **state)
{
    const struct parameters p = right_parameters();
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    const uint32_t first = frame + 1;
    for (uint8_t i = 1; i <= 4; i++) {
        now += 3000000000;
        send_ending(WT_CLIENT, i, token);
        send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &(struct how){0}, wt_span_text("\1\0\0\0"));
    }
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_FAILED);
    assert_int_equal(told.reset_frame, first);
    assert_true(is_reset());
    assert_non_null(strstr(told.findings, "closed-during-handshake "));
    assert_null(strstr(told.findings, "handshake-stalled "));
}

/* What the server's transport parameters say of a token is under keys that are not here. */
static void after_the_handshake(void **state)
{
    const struct how plain = {0};
    (void)state;
    shake_hands();
    say_data(WT_SERVER, &plain, 0, 4);
    say_data(WT_CLIENT, &plain, 0, 4);
    const uint32_t first = frame + 1;
    send_ending(WT_SERVER, 1, token);
    send_ending(WT_SERVER, 2, token);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.reset_frame, first);
    assert_true(is_reset());
}

/* It did not know one packet, whose id the network has spoilt. */
static void of_one_that_goes_on(void **state)
{
    const struct how plain = {0};
    (void)state;
    shake_hands();
    send_ending(WT_SERVER, 1, token);
    send_ending(WT_SERVER, 2, token);
    say_data(WT_SERVER, &plain, 0, 4);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.reset_frame, 0);
    assert_false(is_reset());
}

static void expect_none(void)
{
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.reset_frame, 0);
    assert_false(is_reset());
}

static void other_ends(void **state)
{
    (void)state;
    shake_hands();
    send_ending(WT_SERVER, 1, token);
    send_ending(WT_SERVER, 2, other);
    send_ending(WT_CLIENT, 3, other);
    send_ending(WT_SERVER, 4, token);
    expect_none();
}

/* The network, or who captured, may double a packet. */
static void the_same_packet_twice(void **state)
{
    (void)state;
    shake_hands();
    send_ending(WT_SERVER, 1, token);
    send_ending(WT_SERVER, 1, token);
    expect_none();
}

static void what_fills_datagrams_up(void **state)
{
    static const uint8_t zeros[TOKEN];
    (void)state;
    shake_hands();
    send_ending(WT_SERVER, 1, zeros);
    send_ending(WT_SERVER, 2, zeros);
    expect_none();
}

/* ... or the capture cut before its end. */
static void what_is_cut(void **state)
{
    uint8_t datagram[2 * BEFORE + 2 * TOKEN] = {0x41};
    (void)state;
    shake_hands();
    for (uint8_t i = 1; i <= 2; i++) {
        datagram[1] = i;
        memcpy(datagram + BEFORE, token, TOKEN);
        send_as(WT_SERVER, datagram, sizeof datagram, BEFORE + TOKEN);
    }
    expect_none();
}

/* One that only looks like a 1-RTT packet does not show that the client has finished. */
static void one_alone(void **state)
{
    const struct parameters p = right_parameters();
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    send_ending(WT_CLIENT, 1, token);
    finish();
    assert_int_equal(told.state, WT_INCOMPLETE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_the_handshake, start, stop),
        cmocka_unit_test_setup_teardown(in_the_handshake, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(after_the_handshake, start, stop),
        cmocka_unit_test_setup_teardown(after_the_handshake, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(of_one_that_goes_on, start, stop),
        cmocka_unit_test_setup_teardown(of_one_that_goes_on, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(other_ends, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(the_same_packet_twice, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(what_fills_datagrams_up, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(what_is_cut, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(one_alone, start_without_keys, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
