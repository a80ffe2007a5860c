/* Inputs without end: what is told while others go on, and pauses of the capture. */
#include "segments.h"

enum { SECOND = 1000000000 };

static void dialogue(void)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, (struct hello){.session = 9});
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    f = say(&d, WT_CLIENT);
    client_key_exchange(f);
    ccs_finished(f);
    ccs_finished(say(&d, WT_SERVER));
}

static void reset(unsigned port)
{
    segment(WT_CLIENT, port, WT_TCP_RST, 1001 + (uint32_t)d.turns[0].flight.b.n + (uint32_t)d.turns[2].flight.b.n, 0,
            nothing, 0);
}

static void tick(int64_t ns)
{
    now += ns;
    wt_observer_time(h.observer, (struct wt_time){now, 9});
}

/* The first connection goes on: the second, which has ended, does not wait for it, and is told once. */
static void test_out_of_order(void **state)
{
    (void)state;
    dialogue();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    syn(40001, 1000);
    pass(40001, 1000, 0, 0);
    reset(40001);
    tick(SECOND);
    assert_int_equal(h.told, 0); /* stragglers have two seconds */
    tick(2 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.streams[0], 1);
    tick(SECOND);
    assert_int_equal(h.told, 1);
    reset(40000);
    tick(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 2);
    assert_int_equal(h.streams[1], 0);
    finish();
    assert_int_equal(h.told, 2);
}

static void listen_on(void)
{
    struct wt_observer_options options = {
        .size = sizeof options, .connection = on_connection, .context = &h, .idle_seconds = 900};
    stop(&h);
    memset(&h, 0, sizeof h);
    h.observer = wt_observer_new(&options, NULL);
    assert_non_null(h.observer);
    wt_observer_file(h.observer, "interface");
}

/* RFC 6298, 5.5: "The host MUST set RTO <- RTO * 2 ("back off the timer")": three SYNs at 0, 1 and 3 s are followed by
 * one at 7 s, unless who sent them gave up. */
static void test_overdue(void **state)
{
    (void)state;
    listen_on();
    for (unsigned i = 0; i < 3; i++) {
        segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
        tick((1 << i) * (int64_t)SECOND);
        tick(SECOND / 1000);
        assert_int_equal(h.told, 0);
    }
    tick(2 * (int64_t)SECOND);
    assert_int_equal(h.told, 0);
    tick(14 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    assert_string_equal(h.cause, "tcp-no-answer");
    segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0); /* it had not: it is not told twice */
    tick(20 * (int64_t)SECOND);
    finish();
    assert_int_equal(h.told, 1);
}

/* A connection that was opened and said nothing yet is not silent for too long. */
static void test_patience(void **state)
{
    (void)state;
    listen_on();
    dialogue();
    syn(40000, 1000);
    tick(600 * (int64_t)SECOND);
    pass(40000, 1000, 0, 0);
    tick(SECOND);
    reset(40000);
    tick(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
}

static void hello_alone(void)
{
    dialogue();
    syn(40000, 1000);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
    segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, 1001 + (uint32_t)d.turns[0].flight.b.n, nothing, 0);
}

/* What the first told connection is said to have failed of; the other begins `pause` after it. */
static const char *cause_after(int64_t pause, bool in_pieces)
{
    stop(&h);
    forget(&d);
    hear(&h, "capture");
    hello_alone();
    if (in_pieces)
        wt_observer_resumes(h.observer, (struct wt_time){now + pause, 9});
    now += pause;
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 1, 1, nothing, 0); /* somebody else */
    finish();
    assert_int_equal(h.told, 1);
    return h.cause;
}

/* Of captures that were merged, the second is no proof of a silence in the first. */
static void test_pauses(void **state)
{
    (void)state;
    assert_string_equal(cause_after(20 * (int64_t)SECOND, false), "no-answer-to-client-hello");
    assert_string_equal(cause_after(61 * (int64_t)SECOND, false), "");
    assert_string_equal(cause_after(8 * (int64_t)SECOND, true), "");
    assert_string_equal(cause_after(8 * (int64_t)SECOND, false), "no-answer-to-client-hello");
}

/* What was seen of the silence before the pause counts; what came before an earlier pause is not known. */
static void test_silence_before_a_pause(void **state)
{
    (void)state;
    hello_alone();
    now += 5 * (int64_t)SECOND;
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 1, 1, nothing, 0);
    now += 100 * (int64_t)SECOND;
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 1, 1, nothing, 0);
    finish();
    assert_string_equal(h.cause, "no-answer-to-client-hello");
    assert_non_null(strstr(h.cause_text, " 5.0 s"));
    stop(&h);
    forget(&d);
    hear(&h, "capture");
    hello_alone();
    for (unsigned i = 0; i < 2; i++) {
        now += 100 * (int64_t)SECOND;
        segment(WT_CLIENT, 40001, WT_TCP_ACK, 1, 1, nothing, 0);
    }
    finish();
    assert_string_equal(h.cause, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_out_of_order, start, clean),
        cmocka_unit_test_setup_teardown(test_overdue, start, clean),
        cmocka_unit_test_setup_teardown(test_patience, start, clean),
        cmocka_unit_test_setup_teardown(test_pauses, start, clean),
        cmocka_unit_test_setup_teardown(test_silence_before_a_pause, start, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
