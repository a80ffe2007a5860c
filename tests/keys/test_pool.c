/* Secrets that nobody needs any more: their bytes are gone, and their room is there again. */
#include "keys/pool.h"
#include "registry/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SECRET = 48, LABEL = 1, SOURCE = 1 };

/* The i-th random; the secret of its connection is what it is in the other order, twice. */
static void random_of(unsigned i, uint8_t out[32])
{
    for (unsigned k = 0; k < 32; k++)
        out[k] = (uint8_t)(i >> k % 4 * 8 ^ k * 37);
}

static void secret_of(unsigned i, uint8_t out[SECRET])
{
    for (unsigned k = 0; k < SECRET; k++)
        out[k] = (uint8_t)(0xa5 ^ i >> k % 4 * 8 ^ k * 11);
}

static void add(struct wt_pool *pool, enum wt_secret_by kind, unsigned i)
{
    uint8_t random[32], secret[SECRET];
    random_of(i, random);
    secret_of(i, secret);
    assert_int_equal(wt_pool_add(pool, kind, wt_span_of(random, 32), LABEL, SOURCE, wt_span_of(secret, SECRET)),
                     WT_ADDED);
}

static bool finds(const struct wt_pool *pool, enum wt_secret_by kind, unsigned i)
{
    uint8_t random[32], secret[SECRET], source = 0;
    struct wt_span found;
    random_of(i, random);
    secret_of(i, secret);
    if (!wt_pool_find(pool, kind, wt_span_of(random, 32), LABEL, &source, &found))
        return false;
    assert_int_equal(source, SOURCE);
    assert_true(wt_span_equal(found, wt_span_of(secret, SECRET)));
    return true;
}

/* In all the memory that the pool has. */
static bool has_bytes(const struct wt_pool *pool, unsigned i)
{
    uint8_t secret[SECRET];
    const size_t size = pool->block_count ? 1u << 18 : 0;
    secret_of(i, secret);
    for (size_t b = 0; b < pool->block_count; b++)
        if (memmem(pool->blocks[b], b + 1 < pool->block_count ? size : pool->filled, secret, SECRET))
            return true;
    return false;
}

static void test_forget(void **state)
{
    (void)state;
    struct wt_pool pool = {.key = wt_siphash_key()};
    uint8_t random[32], other[SECRET];
    for (unsigned i = 0; i < 3; i++)
        add(&pool, WT_BY_RANDOM, i);
    random_of(1, random);
    memset(other, 0x77, sizeof other);
    const struct wt_span by = wt_span_of(random, 32);
    assert_int_equal(wt_pool_add(&pool, WT_BY_RANDOM, by, LABEL + 1, SOURCE, wt_span_of(other, SECRET)), WT_ADDED);
    assert_true(has_bytes(&pool, 1));
    wt_pool_forget(&pool, WT_BY_RANDOM, by);
    assert_false(finds(&pool, WT_BY_RANDOM, 1));
    assert_false(wt_pool_has(&pool, WT_BY_RANDOM, by));
    assert_false(has_bytes(&pool, 1));
    assert_null(memmem(pool.blocks[0], pool.filled, other, SECRET));
    assert_true(finds(&pool, WT_BY_RANDOM, 0) && finds(&pool, WT_BY_RANDOM, 2));
    wt_pool_forget(&pool, WT_BY_RANDOM, by); /* nothing is there by now */
    wt_pool_forget(&pool, WT_BY_SESSION, by);
    add(&pool, WT_BY_RANDOM, 1); /* the log was written anew */
    assert_true(finds(&pool, WT_BY_RANDOM, 1));
    wt_pool_clear(&pool);
    wt_pool_forget(&pool, WT_BY_RANDOM, by);
}

/* Around both limits, and where the counter of minutes begins anew. */
static void test_age(void **state)
{
    (void)state;
    static const uint16_t begin[] = {0, 30000, 65530};
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        struct wt_pool pool = {.key = wt_siphash_key()};
        const uint16_t t = begin[i];
        wt_pool_expire(&pool, t);
        add(&pool, WT_BY_RANDOM, 0); /* nobody asks for it */
        add(&pool, WT_BY_RANDOM, 1);
        add(&pool, WT_BY_SESSION, 2);
        add(&pool, WT_BY_RANDOM, 3);
        assert_true(finds(&pool, WT_BY_RANDOM, 1));
        wt_pool_expire(&pool, (uint16_t)(t + WT_LIMIT_SECRET_MINUTES - 1));
        assert_true(has_bytes(&pool, 0));
        assert_true(finds(&pool, WT_BY_RANDOM, 3));
        wt_pool_expire(&pool, (uint16_t)(t + WT_LIMIT_SECRET_MINUTES));
        assert_false(has_bytes(&pool, 0));
        assert_true(has_bytes(&pool, 1) && has_bytes(&pool, 2) && has_bytes(&pool, 3));
        wt_pool_expire(&pool, (uint16_t)(t + WT_LIMIT_SECRET_ASKED_MINUTES - 1));
        assert_true(has_bytes(&pool, 1) && has_bytes(&pool, 2) && has_bytes(&pool, 3));
        wt_pool_expire(&pool, (uint16_t)(t + WT_LIMIT_SECRET_ASKED_MINUTES));
        assert_false(has_bytes(&pool, 1) || has_bytes(&pool, 2));
        assert_true(finds(&pool, WT_BY_RANDOM, 3)); /* it was asked for later, and is again */
        wt_pool_clear(&pool);
    }
}

/* A sensor that runs for long has room for the secrets of each day. */
static void test_room(void **state)
{
    (void)state;
    enum { EACH = 20000, MINUTES = 60 };
    struct wt_pool pool = {.key = wt_siphash_key()};
    size_t most = 0;
    for (unsigned minute = 0; minute < MINUTES; minute++) {
        wt_pool_expire(&pool, (uint16_t)minute);
        for (unsigned i = 0; i < EACH / MINUTES; i++)
            add(&pool, WT_BY_RANDOM, minute * EACH + i);
        most = wt_pool_bytes(&pool) > most ? wt_pool_bytes(&pool) : most;
    }
    assert_int_equal(pool.count, EACH / MINUTES * MINUTES);
    assert_int_equal(pool.randoms, EACH / MINUTES * MINUTES);
    assert_true(most < 2 * (size_t)EACH / MINUTES * (2 * WT_LIMIT_SECRET_MINUTES + 1) * (32 + SECRET + 32));
    for (unsigned i = 0; i < EACH / MINUTES; i++) {
        assert_true(finds(&pool, WT_BY_RANDOM, (MINUTES - 1) * EACH + i));
        assert_false(finds(&pool, WT_BY_RANDOM, i));
    }
    wt_pool_clear(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forget), cmocka_unit_test(test_age),
                                       cmocka_unit_test(test_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
