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
    enum { MOST = 64, KEYS = 1000 };
    for (unsigned shift = 0; shift < 2; shift++) {
        struct wt_recent *r = wt_recent_new(MOST);
        assert_non_null(r);
        for (uint64_t i = 0; i < KEYS; i++) {
            const uint64_t key = shift ? (i << 32 | i) + 1 : i;
            assert_int_equal(take(r, key, true), i % MOST);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_one_bucket)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
