/* The table of conversations: found from both ends, numbered in order, kept in lists. */
#include "observer/transport/conversations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_segment segment_of(uint32_t i, bool back)
{
    struct wt_segment s = {.source_port = (uint16_t)(i * 7), .target_port = 443};
    memcpy(s.source, &i, sizeof i);
    s.target[15] = 1;
    if (back) {
        struct wt_segment t = s;
        memcpy(s.source, t.target, 16);
        memcpy(s.target, t.source, 16);
        s.source_port = t.target_port;
        s.target_port = t.source_port;
    }
    return s;
}

static void test_both_ways(void **state)
{
    enum { MANY = 20000 };
    struct wt_conversations *t = wt_conversations_new();
    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        struct wt_segment s = segment_of(i, false);
        unsigned d = 7;
        assert_null(wt_conversations_find(t, &s, &d));
        struct wt_conversation *c = wt_conversations_add(t, &s, 0);
        assert_non_null(c);
        assert_int_equal(c->stream, i);
        assert_null(c->tls);
    }
    for (uint32_t i = 0; i < MANY; i++)
        for (unsigned back = 0; back < 2; back++) {
            struct wt_segment s = segment_of(i, back);
            unsigned d = 7;
            struct wt_conversation *c = wt_conversations_find(t, &s, &d);
            assert_int_equal(c->stream, i);
            assert_int_equal(d, back);
        }
    assert_int_equal(wt_conversations_count(t), MANY);
    wt_conversations_free(t);
}

/* An end that talks to itself has one direction only. */
static void test_same_ends(void **state)
{
    struct wt_conversations *t = wt_conversations_new();
    struct wt_segment s = segment_of(5, false);
    unsigned d = 7;
    (void)state;
    memcpy(s.target, s.source, 16);
    s.target_port = s.source_port;
    assert_non_null(wt_conversations_add(t, &s, 0));
    assert_non_null(wt_conversations_find(t, &s, &d));
    assert_int_equal(d, 0);
    wt_conversations_free(t);
}

/* Addresses or ports that differ in one bit are others. */
static void test_near_misses(void **state)
{
    struct wt_conversations *t = wt_conversations_new();
    struct wt_segment s = segment_of(9, false);
    unsigned d;
    (void)state;
    assert_non_null(wt_conversations_add(t, &s, 0));
    for (unsigned bit = 0; bit < 128; bit++) {
        struct wt_segment other = s;
        other.source[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_null(wt_conversations_find(t, &other, &d));
        other = s;
        other.target[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_null(wt_conversations_find(t, &other, &d));
    }
    /* either port, of either direction; also when the conversation was found just before, and no hash is asked */
    for (unsigned bit = 0; bit < 64; bit++) {
        struct wt_segment other = segment_of(9, bit >= 32);
        assert_non_null(wt_conversations_find(t, &s, &d));
        *(bit / 16 % 2 ? &other.target_port : &other.source_port) ^= (uint16_t)(1 << bit % 16);
        assert_null(wt_conversations_find(t, &other, &d));
    }
    /* ports the other way round, addresses not */
    struct wt_segment crossed = s;
    crossed.source_port = s.target_port;
    crossed.target_port = s.source_port;
    assert_null(wt_conversations_find(t, &crossed, &d));
    wt_conversations_free(t);
}

/* The same ends once more: the newer is found, the older keeps its number. */
static void test_again(void **state)
{
    struct wt_conversations *t = wt_conversations_new();
    struct wt_segment s = segment_of(1, false), back = segment_of(1, true);
    unsigned d;
    (void)state;
    struct wt_conversation *older = wt_conversations_add(t, &s, 0);
    assert_int_equal(wt_conversations_add(t, &back, 0)->stream, 1);
    assert_int_equal(wt_conversations_find(t, &s, &d)->stream, 1);
    assert_int_equal(d, 1);
    assert_ptr_equal(wt_conversations_get(t, older->id, 0), older);
    wt_conversations_drop(t, older); /* the slot is the newer one's */
    assert_int_equal(wt_conversations_find(t, &s, &d)->stream, 1);
    wt_conversations_free(t);
}

static void test_outside(void **state)
{
    struct wt_conversations *t = wt_conversations_new();
    struct wt_segment s = {0};
    unsigned d;
    (void)state;
    assert_int_equal(wt_conversations_add(t, NULL, 0)->stream, 0);
    assert_null(wt_conversations_find(t, &s, &d));
    assert_int_equal(wt_conversations_count(t), 1);
    wt_conversations_free(t);
}

/* Conversations go one by one, numbers stay; one that is gone is found no more, its ends may come again, and another
 * one gets its room, which the old number does not open. */
static void test_drop(void **state)
{
    enum { HELD = 6000, ROUNDS = 40 };
    struct wt_conversations *t = wt_conversations_new();
    unsigned d;
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        while (wt_conversations_held(t) < HELD) {
            struct wt_segment s = segment_of(wt_conversations_count(t) % 50000, false);
            assert_non_null(wt_conversations_add(t, wt_conversations_count(t) % 3 ? &s : NULL, 0));
        }
        const uint32_t gone = wt_conversations_first(t, WT_LIST_OPEN)->stream, until = gone + 1000;
        for (struct wt_conversation *c; (c = wt_conversations_first(t, WT_LIST_OPEN))->stream < until;) {
            const uint32_t id = c->id, stream = c->stream;
            wt_conversations_drop(t, c);
            assert_null(wt_conversations_get(t, id, stream));
        }
        for (uint32_t i = gone; i < wt_conversations_count(t); i += 17) {
            struct wt_segment s = segment_of(i % 50000, false);
            struct wt_conversation *c = wt_conversations_find(t, &s, &d);
            assert_int_equal(c != NULL, i >= until && i % 3);
            if (c) {
                assert_int_equal(c->stream, i);
                assert_true(c->id < HELD); /* rooms are used again */
            }
        }
    }
    assert_int_equal(wt_conversations_count(t), HELD + (ROUNDS - 1) * 1000);
    wt_conversations_free(t);
    wt_conversations_free(NULL);
}

/* Each is in one list, in the order in which it came there. */
static void test_lists(void **state)
{
    struct wt_conversations *t = wt_conversations_new();
    struct wt_conversation *c[4];
    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        c[i] = wt_conversations_add(t, NULL, 0);
    wt_conversations_move(t, c[1], WT_LIST_OVER);
    wt_conversations_move(t, c[0], WT_LIST_OVER);
    wt_conversations_move(t, c[3], WT_LIST_ASIDE);
    assert_ptr_equal(wt_conversations_first(t, WT_LIST_OPEN), c[2]);
    assert_null(wt_conversations_next(t, c[2]));
    assert_ptr_equal(wt_conversations_first(t, WT_LIST_OVER), c[1]);
    assert_ptr_equal(wt_conversations_next(t, c[1]), c[0]);
    assert_ptr_equal(wt_conversations_before(t, c[0]), c[1]);
    wt_conversations_drop(t, c[1]);
    assert_ptr_equal(wt_conversations_first(t, WT_LIST_OVER), c[0]);
    wt_conversations_reopen(t, c[0]); /* by its number */
    assert_ptr_equal(wt_conversations_first(t, WT_LIST_OPEN), c[0]);
    assert_ptr_equal(wt_conversations_next(t, c[0]), c[2]);
    assert_ptr_equal(wt_conversations_before(t, c[2]), c[0]);
    wt_conversations_reopen(t, c[3]);
    assert_ptr_equal(wt_conversations_next(t, c[2]), c[3]);
    wt_conversations_move(t, c[3], WT_LIST_ASIDE);
    assert_null(wt_conversations_first(t, WT_LIST_OVER));
    assert_int_equal(wt_conversations_length(t, WT_LIST_OPEN), 2);
    assert_int_equal(wt_conversations_length(t, WT_LIST_ASIDE), 1);
    assert_int_equal(wt_conversations_held(t), 3);
    wt_conversations_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways), cmocka_unit_test(test_same_ends), cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_again),     cmocka_unit_test(test_outside),   cmocka_unit_test(test_drop),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
