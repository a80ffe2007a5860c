/* The pool: what was given back is taken again, up to its limit; without one it is the system's allocator. */
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const size_t sizes[] = {0, 1, 31, 32, 33, 64, 500, 4095, 4096, 4097, 100000};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void each_size(struct wt_pool *pool)
{
    for (unsigned round = 0; round < 3; round++) {
        uint8_t *blocks[SIZES][5];
        for (size_t i = 0; i < SIZES; i++)
            for (unsigned k = 0; k < 5; k++) {
                blocks[i][k] = wt_pool_take_zeroed(pool, sizes[i]);
                assert_non_null(blocks[i][k]);
                for (size_t at = 0; at < sizes[i]; at++)
                    assert_int_equal(blocks[i][k][at], 0);
                memset(blocks[i][k], (int)(i * 5 + k), sizes[i]);
            }
        for (size_t i = 0; i < SIZES; i++)
            for (unsigned k = 0; k < 5; k++) {
                for (size_t at = 0; at < sizes[i]; at++)
                    assert_int_equal(blocks[i][k][at], i * 5 + k); /* no two overlap */
                wt_pool_give(pool, blocks[i][k], sizes[i]);
            }
    }
}

static void test_without(void **state)
{
    (void)state;
    each_size(NULL);
    wt_pool_give(NULL, NULL, 64);
}

static void test_with(void **state)
{
    struct wt_pool pool = {.most = 1 << 20};
    (void)state;
    each_size(&pool);
    wt_pool_give(&pool, NULL, 64);
    wt_pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
    each_size(&pool);
    wt_pool_free(&pool);
}

/* A block serves all sizes of its step, and what is kept never passes the limit. */
static void test_kept(void **state)
{
    struct wt_pool pool = {.most = 256};
    void *blocks[5];
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        assert_non_null(blocks[i] = wt_pool_take(&pool, 64));
    for (unsigned i = 0; i < 5; i++)
        wt_pool_give(&pool, blocks[i], 64);
    assert_int_equal(pool.bytes, WT_SANITIZED ? 0 : 256); /* the fifth went back */
    void *again = wt_pool_take(&pool, 40);
    assert_true(WT_SANITIZED || again == blocks[3]);
    assert_int_equal(pool.bytes, WT_SANITIZED ? 0 : 192);
    wt_pool_give(&pool, again, 40);
    wt_pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_without), cmocka_unit_test(test_with),
                                       cmocka_unit_test(test_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
