/* Keys that were used last keep their places; the one that was used longest ago makes room. */
#include "base/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static uint32_t take(struct wt_recent *r, uint64_t key, bool want_new)
{
    bool is_new;
    uint32_t at = wt_recent_take(r, key, &is_new);
    assert_int_equal(is_new, want_new);
    assert_int_equal(wt_recent_find(r, key), at);
    return at;
}

static void test_order(void **state)
{
    (void)state;
    struct wt_recent *r = wt_recent_new(3);
    assert_non_null(r);
    assert_int_equal(wt_recent_find(NULL, 7), WT_RECENT_NONE);
    assert_int_equal(wt_recent_count(NULL), 0);
    assert_int_equal(wt_recent_find(r, 7), WT_RECENT_NONE);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(take(r, 100 + i, true), i);
    assert_int_equal(take(r, 100, false), 0); /* 101 is the oldest now */
    assert_int_equal(take(r, 200, true), 1);
    assert_int_equal(wt_recent_find(r, 101), WT_RECENT_NONE);
    assert_int_equal(wt_recent_find(r, 102), 2); /* looking is no use */
    assert_int_equal(take(r, 201, true), 2);
    assert_int_equal(take(r, 202, true), 0);
    assert_int_equal(take(r, 202, false), 0);
    wt_recent_free(r);
    wt_recent_free(NULL);
}

/* Of keys that share all buckets, and of one place alone, the same is remembered as of any others. */
static void test_one_bucket(void **state)
{
    (void)state;
    enum { MOST = 200, KEYS = 1000 }; /* more than it begins with */
    for (unsigned shift = 0; shift < 2; shift++) {
        struct wt_recent *r = wt_recent_new(MOST);
        assert_non_null(r);
        for (uint64_t i = 0; i < KEYS; i++) {
            const uint64_t key = shift ? (i << 32 | i) + 1 : i;
            assert_int_equal(take(r, key, true), i % MOST);
            assert_int_equal(wt_recent_count(r), i < MOST ? i + 1 : MOST);
            for (uint64_t k = 0; k <= i; k += 37)
                assert_int_equal(wt_recent_find(r, shift ? (k << 32 | k) + 1 : k) != WT_RECENT_NONE, k + MOST > i);
        }
        wt_recent_free(r);
    }
    struct wt_recent *one = NULL;
    assert_true(wt_recent_ensure(&one, 1));
    assert_true(wt_recent_ensure(&one, 1));
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(take(one, i, true), 0);
    wt_recent_free(one);
}

/* Which keys made room is known, of any number of them; few others are taken for one. */
static void test_forgotten(void **state)
{
    (void)state;
    enum { MOST = 64, OTHERS = 100000 };
    struct wt_recent *r = NULL;
    assert_true(wt_recent_ensure_asked(&r, MOST));
    assert_false(wt_recent_forgot(NULL, 0));
    for (uint64_t i = 0; i < MOST; i++)
        (void)take(r, i, true);
    for (uint64_t i = 0; i < OTHERS; i++)
        assert_false(wt_recent_forgot(r, i)); /* nobody had to make room */
    for (uint64_t i = MOST; i < (uint64_t)3 * MOST; i++) {
        (void)take(r, i, true);
        for (uint64_t k = 0; k <= i; k++)
            assert_int_equal(wt_recent_forgot(r, k), k + MOST <= i);
    }
    for (uint64_t i = 0; i < OTHERS; i++)
        assert_false(wt_recent_forgot(r, 1000 + i));
    (void)take(r, 0, true); /* what was known of it is not known again */
    assert_true(wt_recent_forgot(r, 0));
    for (uint64_t i = 1000; i < 1000 + 1000 * MOST; i++)
        (void)take(r, i, true);
    for (uint64_t i = 1000; i < 1000 + 999 * MOST; i++)
        assert_true(wt_recent_forgot(r, i));
    wt_recent_free(r);
}

/* Whoever does not ask pays nothing. */
static void test_not_asked(void **state)
{
    (void)state;
    struct wt_recent *r = wt_recent_new(1);
    assert_non_null(r);
    (void)take(r, 1, true);
    (void)take(r, 2, true);
    assert_false(wt_recent_forgot(r, 1));
    assert_true(wt_recent_ensure_asked(&r, 1));
    (void)take(r, 3, true);
    assert_true(wt_recent_forgot(r, 2));
    wt_recent_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_one_bucket),
                                      cmocka_unit_test(test_forgotten), cmocka_unit_test(test_not_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
