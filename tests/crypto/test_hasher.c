/* Hashing on a second thread gives what hashing at once gives, whatever is added to how many hashes. */
#include "crypto/hasher.h"

#include "registry/limits.h"

#include "vector.h"

enum { HASHES = 3, PIECE = 1 << 14 };

static uint8_t text[PIECE * 4];

static void fill(size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        text[i] = (uint8_t)(i * 7 + i / 251 + seed);
}

/* The same bytes to both; they are another's as soon as they were added. */
static void add(struct wt_hasher *h, struct wt_hash *aside, struct wt_hash *at_once, size_t n, unsigned seed)
{
    fill(n, seed);
    wt_hasher_add(h, aside, wt_span_of(text, n));
    wt_hash_add(at_once, wt_span_of(text, n));
    memset(text, 0xaa, n);
}

static void equal(struct wt_hash *aside, struct wt_hash *at_once)
{
    uint8_t a[WT_DIGEST_MOST], b[WT_DIGEST_MOST];
    assert_int_equal(wt_hash_peek(aside, a), 32);
    assert_int_equal(wt_hash_peek(at_once, b), 32);
    assert_memory_equal(a, b, 32);
}

static void test_lengths(void **state)
{
    static const size_t lengths[] = {0, 1, 55, 64, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 4 * PIECE};
    struct wt_hash *aside[HASHES], *at_once[HASHES];
    struct wt_hasher *h = wt_hasher_new();
    assert_non_null(h);
    for (unsigned k = 0; k < HASHES; k++) {
        aside[k] = wt_hash_new(*state, WT_HASH_SHA256);
        at_once[k] = wt_hash_new(*state, WT_HASH_SHA256);
    }
    for (unsigned round = 0; round < 30; round++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            add(h, aside[(round + i) % HASHES], at_once[(round + i) % HASHES], lengths[i], round);
        if (round % 10 != 9)
            continue;
        wt_hasher_finish(h);
        for (unsigned k = 0; k < HASHES; k++)
            equal(aside[k], at_once[k]);
    }
    for (unsigned k = 0; k < HASHES; k++) {
        wt_hash_free(aside[k]);
        wt_hash_free(at_once[k]);
    }
    wt_hasher_free(h);
}

/* As many pieces as may wait, and one more, which waits for room. */
static void test_limit(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        struct wt_hash *aside = wt_hash_new(*state, WT_HASH_SHA256), *at_once = wt_hash_new(*state, WT_HASH_SHA256);
        struct wt_hasher *h = wt_hasher_new();
        assert_non_null(h);
        for (unsigned i = 0; i < WT_LIMIT_HASHER + more; i++)
            add(h, aside, at_once, PIECE, i);
        wt_hasher_finish(h);
        equal(aside, at_once);
        wt_hasher_free(h);
        wt_hash_free(aside);
        wt_hash_free(at_once);
    }
}

/* A few pieces do not wake the thread, but whoever needs the hash does. */
static void test_few(void **state)
{
    struct wt_hash *aside = wt_hash_new(*state, WT_HASH_SHA256), *at_once = wt_hash_new(*state, WT_HASH_SHA256);
    struct wt_hasher *h = wt_hasher_new();
    assert_non_null(h);
    wt_hasher_finish(h);
    for (unsigned i = 0; i < 100; i++) {
        add(h, aside, at_once, 10, i);
        wt_hasher_finish(h);
        equal(aside, at_once);
    }
    wt_hasher_free(h);
    wt_hash_free(aside);
    wt_hash_free(at_once);
    wt_hasher_free(wt_hasher_new());
    wt_hasher_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lengths), cmocka_unit_test(test_limit),
                                       cmocka_unit_test(test_few)};
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
