/* The order in which connections are reported: of their streams, which is that of their first packets. */
#include "segments.h"

/* A sanitizer sees each way through the code in a tenth of the trials: an observer for each is most of its time. */
enum { SECOND = 1000000000, PORTS = 5, TRIALS = WT_SANITIZED ? 50 : 500, STEPS = 24 };

/* Reported so far. */
static int64_t last_stream;
static uint32_t last_frame;
static unsigned reported;
static bool out_of_order;

static void on_reported(void *context, const struct wt_connection *c)
{
    (void)context;
    /* a conversation that begins anew keeps its number */
    out_of_order |= (int64_t)c->stream <= last_stream && c->first_frame <= last_frame;
    last_stream = c->stream;
    last_frame = c->first_frame;
    reported++;
}

static void listen_anew(void)
{
    const struct wt_observer_options options = {.size = sizeof options, .connection = on_reported};
    stop(&h);
    frame = 0;
    last_stream = -1;
    last_frame = reported = 0;
    out_of_order = false;
    h.observer = wt_observer_new(&options, NULL);
    assert_non_null(h.observer);
    wt_observer_file(h.observer, "capture");
}

static void refused(unsigned port)
{
    segment(WT_CLIENT, port, WT_TCP_SYN, 1000, 0, nothing, 0);
    segment(WT_SERVER, port, WT_TCP_RST | WT_TCP_ACK, 0, 1001, nothing, 0);
}

/* Refused, and others after it; then it comes up and says nothing: it is reported in its place, before them. */
static void test_tried_again(void **state)
{
    (void)state;
    listen_anew();
    refused(40000);
    refused(40001);
    now += 5 * (int64_t)SECOND;
    syn(40000, 1000);
    now += 60 * (int64_t)SECOND;
    segment(WT_SERVER, 40000, WT_TCP_FIN | WT_TCP_ACK, 6001, 1001, nothing, 0);
    finish();
    assert_false(out_of_order);
    assert_int_equal(reported, 2);
}

/* Torn down, and later ones were reported since: what comes up then begins there. */
static void test_begun_anew(void **state)
{
    (void)state;
    listen_anew();
    tls12_handshake(&d);
    segment(WT_SERVER, 40000, WT_TCP_SYN | WT_TCP_ACK, 6000, 1001, nothing, 0);
    segment(WT_CLIENT, 40000, WT_TCP_RST, 1001, 0, nothing, 0);
    syn(40001, 1000);
    pass(40001, 1000, 0, 0);
    segment(WT_CLIENT, 40001, WT_TCP_RST, 1001 + (uint32_t)(d.turns[0].flight.b.n + d.turns[2].flight.b.n), 0, nothing,
            0);
    now += 20 * (int64_t)SECOND;
    segment(WT_CLIENT, 40002, WT_TCP_ACK, 1, 1, nothing, 0); /* somebody else, and time has passed */
    const uint32_t anew = frame + 1;
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    finish();
    assert_false(out_of_order);
    assert_int_equal(reported, 2);
    assert_int_equal(last_stream, 0);
    assert_int_equal(last_frame, anew);
}

static uint32_t dice;

static unsigned roll(unsigned sides)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 16) % sides;
}

/* A segment of one of few conversations, to a port for TLS or to another. */
static void something(void)
{
    const unsigned port = 40000 + roll(PORTS);
    const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
    server_port = port % 2 ? 443 : 9999;
    switch (roll(10)) {
    case 0:
    case 1:
        segment(WT_CLIENT, port, WT_TCP_SYN, 1000 + 100000 * roll(2), 0, nothing, 0);
        break;
    case 2:
        segment(WT_SERVER, port, WT_TCP_SYN | WT_TCP_ACK, 5000, 1001, nothing, 0);
        break;
    case 3:
    case 4:
        segment(WT_SERVER, port, WT_TCP_RST | WT_TCP_ACK, roll(2) * 5001, 1001, nothing, 0);
        break;
    case 5:
        segment(WT_CLIENT, port, WT_TCP_RST, 1001, 0, nothing, 0);
        break;
    case 6:
        segment(WT_CLIENT, port, WT_TCP_ACK, 1001, 5001, hello, 0);
        break;
    case 7:
        segment(roll(2) ? WT_CLIENT : WT_SERVER, port, WT_TCP_FIN | WT_TCP_ACK, 1001, 5001, nothing, 0);
        break;
    case 8:
        syn(port, 1000);
        pass(port, 1000, 0, 0);
        break;
    default:
        now += (int64_t)roll(20) * SECOND;
        break;
    }
}

/* Whatever comes, refused, silent, torn down and tried again: the order holds. */
static void test_any_order(void **state)
{
    (void)state;
    tls12_handshake(&d);
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        dice = trial;
        listen_anew();
        for (unsigned step = 0; step < STEPS; step++)
            something();
        finish();
        if (out_of_order)
            fail_msg("trial %u: out of order", trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tried_again, start, clean),
        cmocka_unit_test_setup_teardown(test_begun_anew, start, clean),
        cmocka_unit_test_setup_teardown(test_any_order, start, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
