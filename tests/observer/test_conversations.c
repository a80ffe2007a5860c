/* The table of conversations: found from both ends, numbered in order, let go block by block. */
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
            assert_true(c == wt_conversations_at(t, i));
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
    for (unsigned bit = 0; bit < 16; bit++) {
        struct wt_segment other = s;
        other.source_port ^= (uint16_t)(1 << bit);
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
    assert_int_equal(wt_conversations_add(t, &s, 0)->stream, 0);
    assert_int_equal(wt_conversations_add(t, &back, 0)->stream, 1);
    assert_int_equal(wt_conversations_find(t, &s, &d)->stream, 1);
    assert_int_equal(d, 1);
    assert_int_equal(wt_conversations_at(t, 0)->stream, 0);
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

/* Blocks go, numbers stay; those that are gone are found no more, and their ends may come again. */
static void test_drop(void **state)
{
    enum { BLOCKS = 6 };
    struct wt_conversations *t = wt_conversations_new();
    unsigned d;
    (void)state;
    wt_conversations_drop_block(t);
    assert_int_equal(wt_conversations_first(t), 0);
    for (uint32_t round = 0; round < 40; round++) {
        while (wt_conversations_count(t) - wt_conversations_first(t) < BLOCKS * WT_CONVERSATION_BLOCK) {
            struct wt_segment s = segment_of(wt_conversations_count(t) % 50000, false);
            assert_non_null(wt_conversations_add(t, wt_conversations_count(t) % 3 ? &s : NULL, 0));
        }
        uint32_t first = wt_conversations_first(t);
        wt_conversations_drop_block(t);
        assert_int_equal(wt_conversations_first(t), first + WT_CONVERSATION_BLOCK);
        for (uint32_t i = first; i < wt_conversations_count(t); i += 17) {
            struct wt_segment s = segment_of(i % 50000, false);
            struct wt_conversation *c = wt_conversations_find(t, &s, &d);
            assert_int_equal(c != NULL, i >= first + WT_CONVERSATION_BLOCK && i % 3);
            if (c)
                assert_int_equal(c->stream, i);
        }
    }
    wt_conversations_free(t);
    wt_conversations_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways), cmocka_unit_test(test_same_ends), cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_again),     cmocka_unit_test(test_outside),   cmocka_unit_test(test_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
