/* TCP reassembly, one situation at a time. */
#include "tcp_fixture.h"

#include "registry/limits.h"

#include <stdio.h>

/* RFC 9293, 3.4: the SYN says where the stream begins; what came before it in the capture and follows it in the stream
 * is not dropped. */
static void test_data_before_syn(void **state)
{
    struct fixture *f = *state;
    data(f, 103, "def");
    segment(f, 99, WT_TCP_SYN | WT_TCP_ACK, "", 0);
    assert_true(f->d.syn);
    data(f, 100, "abc");
    segment(f, 106, WT_TCP_FIN | WT_TCP_ACK, "", 0);
    expect(f, "abcdef|");
}

static void test_in_order(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    assert_true(f->d.syn);
    assert_int_equal(f->d.base, 99);
    data(f, 100, "");
    data(f, 100, "abc");
    data(f, 103, "def");
    assert_null(f->d.pending);
    segment(f, 106, WT_TCP_FIN | WT_TCP_ACK, "g", 0);
    expect(f, "abcdefg|");
    assert_true(f->d.ended);
    data(f, 107, "late");
    data(f, 108, "later");
    segment(f, 107, WT_TCP_FIN, "", 0);
    flush(f);
    expect(f, "abcdefg|");
}

static void test_disorder(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    segment(f, 109, WT_TCP_FIN, "jk", 0);
    data(f, 103, "def");
    data(f, 106, "ghi");
    expect(f, "");
    assert_true(f->totals.pending_bytes > 0);
    data(f, 100, "abc");
    expect(f, "abcdefghijk|");
    assert_int_equal(f->totals.pending_bytes, 0);
    assert_null(f->d.pending);
}

/* RFC 9293, 3.10.7.4: "Segments with higher beginning sequence numbers SHOULD be held for later processing", and
 * what is old is trimmed off the front. */
static void test_overlap(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abcd");
    data(f, 102, "cdef");   /* half of it old */
    data(f, 100, "abcdef"); /* all of it old */
    data(f, 110, "klm");
    data(f, 109, "jklmn"); /* around what waits */
    data(f, 104, "efghijkl");
    expect(f, "abcdefghijklmn");
    assert_false(f->d.conflict);
}

/* First bytes win, and the difference is told, once. */
static void test_conflict(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 104, "efgh");
    data(f, 102, "CDEFGHI");
    expect(f, "!");
    data(f, 103, "xyzzy");
    data(f, 100, "ABCD");
    expect(f, "!ABCDefghI");
    assert_true(f->d.conflict);
}

static void test_wrap_around(void **state)
{
    struct fixture *f = *state;
    segment(f, 0xfffffffc, WT_TCP_SYN, "", 0);
    data(f, 0xffffffff, "cde"); /* across zero */
    data(f, 3, "ghi");
    data(f, 0xfffffffd, "ab");
    data(f, 2, "f");
    data(f, 0xfffffffe, "bc");
    expect(f, "abcdefghi");
    segment(f, 6, WT_TCP_FIN, "", 0);
    expect(f, "abcdefghi|");
}

static void test_data_on_syn(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "abc", 0);
    segment(f, 99, WT_TCP_SYN, "abc", 0);
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 103, "def");
    expect(f, "abcdef");
}

/* RFC 9293, 3.8.4: keep-alives repeat the byte before the next one; 3.8.6.1: probes of a closed window carry one. */
static void test_keep_alive_and_probe(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abc");
    data(f, 102, "");
    data(f, 102, "\1");
    data(f, 103, "d");
    data(f, 103, "d");
    data(f, 103, "def");
    expect(f, "abcdef");
    assert_false(f->d.conflict);
}

/* RFC 9293, 3.8.4: a keep-alive "may or may not contain one garbage octet of data", also behind a hole, where the byte
 * that it stands for is not handed on yet. Two bytes that differ are told. */
static void test_keep_alive_behind_a_hole(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 103, "def");
    data(f, 105, "\1");
    data(f, 104, "\1"); /* of a sender that has gone back */
    assert_false(f->d.conflict);
    data(f, 104, "\1\1");
    data(f, 100, "abc");
    expect(f, "!abcdef");
}

static void test_start_in_the_middle(void **state)
{
    struct fixture *f = *state;
    data(f, 5000, "abc");
    assert_int_equal(f->d.base, 4999);
    assert_false(f->d.syn);
    data(f, 5003, "def");
    data(f, 4000, "old");
    expect(f, "abcdef");
}

/* The acknowledgment that follows some data was captured before them. */
static void test_start_in_disorder(void **state)
{
    struct fixture *f = *state;
    data(f, 5000, "");
    data(f, 4997, "abc");
    data(f, 5000, "def");
    expect(f, "abcdef");
    assert_int_equal(f->d.base, 4996);
}

static void test_start_before_syn(void **state)
{
    struct fixture *f = *state;
    data(f, 100, "");
    segment(f, 99, WT_TCP_SYN, "", 0);
    assert_true(f->d.syn);
    assert_int_equal(f->d.base, 99);
    data(f, 100, "abc");
    segment(f, 7, WT_TCP_SYN, "", 0); /* another connection's: the caller's matter, and no harm here */
    data(f, 103, "def");
    expect(f, "abcdef");
}

static void test_start_with_keep_alive(void **state)
{
    struct fixture *f = *state;
    data(f, 99, "");
    data(f, 100, "abc");
    expect(f, "abc");
}

static void test_reset(void **state)
{
    struct fixture *f = *state;
    segment(f, 1, WT_TCP_RST, "", 0);
    assert_false(f->d.started);
    data(f, 100, "abc");
    segment(f, 103, WT_TCP_RST, "refused", 0);
    flush(f);
    expect(f, "abc");
}

static void test_fin_early(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    segment(f, 106, WT_TCP_FIN, "", 0);
    assert_true(f->d.fin);
    assert_false(f->d.ended);
    data(f, 103, "defGHI"); /* nothing lies behind a FIN */
    data(f, 100, "abc");
    expect(f, "abcdef|");
}

static void test_fin_after_what_lies_behind_it(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 103, "defGHI");
    data(f, 120, "never");
    segment(f, 106, WT_TCP_FIN, "", 0);
    data(f, 100, "abc");
    expect(f, "abcdef|");
    assert_int_equal(f->totals.pending_bytes, 0);
}

static void test_flush(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 103, "def");
    data(f, 110, "klm");
    segment(f, 120, WT_TCP_FIN, "", 0);
    expect(f, "");
    flush(f);
    expect(f, "<3>def<4>klm<7>|");
    flush(f);
    expect(f, "<3>def<4>klm<7>|");
}

/* What the snaplen cut is lost in its place. */
static void test_cut_segments(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    segment(f, 100, WT_TCP_ACK, "abc", 7);
    segment(f, 120, WT_TCP_ACK, "uvw", 7);
    segment(f, 110, WT_TCP_ACK, "klm", 7);
    segment(f, 105, WT_TCP_ACK, "old", 2); /* inside what is known to be lost */
    segment(f, 128, WT_TCP_ACK, "89", 5);  /* half inside */
    segment(f, 133, WT_TCP_ACK, "3", 5);   /* the payload wholly, the rest not */
    segment(f, 139, WT_TCP_ACK | WT_TCP_FIN, "", 3);
    expect(f, "abc<7>klm<7>uvw<7><5><4><3>|");
}

static void test_hole_acknowledged_by_bytes(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    bulk(f, 103, WT_LIMIT_TCP_ACKED_AHEAD + 9); /* sent before the hole was filled, as the receiver says */
    acknowledge(f, 112 + WT_LIMIT_TCP_ACKED_AHEAD);
    expect(f, ""); /* perhaps only the capture's disorder */
    acknowledge(f, 112 + 2 * WT_LIMIT_TCP_ACKED_AHEAD);
    expect(f, "");
    acknowledge(f, 113 + 2 * WT_LIMIT_TCP_ACKED_AHEAD);
    assert_memory_equal(f->told.p, "<3>x", 4);
    assert_int_equal(f->totals.limit_hits, 0);
}

static void test_hole_acknowledged_by_segments(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 103, "d");
    acknowledge(f, 104);
    for (uint32_t i = 1; i < WT_LIMIT_TCP_ACKED_SEGMENTS; i++)
        data(f, 103 + i, "d");
    expect(f, "");
    data(f, 103 + WT_LIMIT_TCP_ACKED_SEGMENTS, "e");
    assert_memory_equal(f->told.p, "<3>dddd", 7);
    assert_null(f->d.pending);
}

/* What nobody acknowledged may still come again. */
static void test_hole_not_acknowledged(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    acknowledge(f, 100);
    for (uint32_t i = 0; i < 1000; i++)
        bulk(f, 101 + i * 1000, 1000);
    acknowledge(f, 100);
    assert_int_equal(f->told.n, 0);
    data(f, 100, "a");
    assert_int_equal(f->told.n, 1000001);
    assert_int_equal(f->totals.limit_hits, 0);
}

static void test_limit_of_segments(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    for (uint32_t i = 0; i < 3 * WT_LIMIT_TCP_PENDING_SEGMENTS; i++)
        data(f, 101 + 2 * i, "x"); /* each behind a hole of its own */
    assert_int_equal(f->totals.limit_hits, 2 * WT_LIMIT_TCP_PENDING_SEGMENTS);
    assert_memory_equal(f->told.p, "<1>x<1>x", 8);
}

/* RFC 7323, 2.3: no window is larger than 2^30. */
static void test_outside_the_window(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abc");
    data(f, 103 + WT_LIMIT_TCP_WINDOW, "far"); /* the farthest that waits */
    assert_int_equal(f->totals.dropped_segments, 0);
    assert_non_null(f->d.pending);
    (void)end(state);
    (void)begin(state);
    f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abc");
    data(f, 103 + WT_LIMIT_TCP_WINDOW + 1, "far");
    data(f, 103 + 0x90000000, "far");
    segment(f, 103 + WT_LIMIT_TCP_WINDOW + 9, WT_TCP_FIN, "", 0);
    assert_false(f->d.fin);
    assert_null(f->d.pending);
    assert_int_equal(f->totals.dropped_segments, 3);
    data(f, 103, "def");
    flush(f);
    expect(f, "abcdef");
    acknowledge(f, 106 + WT_LIMIT_TCP_WINDOW + 9); /* the receiver has it: the capture lost a gigabyte */
    data(f, 106 + WT_LIMIT_TCP_WINDOW + 9, "xyz");
    flush(f);
    expect(f, "abcdef<1073741833>xyz");
}

/* RFC 9293, 3.10.7.4: a segment outside the window is not processed. One connection on both sides of a translator that
 * numbers it anew: the other numbering makes no gap, and its FIN does not keep the stream from its own. */
static void test_fin_of_another_numbering(void **state)
{
    struct fixture *f = *state;
    const uint32_t other = 1000 + WT_LIMIT_TCP_UNSEEN;
    segment(f, other - 1, WT_TCP_SYN, "", 0);
    segment(f, 99, WT_TCP_SYN, "", 0);
    acknowledge(f, 100);
    data(f, other, "abc");
    data(f, 100, "abc");
    segment(f, other + 3, WT_TCP_FIN, "", 0);
    flush(f);
    expect(f, "abc");
    segment(f, 103, WT_TCP_FIN, "def", 0);
    expect(f, "abcdef|");
    flush(f);
    expect(f, "abcdef|");
}

/* One that is acknowledged is the stream's: the capture lost what is before it. */
static void test_fin_far_away(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abc");
    segment(f, 103 + WT_LIMIT_TCP_UNSEEN + 1, WT_TCP_FIN, "", 0);
    acknowledge(f, 103 + WT_LIMIT_TCP_UNSEEN + 2);
    flush(f);
    expect(f, "abc<16777217>|");
}

/* RFC 9293, 3.4: the octets of a stream have one order; a capture that begins in its middle may hold the first two
 * segments in the other one. */
static void test_start_swapped(void **state)
{
    struct fixture *f = *state;
    data(f, 5003, "def");
    expect(f, "");
    data(f, 5000, "abc");
    data(f, 5006, "ghi");
    expect(f, "abcdefghi");
    assert_int_equal(f->d.base, 4999);
}

static void wait_for(struct fixture *f, struct wt_tcp_direction *other, uint32_t needs, uint32_t sequence,
                     uint8_t flags, const char *text)
{
    wt_tcp_wait(&f->d, 1, sequence, flags, wt_span_text(text), 0, (struct wt_tcp_turn){other, needs}, &f->totals,
                &f->sink);
}

/* Nothing came before the first segment when the other side acknowledges it, nor a while later. */
static void test_start_settled(void **state)
{
    struct fixture *f = *state;
    data(f, 5003, "def");
    acknowledge(f, 5003);
    expect(f, "");
    acknowledge(f, 5006);
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, ""); /* who acknowledges may itself come too early */
    wt_tcp_settle_start(&f->d);
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "def");
    data(f, 5000, "abc");
    expect(f, "def");
    wt_tcp_flush(&f->d, 1, &f->totals, &f->sink);
    f->d = (struct wt_tcp_direction){0};
    data(f, 703, "jkl");
    f->totals.now.ns += WT_LIMIT_RTO_NS + 1;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "defjkl");
}

/* RFC 9293, 3.1: a capture begins in the middle with the second segment of each side: the first one of this side comes
 * before it, and the second after what it acknowledges. */
static void test_start_in_turn(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.next = 60}; /* not seen, but acknowledged so far */
    wait_for(f, &other, 60, 5003, WT_TCP_ACK, "def");
    other.started = 1;
    other.next = 50; /* and what was acknowledged comes only now */
    data(f, 5000, "abc");
    expect(f, "abc");
    other.next = 60;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "abcdef");
}

/* An acknowledgment after the first bytes, by their number, was sent after them; one before them tells nothing. */
static void test_start_shown(void **state)
{
    struct fixture *f = *state;
    data(f, 5003, "def");
    data(f, 5003, ""); /* before them */
    data(f, 5006, "");
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "def");
}

/* Neither direction has its first bytes for certain: nothing of the one is before what it acknowledges of the other. */
static void test_start_of_both(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .tentative = 1, .next = 60};
    assert_false(wt_tcp_has_reached(&other, 60));
    segment(f, 99, WT_TCP_SYN, "", 0);
    wait_for(f, &other, 60, 100, WT_TCP_ACK, "abc");
    expect(f, "");
    other.tentative = 0;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "abc");
}

/* The first bytes are late, and are no longer waited for: what they acknowledge is, all the same. */
static void test_start_late_in_turn(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .syn = 1, .next = 50};
    wait_for(f, &other, 60, 5003, WT_TCP_ACK, "def");
    f->totals.now.ns += WT_LIMIT_RTO_NS + 1;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "");
    assert_false(f->d.tentative);
    other.next = 60;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "def");
}

/* RFC 9293, 3.10.7.3: of several SYN-ACKs the one counts that the client acknowledges. */
static void test_second_syn(void **state)
{
    struct fixture *f = *state;
    segment(f, 99, WT_TCP_SYN, "", 0);
    segment(f, 899, WT_TCP_SYN, "", 0);
    assert_int_equal(f->d.base, 899);
    acknowledge(f, 900);
    segment(f, 99, WT_TCP_SYN, "", 0); /* a near miss: that is settled now */
    data(f, 900, "abc");
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 903, "def");
    expect(f, "abcdef");
}

/* RFC 9293, 3.1: an acknowledgment is of what its sender has received: it was sent afterwards, whatever the file's
 * order. */
static void test_turn(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .syn = 1, .next = 50};
    segment(f, 99, WT_TCP_SYN, "", 0);
    wait_for(f, &other, 60, 100, WT_TCP_ACK, "abc");
    data(f, 103, "def"); /* after it, though it needs nothing */
    wait_for(f, &other, 70, 106, WT_TCP_ACK | WT_TCP_FIN, "g");
    assert_true(wt_tcp_waits(&f->d));
    expect(f, "");
    other.next = 59;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "");
    other.next = 60;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "abcdef");
    other.next = 69;
    other.ended = 1; /* its FIN counts one */
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "abcdefg|");
    assert_false(wt_tcp_waits(&f->d));
}

static void test_turn_of_fin(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .syn = 1, .next = 50};
    segment(f, 99, WT_TCP_SYN, "", 0);
    data(f, 100, "abc");
    wait_for(f, &other, 60, 103, WT_TCP_ACK | WT_TCP_FIN, "");
    expect(f, "abc");
    other.next = 60;
    wt_tcp_reconsider(&f->d, 1, &f->totals, &f->sink);
    expect(f, "abc|");
}

/* What is waited for was lost: after some segments that come all the same nothing waits any more. */
static void test_turn_in_vain(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .syn = 1, .next = 50};
    segment(f, 99, WT_TCP_SYN, "", 0);
    for (uint32_t i = 0; i < WT_LIMIT_TCP_ACKED_SEGMENTS; i++)
        wait_for(f, &other, 60, 100 + i, WT_TCP_ACK, "x");
    assert_int_equal(f->told.n, 0);
    /* a near miss: all the rest of the other direction may come late, as long as nothing after the hole is here */
    wait_for(f, &other, 60, 100 + WT_LIMIT_TCP_ACKED_SEGMENTS, WT_TCP_ACK, "x");
    assert_int_equal(f->told.n, 0);
    wt_tcp_segment(&other, 0, 60, WT_TCP_ACK, wt_span_text("later"), 0, &f->totals, &f->sink);
    for (uint32_t i = 1; i < WT_LIMIT_TCP_ACKED_SEGMENTS; i++)
        wait_for(f, &other, 60, 100 + WT_LIMIT_TCP_ACKED_SEGMENTS + i, WT_TCP_ACK, "x");
    assert_int_equal(f->told.n, 0);
    wait_for(f, &other, 60, 100 + 2 * WT_LIMIT_TCP_ACKED_SEGMENTS, WT_TCP_ACK, "x");
    assert_int_equal(f->told.n, 2 * WT_LIMIT_TCP_ACKED_SEGMENTS + 1);
    assert_true(f->d.impatient);
    wt_tcp_flush(&other, 1, &f->totals, &f->sink);
}

static void test_turn_at_the_end(void **state)
{
    struct fixture *f = *state;
    struct wt_tcp_direction other = {.started = 1, .syn = 1, .next = 50};
    segment(f, 99, WT_TCP_SYN, "", 0);
    wait_for(f, &other, 60, 100, WT_TCP_ACK | WT_TCP_FIN, "abc");
    flush(f);
    expect(f, "abc|");
}

static void test_size(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct wt_tcp_direction), 32);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_in_order),
        TEST(test_data_before_syn),
        TEST(test_disorder),
        TEST(test_overlap),
        TEST(test_conflict),
        TEST(test_wrap_around),
        TEST(test_data_on_syn),
        TEST(test_keep_alive_and_probe),
        TEST(test_keep_alive_behind_a_hole),
        TEST(test_start_in_the_middle),
        TEST(test_start_in_disorder),
        TEST(test_start_in_turn),
        TEST(test_start_of_both),
        TEST(test_start_shown),
        TEST(test_start_late_in_turn),
        TEST(test_start_before_syn),
        TEST(test_start_with_keep_alive),
        TEST(test_reset),
        TEST(test_fin_early),
        TEST(test_fin_after_what_lies_behind_it),
        TEST(test_flush),
        TEST(test_cut_segments),
        TEST(test_hole_acknowledged_by_bytes),
        TEST(test_hole_acknowledged_by_segments),
        TEST(test_hole_not_acknowledged),
        TEST(test_limit_of_segments),
        TEST(test_outside_the_window),
        TEST(test_fin_of_another_numbering),
        TEST(test_fin_far_away),
        TEST(test_start_swapped),
        TEST(test_start_settled),
        TEST(test_second_syn),
        TEST(test_turn),
        TEST(test_turn_of_fin),
        TEST(test_turn_in_vain),
        TEST(test_turn_at_the_end),
        TEST(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
