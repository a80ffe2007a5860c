/* The arena: zeroed, aligned, bounded. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_zeroed_and_aligned(void **state)
{
    struct wt_arena a = {0};
    (void)state;
    for (size_t n = 0; n < 3000; n = n < 40 ? n + 1 : n * 2) {
        uint8_t *p = wt_arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xa5, n); /* the next must not see it */
    }
    assert_false(a.refused);
    wt_arena_free(&a);
    assert_int_equal(a.used, 0);
}

/* Allocations never overlap, also over the borders of blocks. */
static void test_apart(void **state)
{
    enum { COUNT = 2000 };
    struct wt_arena a = {.first = 96};
    uint8_t *p[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        size_t n = 1 + i * 7 % 300;
        p[i] = wt_arena_alloc(&a, n);
        assert_non_null(p[i]);
        memset(p[i], (int)(i & 255), n);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < 1 + i * 7 % 300; k++)
            assert_int_equal(p[i][k], i & 255);
    wt_arena_free(&a);
}

static void test_first_block(void **state)
{
    struct wt_arena small = {.first = 96}, usual = {0};
    (void)state;
    assert_non_null(wt_arena_alloc(&small, 1));
    assert_non_null(wt_arena_alloc(&usual, 1));
    assert_true(small.used < usual.used);
    assert_true(usual.used <= 1024);
    wt_arena_free(&small);
    wt_arena_free(&usual);
}

/* `used` never passes `limit`; what no longer fits is refused and said, what fits still is given. */
static void test_limit(void **state)
{
    (void)state;
    for (size_t limit = 64; limit < 5000; limit += 61) {
        struct wt_arena a = {.limit = limit};
        unsigned given = 0;
        while (wt_arena_alloc(&a, 40) && given < 10000)
            given++;
        assert_true(a.refused);
        assert_true(given < 10000);
        assert_true(a.used <= limit);
        assert_true(limit < 200 || given > 0);
        wt_arena_free(&a);
    }
}

static void test_too_large(void **state)
{
    struct wt_arena a = {.limit = 1000};
    (void)state;
    assert_null(wt_arena_alloc(&a, 1001));
    assert_true(a.refused);
    assert_non_null(wt_arena_alloc(&a, 100));
    a.refused = false;
    assert_null(wt_arena_alloc(&a, SIZE_MAX));
    assert_null(wt_arena_alloc(&a, SIZE_MAX - 15));
    assert_true(a.refused);
    wt_arena_free(&a);
    struct wt_arena free = {0};
    assert_null(wt_arena_alloc(&free, SIZE_MAX / 2));
    assert_true(free.refused);
    wt_arena_free(&free);
}

static void test_copy(void **state)
{
    static const uint8_t bytes[] = {1, 2, 0, 3};
    struct wt_arena a = {0};
    (void)state;
    struct wt_span s = wt_arena_copy(&a, wt_span_of(bytes, 4));
    assert_int_equal(s.n, 4);
    assert_memory_equal(s.p, bytes, 4);
    assert_int_equal(s.p[4], 0);
    s = wt_arena_copy(&a, (struct wt_span){0});
    assert_non_null(s.p);
    assert_int_equal(s.n, 0);
    assert_int_equal(s.p[0], 0);
    /* exactly a block's worth: the NUL needs its byte too */
    uint8_t large[512] = {0};
    memset(large, 'x', sizeof large);
    s = wt_arena_copy(&a, wt_span_of(large, sizeof large));
    assert_int_equal(s.p[512], 0);
    wt_arena_free(&a);
    a.limit = 64;
    s = wt_arena_copy(&a, wt_span_of(large, sizeof large));
    assert_null(s.p);
    assert_int_equal(s.n, 0);
    wt_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_and_aligned), cmocka_unit_test(test_apart),
        cmocka_unit_test(test_first_block),        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_too_large),          cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
