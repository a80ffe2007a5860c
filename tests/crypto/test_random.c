/* Where random bytes come from, and that none are said to be none. */
#include "crypto/random.h"

#include "vector.h"

struct given {
    unsigned calls;
    enum wt_random_use use;
    uint16_t group;
    bool refuse;
};

static bool fill(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n)
{
    struct given *g = context;
    g->calls++;
    g->use = use;
    g->group = group;
    memset(out, 0x5a, n);
    return !g->refuse;
}

/* Two draws of 16 bytes are alike once in 2^128. */
static void test_libcrypto(void **state)
{
    const struct wt_random random = {.crypto = *state};
    uint8_t a[16] = {0}, b[16] = {0}, c[16] = {0}, d[16] = {0};
    assert_true(wt_random_public(&random, WT_RANDOM_HELLO, a, sizeof a));
    assert_true(wt_random_public(&random, WT_RANDOM_HELLO, b, sizeof b));
    assert_true(wt_random_private(&random, WT_RANDOM_KEY, WT_GROUP_X25519, c, sizeof c));
    assert_true(wt_random_private(&random, WT_RANDOM_KEY, WT_GROUP_X25519, d, sizeof d));
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(c, d, sizeof c);
    assert_memory_not_equal(a, c, sizeof a);
    assert_true(wt_random_public(&random, WT_RANDOM_SESSION, a, 0));
}

static void test_given(void **state)
{
    struct given g = {0};
    const struct wt_random random = {.crypto = *state, .fill = fill, .context = &g};
    uint8_t a[40] = {0};
    assert_true(wt_random_public(&random, WT_RANDOM_HELLO, a, 32));
    assert_int_equal(g.use, WT_RANDOM_HELLO);
    assert_int_equal(g.group, 0);
    assert_int_equal(a[31], 0x5a);
    assert_int_equal(a[32], 0);
    assert_true(wt_random_private(&random, WT_RANDOM_KEY, WT_GROUP_X448, a, sizeof a));
    assert_int_equal(g.use, WT_RANDOM_KEY);
    assert_int_equal(g.group, WT_GROUP_X448);
    assert_int_equal(g.calls, 2);
}

/* Bytes that were not given are not used as if they were. */
static void test_none(void **state)
{
    struct given g = {.refuse = true};
    const struct wt_random random = {.crypto = *state, .fill = fill, .context = &g};
    uint8_t a[32], zero[32] = {0};
    memset(a, 0xff, sizeof a);
    assert_false(wt_random_public(&random, WT_RANDOM_HELLO, a, sizeof a));
    assert_memory_equal(a, zero, sizeof a);
    memset(a, 0xff, sizeof a);
    assert_false(wt_random_private(&random, WT_RANDOM_KEY, 0, a, sizeof a));
    assert_memory_equal(a, zero, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libcrypto),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
