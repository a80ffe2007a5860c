/* The folded product is the same on each machine: checked against products of arbitrary precision, and against
 * shifts. */
#include "base/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void products(void **state)
{
    (void)state;
    static const uint64_t rows[][3] = {
        {0, UINT64_MAX, 0},
        {1, 0x0123456789abcdef, 0x0123456789abcdef},
        {0x8000000000000000, 2, 1},
        {0xffffffff, 0xffffffff, 0xfffffffe00000001},
        {0xffffffff00000000, 0x1ffffffff, 0xfffffffd},
        {0x9e3779b97f4a7c15, 0x0123456789abcdef, 0x0c27a443d5ff218e},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(wt_fold(rows[i][0], rows[i][1]), rows[i][2]);
        assert_int_equal(wt_fold(rows[i][1], rows[i][0]), rows[i][2]);
        assert_int_equal(wt_fold_pieces(rows[i][0], rows[i][1]), rows[i][2]);
    }
}

/* Multiplying by a power of two moves a word: what leaves the low half is the high one. */
static void powers_of_two(void **state)
{
    (void)state;
    const uint64_t word = 0x9e3779b97f4a7c15;
    for (unsigned by = 1; by < 64; by++) {
        assert_int_equal(wt_fold(word, (uint64_t)1 << by), word << by ^ word >> (64 - by));
        assert_int_equal(wt_fold_pieces(word, (uint64_t)1 << by), word << by ^ word >> (64 - by));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(powers_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
