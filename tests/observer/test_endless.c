/* Inputs without end: what is told while others go on, and pauses of the capture. */
#include "observer/state.h"

#include "segments.h"

enum { SECOND = 1000000000 };

static void dialogue(void)
{
    tls12_handshake(&d);
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
    tick(WT_LIMIT_CLOSING_WATCHED_NS - 1);
    assert_int_equal(h.told, 0); /* late packets have so long where somebody watches */
    tick(1);
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
    stop(&h);
    hear_with(&h, (struct wt_observer_options){.idle_seconds = 900}, "interface");
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

static bool stalls_after(int64_t pause)
{
    return *cause_after(pause, false) != '\0';
}

/* The capture goes on: long enough for the silence to mean something, and not so long that it may be another capture.
 */
static void test_pause_limits(void **state)
{
    const int64_t millisecond = 1000000; /* that the segment after the pause takes */
    (void)state;
    holds_from(stalls_after, WT_LIMIT_STALL_NS, 2);
    assert_true(stalls_after(WT_LIMIT_JUMP_NS - millisecond));
    assert_false(stalls_after(WT_LIMIT_JUMP_NS - millisecond + 1));
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

/* --- as they end --------------------------------------------------------------------------------------------------
 */

static uint32_t reported[64];
static unsigned reports;

static void on_reported(void *context, uint32_t stream)
{
    (void)context;
    assert_true(reports < sizeof reported / sizeof *reported);
    reported[reports++] = stream;
}

static void hear_as_they_end(bool ordered)
{
    stop(&h);
    hear_with(&h, (struct wt_observer_options){.as_they_end = true, .reported = ordered ? on_reported : NULL},
              "capture");
    reports = 0;
}

/* The next packet of somebody else, so long after. */
static void later(int64_t ns)
{
    now += ns;
    segment(WT_CLIENT, 50000, WT_TCP_ACK, 1, 1, nothing, 0);
}

/* What is open holds nobody up, also without wt_observer_time(); how far all is reported is said. */
static void test_as_they_end(void **state)
{
    (void)state;
    hear_as_they_end(true);
    dialogue();
    for (unsigned i = 0; i < 4; i++) {
        syn(40000 + i, 1000);
        pass(40000 + i, 1000, 0, 0);
    }
    reset(40002);
    later(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.streams[0], 2);
    assert_int_equal(reports, 0);
    reset(40000);
    later(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 2);
    assert_int_equal(h.streams[1], 0);
    assert_int_equal(reports, 1);
    assert_int_equal(reported[0], 1);
    reset(40001);
    later(3 * (int64_t)SECOND);
    assert_int_equal(reported[reports - 1], 3); /* 2 is past */
    finish();
    assert_int_equal(h.told, 4);
    assert_int_equal(h.streams[3], 3);
    assert_int_equal(reported[reports - 1], 5); /* with somebody else's, which is none */
}

/* What is closed waits so long for late packets, by the time of the packets that come. */
static void test_closing_time(void **state)
{
    enum { MILLISECOND = 1000000 }; /* that the packet itself takes */
    (void)state;
    dialogue();
    for (int64_t less = 0; less < 2; less++) {
        hear_as_they_end(false);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        reset(40000);
        later(WT_LIMIT_CLOSING_NS - MILLISECOND - less);
        assert_int_equal(h.told, !less);
    }
}

/* One that was refused is reported in its turn, where it depends on others whether it is one; those after it are not
 * said to be complete before. */
static void test_refused_as_they_end(void **state)
{
    (void)state;
    hear_as_they_end(true);
    dialogue();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0); /* stays open */
    segment(WT_CLIENT, 40001, WT_TCP_SYN, 500, 0, nothing, 0);
    segment(WT_SERVER, 40001, WT_TCP_RST | WT_TCP_ACK, 0, 501, nothing, 0);
    syn(40002, 1000);
    pass(40002, 1000, 0, 0);
    reset(40002);
    later(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.streams[0], 2);
    assert_int_equal(reports, 0);
    finish();
    assert_int_equal(h.told, 3);
    assert_int_equal(h.streams[1], 0);
    assert_int_equal(h.streams[2], 1);
    assert_string_equal(h.cause, "tcp-refused");
}

/* With nobody to restore the order, it does not wait either. */
static void test_refused_at_once(void **state)
{
    (void)state;
    hear_as_they_end(false);
    dialogue();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    segment(WT_CLIENT, 40001, WT_TCP_SYN, 500, 0, nothing, 0);
    segment(WT_SERVER, 40001, WT_TCP_RST | WT_TCP_ACK, 0, 501, nothing, 0);
    later(3 * (int64_t)SECOND);
    syn(40002, 1000); /* TLS is there: what waits for that is decided */
    pass(40002, 1000, 0, 0);
    reset(40002);
    later(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 2);
    assert_string_equal(h.cause, "");
}

/* RFC 9293, 3.10.7.1: a SYN to a closed port is answered by a RST. The same SYN once more is the same try, which comes
 * up this time, and ends like any other. */
static void test_again(void **state)
{
    (void)state;
    for (unsigned ordered = 0; ordered < 2; ordered++) {
        hear_as_they_end(ordered);
        forget(&d);
        dialogue();
        segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
        segment(WT_SERVER, 40000, WT_TCP_RST | WT_TCP_ACK, 0, 1001, nothing, 0);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        later(3 * (int64_t)SECOND);
        assert_int_equal(h.told, 0);
        reset(40000);
        later(3 * (int64_t)SECOND);
        assert_int_equal(h.told, 1);
        assert_int_equal(h.streams[0], 0);
        finish();
        assert_int_equal(h.told, 1);
    }
}

/* The same SYN after a connection's end, as where a capture is replayed: another connection of the same ends, whose
 * packets are its own. */
static void test_replayed(void **state)
{
    (void)state;
    for (unsigned tls = 0; tls < 2; tls++) {
        hear_as_they_end(false);
        forget(&d);
        if (tls) {
            dialogue();
        } else {
            text(say(&d, WT_CLIENT), "GET / HTTP/1.1\r\n\r\n");
            text(say(&d, WT_SERVER), "HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n");
            text(say(&d, WT_CLIENT), "GET / HTTP/1.1\r\n\r\n");
        }
        for (uint32_t before = 0; h.told < 3; before = h.c.last_frame) {
            syn(40000, 1000);
            pass(40000, 1000, 0, 0);
            reset(40000);
            later(3 * (int64_t)SECOND);
            assert_int_equal(h.c.stream, 0);
            assert_true(h.c.first_frame > before);
            assert_string_equal(h.cause, tls ? "" : "client-not-tls");
        }
        finish();
        assert_int_equal(h.told, 3);
    }
}

/* What came behind a hole is looked at when the connection ends, which its SYN does when it comes again; while it waits
 * for its turn, what follows is another connection's. */
static void test_found_at_its_end(void **state)
{
    (void)state;
    dialogue();
    syn(50000, 1000);
    syn(40000, 1000);
    segment(WT_CLIENT, 40000, WT_TCP_ACK | WT_TCP_PSH, 1001 + 500, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
    segment(WT_SERVER, 40000, WT_TCP_RST, 6001, 0, nothing, 0);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    finish();
    assert_int_equal(h.told, 2);
    assert_int_equal(h.streams[0], 1);
    assert_int_equal(h.streams[1], 2);
}

/* It keeps its number, and its place among those that are not over. */
static void test_again_in_order(void **state)
{
    (void)state;
    dialogue();
    segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
    segment(WT_SERVER, 40000, WT_TCP_RST | WT_TCP_ACK, 0, 1001, nothing, 0);
    later(3 * (int64_t)SECOND);
    syn(40001, 1000);
    pass(40001, 1000, 0, 0);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    reset(40001);
    reset(40000);
    later(3 * (int64_t)SECOND);
    finish();
    assert_int_equal(h.told, 2);
    assert_int_equal(h.streams[0], 0);
    assert_int_equal(h.streams[1], 2);
}

/* RFC 9293, 3.4: a FIN counts one: a RST of who has sent it, as a server sends that closed with bytes unread, has the
 * very next number and ends the connection; one with another number may be anybody's. */
static void test_reset_after_fin(void **state)
{
    (void)state;
    for (uint32_t beyond = 0; beyond < 2; beyond++) {
        hear_as_they_end(false);
        forget(&d);
        dialogue();
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        const uint32_t end = 6001 + (uint32_t)d.turns[1].flight.b.n + (uint32_t)d.turns[3].flight.b.n;
        segment(WT_SERVER, 40000, WT_TCP_FIN | WT_TCP_ACK, end, 1001, nothing, 0);
        segment(WT_SERVER, 40000, WT_TCP_RST, end + 1 + beyond, 0, nothing, 0);
        later(3 * (int64_t)SECOND);
        assert_int_equal(h.told, !beyond);
        finish();
        assert_int_equal(h.told, 1);
    }
}

/* A segment of what was reported belongs to that; of what was forgotten since, it begins something new. */
static void test_forgotten(void **state)
{
    (void)state;
    hear_as_they_end(false);
    dialogue();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    reset(40000);
    later(3 * (int64_t)SECOND);
    assert_int_equal(h.told, 1);
    for (uint32_t i = 0; i < WT_LIMIT_OVER; i++) {
        /* each ends the one before, of the same ends */
        segment(WT_CLIENT, 41000, WT_TCP_SYN, 1000 + 10 * i, 0, nothing, 0);
        if (i == WT_LIMIT_OVER - 1 || i == 1) {
            syn(42000, 2000 + i);
            pass(42000, 2000 + i, 0, 0);
            segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 0, wt_buffer_span(&d.turns[0].flight.b), 0);
        }
    }
    assert_int_equal(wt_conversations_length(h.observer->conversations, WT_LIST_OVER), WT_LIMIT_OVER);
    finish();
    /* port 42000 twice; of port 40000 the hello that came after it was forgotten */
    assert_int_equal(h.told, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_out_of_order, start, clean),
        cmocka_unit_test_setup_teardown(test_overdue, start, clean),
        cmocka_unit_test_setup_teardown(test_patience, start, clean),
        cmocka_unit_test_setup_teardown(test_pauses, start, clean),
        cmocka_unit_test_setup_teardown(test_pause_limits, start, clean),
        cmocka_unit_test_setup_teardown(test_silence_before_a_pause, start, clean),
        cmocka_unit_test_setup_teardown(test_as_they_end, start, clean),
        cmocka_unit_test_setup_teardown(test_closing_time, start, clean),
        cmocka_unit_test_setup_teardown(test_refused_as_they_end, start, clean),
        cmocka_unit_test_setup_teardown(test_refused_at_once, start, clean),
        cmocka_unit_test_setup_teardown(test_again, start, clean),
        cmocka_unit_test_setup_teardown(test_replayed, start, clean),
        cmocka_unit_test_setup_teardown(test_found_at_its_end, start, clean),
        cmocka_unit_test_setup_teardown(test_again_in_order, start, clean),
        cmocka_unit_test_setup_teardown(test_reset_after_fin, start, clean),
        cmocka_unit_test_setup_teardown(test_forgotten, start, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
