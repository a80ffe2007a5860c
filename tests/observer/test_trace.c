/* What each segment is to its stream. */
#include "observer/transport/trace.h"

#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MS = 1000000, BASE = 5000, ACK = WT_TCP_ACK };

/* A stream, and the segments that it was given. */
struct feed {
    struct wt_trace trace;
    struct wt_tcp_direction tcp[2];
    int64_t ns;
    uint16_t id;
};

/* The mark of a segment that comes `ms` after the one before; the stream then has all up to `next`. */
static unsigned give(struct feed *f, unsigned d, unsigned ms, uint8_t flags, uint32_t sequence, uint32_t length,
                     uint32_t next)
{
    const struct wt_segment s = {.sequence = BASE + sequence, .length = length, .flags = flags, .id = ++f->id};
    f->ns += (int64_t)ms * MS;
    assert_true(wt_trace_add(&f->trace, &f->tcp[d], d, &s, f->ns, 1));
    f->tcp[d].next = BASE + next;
    f->tcp[d].started = 1;
    return f->trace.all[f->trace.count - 1].mark;
}

static unsigned mark_at(const struct feed *f, size_t i)
{
    return f->trace.all[i].mark;
}

static void test_plain(void **state)
{
    struct feed f = {0};
    (void)state;
    assert_int_equal(give(&f, 0, 0, WT_TCP_SYN, 0, 0, 1), WT_SEGMENT_PLAIN);
    assert_int_equal(give(&f, 1, 1, WT_TCP_SYN | ACK, 0, 0, 1), WT_SEGMENT_PLAIN);
    assert_int_equal(give(&f, 0, 1, ACK, 1, 0, 1), WT_SEGMENT_PLAIN);
    assert_int_equal(give(&f, 0, 1, ACK, 1, 100, 101), WT_SEGMENT_PLAIN);
    assert_int_equal(give(&f, 0, 1, ACK | WT_TCP_FIN, 101, 0, 102), WT_SEGMENT_PLAIN);
    assert_int_equal(f.trace.lane[0].base, BASE);
    wt_trace_free(&f.trace);
}

static void test_again(void **state)
{
    struct feed f = {0};
    (void)state;
    give(&f, 0, 0, WT_TCP_SYN, 0, 0, 1);
    assert_int_equal(give(&f, 0, 1000, WT_TCP_SYN, 0, 0, 1), WT_SEGMENT_AGAIN);
    give(&f, 0, 1, ACK, 1, 100, 101);
    assert_int_equal(give(&f, 0, 300, ACK, 1, 100, 101), WT_SEGMENT_AGAIN);
    /* RFC 9293, 3.8.4: "such a segment generally contains SEG.SEQ = SND.NXT-1" */
    assert_int_equal(give(&f, 0, 9000, ACK, 100, 0, 101), WT_SEGMENT_KEEP_ALIVE);
    assert_int_equal(give(&f, 0, 9000, ACK, 100, 1, 101), WT_SEGMENT_KEEP_ALIVE);
    f.id -= 1; /* the same packet once more */
    give(&f, 0, 1, ACK, 101, 50, 151);
    f.id -= 1;
    assert_int_equal(give(&f, 0, 1, ACK, 101, 50, 151), WT_SEGMENT_COPY);
    wt_trace_free(&f.trace);
}

/* Bytes once more, `age` nanoseconds after them, with an Identification that is `before` theirs (`ids`) or without any.
 */
static unsigned once_more(bool ids, uint16_t before, int64_t age)
{
    struct feed f = {0};
    give(&f, 0, 0, WT_TCP_SYN, 0, 0, 1);
    f.id = ids ? 1000 : UINT16_MAX;
    give(&f, 0, 1, ACK, 1, 100, 101);
    f.id = ids ? (uint16_t)(f.id - before - 1) : UINT16_MAX;
    f.ns += age;
    const unsigned mark = give(&f, 0, 0, ACK, 1, 100, 101);
    wt_trace_free(&f.trace);
    return mark;
}

static void test_copies(void **state)
{
    (void)state;
    assert_int_equal(once_more(false, 0, WT_LIMIT_COPY_NS), WT_SEGMENT_COPY);
    assert_int_equal(once_more(false, 0, WT_LIMIT_COPY_NS + 1), WT_SEGMENT_AGAIN);
    assert_int_equal(once_more(false, 0, -1), WT_SEGMENT_COPY); /* it lay in another queue */
    assert_int_equal(once_more(true, WT_LIMIT_COPY_IDS - 1, WT_LIMIT_COPY_NS + 1), WT_SEGMENT_COPY);
    assert_int_equal(once_more(true, WT_LIMIT_COPY_IDS, 0), WT_SEGMENT_AGAIN);
    assert_int_equal(once_more(true, 0, WT_LIMIT_RTO_NS - 1), WT_SEGMENT_COPY);
    assert_int_equal(once_more(true, 0, WT_LIMIT_RTO_NS), WT_SEGMENT_AGAIN);
}

static void test_holes(void **state)
{
    struct feed f = {0};
    (void)state;
    give(&f, 0, 0, WT_TCP_SYN, 0, 0, 1);
    give(&f, 0, 1, ACK, 1, 100, 101);
    assert_int_equal(give(&f, 0, 1, ACK, 401, 100, 101), WT_SEGMENT_AFTER_GAP); /* [3]: 300 are missing */
    assert_int_equal(give(&f, 0, 1, ACK, 301, 100, 101),
                     WT_SEGMENT_AFTER_GAP); /* [4]: now they are missing before it */
    assert_int_equal(mark_at(&f, 2), WT_SEGMENT_PLAIN);
    assert_int_equal(give(&f, 0, 1, ACK, 101, 100, 201), WT_SEGMENT_OUT_OF_ORDER);
    assert_int_equal(mark_at(&f, 3), WT_SEGMENT_AFTER_GAP);
    assert_int_equal(give(&f, 0, 1, ACK, 201, 100, 501), WT_SEGMENT_OUT_OF_ORDER);
    assert_int_equal(mark_at(&f, 3), WT_SEGMENT_PLAIN); /* none is missing any more */
    /* what waits after a hole comes once more */
    give(&f, 0, 1, ACK, 551, 50, 501);
    f.id -= 1;
    assert_int_equal(give(&f, 0, 1, ACK, 551, 50, 601), WT_SEGMENT_COPY);
    f.tcp[0].next = BASE + 501;
    f.trace.all[f.trace.count - 2].mark = WT_SEGMENT_PLAIN;
    /* a hole that a timer fills, and one that three duplicates fill (RFC 5681, 3.2) */
    give(&f, 0, 1, ACK, 601, 100, 501);
    assert_int_equal(give(&f, 0, 300, ACK, 501, 100, 701), WT_SEGMENT_AGAIN);
    give(&f, 0, 1, ACK, 801, 100, 701);
    for (unsigned i = 0; i < 4; i++)
        give(&f, 1, 1, ACK, 1, 0, 1);
    assert_int_equal(give(&f, 0, 1, ACK, 701, 100, 901), WT_SEGMENT_AGAIN);
    wt_trace_free(&f.trace);
}

/* Of a long connection what does not go without saying is kept longest. */
static void test_limit(void **state)
{
    struct wt_trace t = {0};
    struct wt_tcp_direction tcp = {0};
    struct wt_segment s = {.flags = ACK, .length = 1};
    (void)state;
    for (uint32_t i = 0; i < WT_LIMIT_SEGMENTS; i++) {
        s.sequence = i;
        tcp.next = i;
        tcp.started = 1;
        (void)wt_trace_add(&t, &tcp, 0, &s, i, i);
    }
    assert_int_equal(t.count, WT_LIMIT_SEGMENTS / 2);
    assert_int_equal(t.dropped, WT_LIMIT_SEGMENTS / 2);
    s.flags = ACK | WT_TCP_FIN;
    for (uint32_t i = 0; i < WT_LIMIT_SEGMENTS; i++)
        (void)wt_trace_add(&t, &tcp, 0, &s, i, i);
    assert_int_equal(t.count, WT_LIMIT_SEGMENTS);
    wt_trace_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain), cmocka_unit_test(test_again), cmocka_unit_test(test_copies),
        cmocka_unit_test(test_holes), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
