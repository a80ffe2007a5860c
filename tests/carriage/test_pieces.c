/* Pieces in any order: the same bytes come out, once, in order, whatever comes in between; the first of two that
 * contradict each other wins; limits hold. */
#include "carriage/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SIZE = 120 };

static const struct wt_pieces_limits wide = {1000, 100000, UINT64_MAX};

struct taken {
    uint8_t bytes[SIZE];
    uint64_t next;
    unsigned calls;
};

static void take(void *context, uint64_t at, struct wt_span bytes)
{
    struct taken *t = context;
    assert_true(bytes.n > 0);
    assert_true(at == t->next && at + bytes.n <= SIZE);
    memcpy(t->bytes + at, bytes.p, bytes.n);
    t->next += bytes.n;
    t->calls++;
}

static void in_order_nothing_is_copied(void **state)
{
    struct taken t = {.next = 0};
    struct wt_pieces p = {0};
    (void)state;
    assert_int_equal(wt_pieces_feed(&p, 0, wt_span_of("abc", 3), &wide, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(wt_pieces_feed(&p, 3, wt_span_of("def", 3), &wide, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(wt_pieces_feed(&p, 1, wt_span_of("bcd", 3), &wide, take, &t), WT_PIECES_KNOWN);
    assert_int_equal(wt_pieces_feed(&p, 6, wt_span_of("", 0), &wide, take, &t), WT_PIECES_KNOWN);
    assert_null(p.early);
    assert_int_equal(t.calls, 2);
    assert_memory_equal(t.bytes, "abcdef", 6);
    wt_pieces_clear(&p);
}

static void what_comes_early_waits(void **state)
{
    struct taken t = {.next = 0};
    struct wt_pieces p = {0};
    (void)state;
    assert_int_equal(wt_pieces_feed(&p, 4, wt_span_of("ef", 2), &wide, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(wt_pieces_feed(&p, 8, wt_span_of("i", 1), &wide, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(wt_pieces_feed(&p, 4, wt_span_of("ef", 2), &wide, take, &t), WT_PIECES_KNOWN);
    assert_int_equal(t.calls, 0);
    assert_int_equal(p.held, 3);
    /* over all of it and beyond: what is between is handed on where it lies */
    assert_int_equal(wt_pieces_feed(&p, 0, wt_span_of("abcdefghij", 10), &wide, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(t.next, 10);
    assert_memory_equal(t.bytes, "abcdefghij", 10);
    assert_false(p.differs);
    assert_int_equal(p.count, 0);
    assert_int_equal(p.held, 0);
    wt_pieces_clear(&p);
}

static void the_first_wins(void **state)
{
    struct taken t = {.next = 0};
    struct wt_pieces p = {0};
    (void)state;
    (void)wt_pieces_feed(&p, 2, wt_span_of("cd", 2), &wide, take, &t);
    assert_false(p.differs);
    (void)wt_pieces_feed(&p, 0, wt_span_of("abXdef", 6), &wide, take, &t);
    assert_true(p.differs);
    assert_memory_equal(t.bytes, "abcdef", 6);
    wt_pieces_clear(&p);
}

static void limits_hold(void **state)
{
    static const struct wt_pieces_limits narrow = {2, 5, 10};
    struct taken t = {.next = 0};
    struct wt_pieces p = {0};
    (void)state;
    assert_int_equal(wt_pieces_feed(&p, 10, wt_span_of("k", 1), &narrow, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(wt_pieces_feed(&p, 11, wt_span_of("l", 1), &narrow, take, &t), WT_PIECES_FULL);    /* too far */
    assert_int_equal(wt_pieces_feed(&p, 2, wt_span_of("cdefg", 5), &narrow, take, &t), WT_PIECES_FULL); /* bytes */
    assert_int_equal(wt_pieces_feed(&p, 2, wt_span_of("cdef", 4), &narrow, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(p.held, 5);
    assert_int_equal(wt_pieces_feed(&p, 8, wt_span_of("i", 1), &narrow, take, &t), WT_PIECES_FULL); /* pieces */
    /* what comes in its turn needs none */
    assert_int_equal(wt_pieces_feed(&p, 0, wt_span_of("abcdefghijk", 11), &narrow, take, &t), WT_PIECES_TAKEN);
    assert_int_equal(t.next, 11);
    assert_memory_equal(t.bytes, "abcdefghijk", 11);
    wt_pieces_clear(&p);
    /* offsets up to QUIC's last, 2^62 - 1 */
    assert_int_equal(wt_pieces_feed(&p, ((uint64_t)1 << 62) - 2, wt_span_of("z", 1), &narrow, take, &t),
                     WT_PIECES_FULL);
    assert_int_equal(wt_pieces_feed(&p, ((uint64_t)1 << 62) - 2, wt_span_of("z", 1), &wide, take, &t), WT_PIECES_TAKEN);
    wt_pieces_clear(&p);
}

static void goes_on_behind_a_gap(void **state)
{
    struct taken t = {.next = 0};
    struct wt_pieces p = {0};
    (void)state;
    (void)wt_pieces_feed(&p, 2, wt_span_of("cd", 2), &wide, take, &t);
    (void)wt_pieces_feed(&p, 6, wt_span_of("ghi", 3), &wide, take, &t);
    (void)wt_pieces_feed(&p, 9, wt_span_of("j", 1), &wide, take, &t);
    t.next = 7;
    wt_pieces_skip(&p, 7, take, &t);
    assert_int_equal(p.next, 10);
    assert_memory_equal(t.bytes + 7, "hij", 3);
    assert_int_equal(p.count, 0);
    wt_pieces_skip(&p, 5, take, &t);
    assert_int_equal(p.next, 10);
    wt_pieces_clear(&p);
}

/* Random pieces of one text, until all of it has come. */
static void any_order_gives_the_text(void **state)
{
    uint8_t text[SIZE];
    (void)state;
    srand(9000);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)rand();
    for (int round = 0; round < 300; round++) {
        struct taken t = {.next = 0};
        struct wt_pieces p = {0};
        const unsigned most = 1 + (unsigned)rand() % SIZE;
        while (t.next < SIZE) {
            const size_t at = (unsigned)rand() % SIZE, room = SIZE - at;
            const size_t n = (unsigned)rand() % (most < room ? most + 1 : room + 1);
            assert_true(wt_pieces_feed(&p, at, wt_span_of(text + at, n), &wide, take, &t) <= WT_PIECES_KNOWN);
            assert_true(p.next == t.next);
        }
        assert_memory_equal(t.bytes, text, SIZE);
        assert_false(p.differs);
        assert_int_equal(p.count, 0);
        wt_pieces_clear(&p);
    }
}

/* The same with wrong bytes among them: each byte that comes out came first at its place. */
static void of_any_order_the_first_wins(void **state)
{
    (void)state;
    srand(6347);
    for (int round = 0; round < 300; round++) {
        struct taken t = {.next = 0};
        struct wt_pieces p = {0};
        uint8_t first[SIZE];
        bool has[SIZE] = {0}, contradicted = false;
        while (t.next < SIZE) {
            uint8_t piece[40];
            const size_t at = (unsigned)rand() % SIZE, room = SIZE - at;
            const size_t n = (unsigned)rand() % (room < sizeof piece ? room + 1 : sizeof piece);
            const uint64_t next = p.next;
            for (size_t i = 0; i < n; i++) {
                piece[i] = (uint8_t)(rand() % 50 == 0);
                if (has[at + i])
                    contradicted = contradicted || (at + i >= next && first[at + i] != piece[i]);
                else
                    first[at + i] = piece[i];
                has[at + i] = true;
            }
            (void)wt_pieces_feed(&p, at, wt_span_of(piece, n), &wide, take, &t);
            assert_int_equal(p.differs, contradicted);
        }
        assert_memory_equal(t.bytes, first, SIZE);
        wt_pieces_clear(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_nothing_is_copied),
        cmocka_unit_test(what_comes_early_waits),
        cmocka_unit_test(the_first_wins),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(goes_on_behind_a_gap),
        cmocka_unit_test(any_order_gives_the_text),
        cmocka_unit_test(of_any_order_the_first_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
