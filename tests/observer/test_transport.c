/* What TLS asks of a transport: answers of TCP, of a stream that is fed, and of UDP. */
#include "observer/transport/transport.h"
#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void nothing_was_seen(void **state)
{
    (void)state;
    static const uint8_t kinds[] = {WT_TRANSPORT_TCP, WT_TRANSPORT_UDP};
    for (size_t i = 0; i < sizeof kinds; i++) {
        const struct wt_transport t = {.kind = kinds[i]};
        for (unsigned d = 0; d < 2; d++) {
            assert_false(wt_transport_opened(&t, d) || wt_transport_from_start(&t, d) || wt_transport_seen(&t, d));
            assert_false(wt_transport_ended(&t, d) || wt_transport_left_first(&t, d));
            assert_false(wt_transport_is_acknowledged(&t, d) || wt_transport_stops_here(&t, d));
            assert_false(wt_transport_ended_unseen(&t, d) || wt_transport_conflicts(&t, d));
            assert_int_equal(wt_transport_unseen(&t, d) + wt_transport_repeats(&t, d), 0);
        }
        assert_false(wt_transport_is_ending(&t) || wt_transport_is_over(&t) || wt_transport_is_reset(&t));
        assert_false(wt_transport_is_refused(&t) || wt_transport_is_unanswered(&t));
        /* UDP has no packets that open a direction: none is missing */
        assert_int_equal(wt_transport_opened_both(&t), kinds[i] == WT_TRANSPORT_UDP);
    }
}

/* UDP's counters are where TCP's state would be: they are no answer. */
static void udp_answers_nothing(void **state)
{
    (void)state;
    const struct wt_transport t = {
        .kind = WT_TRANSPORT_UDP, .udp.bytes = {UINT64_MAX, UINT64_MAX}, .udp.packets = {UINT32_MAX, UINT32_MAX}};
    for (unsigned d = 0; d < 2; d++) {
        assert_false(wt_transport_from_start(&t, d) || wt_transport_seen(&t, d) || wt_transport_conflicts(&t, d));
        assert_false(wt_transport_is_acknowledged(&t, d) || wt_transport_stops_here(&t, d));
        assert_false(wt_transport_ended_unseen(&t, d));
        assert_int_equal(wt_transport_unseen(&t, d), 0);
    }
    assert_true(wt_transport_is_datagrams(&t));
}

static void a_stream_is_whole(void **state)
{
    (void)state;
    struct wt_transport t = {0};
    wt_transport_feed(&t);
    assert_true(wt_transport_is_fed(&t) && wt_transport_opened(&t, 0));
    assert_true(wt_transport_from_start(&t, 0) && wt_transport_from_start(&t, 1));
    assert_false(wt_transport_opened_both(&t) || wt_transport_is_ending(&t));
    struct wt_transport other = t;
    wt_transport_end_stream(&t, false);
    assert_true(wt_transport_ended(&t, 0) && wt_transport_ended(&t, 1) && wt_transport_is_over(&t));
    assert_false(wt_transport_is_reset(&t) || wt_transport_left_first(&t, 0) || wt_transport_left_first(&t, 1));
    wt_transport_end_stream(&other, true);
    assert_true(wt_transport_is_reset(&other) && wt_transport_is_over(&other));
    assert_false(wt_transport_ended(&other, 0));
}

static void beginnings(void **state)
{
    (void)state;
    struct wt_transport t = {0};
    wt_transport_open(&t, 0, WT_TCP_SYN, WT_LIMIT_RTO_NS);
    assert_int_equal(wt_transport_attempts(&t), 1);
    assert_false(wt_transport_is_unanswered(&t)); /* once may be too early to say */
    wt_transport_open(&t, 0, WT_TCP_SYN, WT_LIMIT_RTO_NS);
    assert_true(wt_transport_is_unanswered(&t) && !wt_transport_is_refused(&t));
    t.tcp[0].has_ack = 1; /* a capture of one direction: somebody acknowledged */
    assert_false(wt_transport_is_unanswered(&t));
    t.tcp[0].has_ack = 0;
    t.flags |= WT_TRANSPORT_RST << 1;
    assert_true(wt_transport_is_refused(&t) && !wt_transport_is_unanswered(&t));
    wt_transport_open(&t, 1, WT_TCP_SYN | WT_TCP_ACK, WT_LIMIT_RTO_NS);
    assert_true(wt_transport_opened_both(&t) && !wt_transport_is_refused(&t));
    assert_int_equal(wt_transport_attempts(&t), 2);
    for (int i = 0; i < 300; i++)
        wt_transport_open(&t, 0, WT_TCP_SYN, WT_LIMIT_RTO_NS);
    assert_int_equal(wt_transport_attempts(&t), UINT8_MAX);
}

/* The first who leaves stays the first; what packets said first stays, too. */
static void endings(void **state)
{
    (void)state;
    struct wt_transport t = {0};
    struct wt_transport_end end = {0};
    assert_false(wt_transport_end_by(&end, 0) || wt_transport_end_by(&end, 1));
    wt_transport_leave(&t, 1);
    wt_transport_leave(&t, 0);
    assert_true(wt_transport_left_first(&t, 1) && !wt_transport_left_first(&t, 0));
    wt_transport_end_fin(&end, 1, (struct wt_tcp_stamp){700, 7, 0});
    wt_transport_end_fin(&end, 1, (struct wt_tcp_stamp){800, 8, 0});
    assert_true(wt_transport_end_by(&end, 1) && !wt_transport_end_by(&end, 0));
    wt_transport_end_reset(&end, 0, (struct wt_tcp_stamp){900, 9, 0});
    wt_transport_end_reset(&end, 1, (struct wt_tcp_stamp){1000, 10, 0});
    assert_int_equal(end.fin[1].frame, 7);
    assert_int_equal(end.reset_frame, 9);
    assert_int_equal(end.reset_by, 0);
    assert_int_equal(end.ns, 700);
    assert_true(wt_transport_end_by(&end, 0));
    t.flags |= WT_TRANSPORT_FIN;
    assert_true(wt_transport_is_ending(&t) && !wt_transport_is_over(&t));
    t.flags |= WT_TRANSPORT_FIN << 1;
    assert_true(wt_transport_is_over(&t));
}

/* A FIN that acknowledges the other side's was sent after it, wherever it is in the capture; two that do not know of
 * each other are in the order of their times. */
static void first_fin(void **state)
{
    (void)state;
    const uint32_t a = 0xfffffff0u, b = 5000;
    const struct {
        uint32_t acknowledged[2];
        int64_t ns[2], reset_ns;
        bool skewed;
        int first; /* -1: as it was, which is direction 1 */
    } rows[] = {
        {{b, a + 1}, {900, 700}, 0, false, 0},   /* 1 answers 0, though its time is earlier */
        {{b + 1, a}, {700, 900}, 0, false, 1},   /* and the other way */
        {{b, a}, {700, 900}, 0, false, 0},       /* they crossed */
        {{b, a}, {700, 900}, 0, true, -1},       /* times of two clocks */
        {{b, a}, {700, 700}, 0, false, -1},      /* the same time */
        {{b, a + 1}, {900, 700}, 800, false, -1} /* a RST was before them */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_transport t = {.flags = WT_TRANSPORT_LEFT << 1};
        struct wt_transport_end end = {0};
        t.tcp[0] = (struct wt_tcp_direction){.started = 1, .fin = 1, .fin_seq = a};
        t.tcp[1] = (struct wt_tcp_direction){.started = 1, .fin = 1, .fin_seq = b};
        t.flags |= rows[i].skewed ? WT_TRANSPORT_SKEWED : 0;
        wt_transport_end_fin(&end, 1, (struct wt_tcp_stamp){rows[i].ns[1], 3, rows[i].acknowledged[1]});
        wt_transport_order_ends(&t, &end);
        assert_true(wt_transport_left_first(&t, 1)); /* there is only one */
        wt_transport_end_fin(&end, 0, (struct wt_tcp_stamp){rows[i].ns[0], 9, rows[i].acknowledged[0]});
        if (rows[i].reset_ns)
            wt_transport_end_reset(&end, 1, (struct wt_tcp_stamp){rows[i].reset_ns, 1, 0});
        wt_transport_order_ends(&t, &end);
        unsigned first = rows[i].first == 0 ? 0 : 1;
        /* by two clocks, neither is known to be */
        assert_int_equal(wt_transport_left_first(&t, first) != 0, !(rows[i].skewed && rows[i].first < 0));
        assert_false(wt_transport_left_first(&t, !first));
        if (rows[i].first >= 0)
            assert_int_equal(end.ns, rows[i].ns[first]);
    }
}

/* RFC 9293, 3.4: numbers are compared modulo 2^32, so all of this is near its end. */
static void what_reached_the_other_side(void **state)
{
    (void)state;
    static const struct {
        int32_t acked; /* from the next byte on */
        bool ended, acknowledged, stops, ended_unseen;
        uint32_t unseen;
    } rows[] = {
        {-1, false, false, false, false, 0},
        {0, false, true, true, false, 0},
        {1, false, true, false, true, 0}, /* a FIN that was not seen, no byte */
        {2, false, true, false, false, 2},
        {1, true, true, false, false, 0}, /* its FIN */
        {2, true, true, false, false, 1},
        {(int32_t)WT_LIMIT_TCP_UNSEEN, false, true, false, false, WT_LIMIT_TCP_UNSEEN},
        {(int32_t)WT_LIMIT_TCP_UNSEEN + 1, false, true, false, false, 0}, /* nobody has sent that */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t next = UINT32_MAX - 1; next != 2; next++) {
            struct wt_transport t = {.tcp[1] = {.next = next,
                                                .acked = next + (uint32_t)rows[i].acked,
                                                .started = 1,
                                                .has_ack = 1,
                                                .ended = rows[i].ended}};
            assert_int_equal(wt_transport_is_acknowledged(&t, 1), rows[i].acknowledged);
            assert_int_equal(wt_transport_stops_here(&t, 1), rows[i].stops);
            assert_int_equal(wt_transport_ended_unseen(&t, 1), rows[i].ended_unseen);
            assert_int_equal(wt_transport_unseen(&t, 1), rows[i].unseen);
            t.tcp[1].has_ack = 0;
            assert_false(wt_transport_is_acknowledged(&t, 1) || wt_transport_stops_here(&t, 1));
            assert_int_equal(wt_transport_unseen(&t, 1), 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_was_seen),
        cmocka_unit_test(udp_answers_nothing),
        cmocka_unit_test(a_stream_is_whole),
        cmocka_unit_test(beginnings),
        cmocka_unit_test(endings),
        cmocka_unit_test(first_fin),
        cmocka_unit_test(what_reached_the_other_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
