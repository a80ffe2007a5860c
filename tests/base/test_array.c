/* Lists grow by doubling, keep what is in them, and stay as they are when they cannot. */
#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_grow(void **state)
{
    uint32_t *list = NULL;
    size_t room = 0;
    (void)state;
    for (uint32_t n = 0; n < 1000; n++) {
        assert_true(wt_array_grow(&list, n, &room, sizeof *list, 3));
        assert_true(room > n && room < 2u * n + 4);
        list[n] = n * n;
    }
    for (uint32_t n = 0; n < 1000; n++)
        assert_int_equal(list[n], n * n);
    /* more than there is room for in an address space */
    size_t huge = SIZE_MAX / 2 + 1;
    assert_false(wt_array_grow(&list, huge, &huge, sizeof *list, 3));
    assert_int_equal(huge, SIZE_MAX / 2 + 1);
#ifndef __SANITIZE_ADDRESS__ /* which ends a program that asks for so much */
    size_t large = SIZE_MAX / 8;
    assert_false(wt_array_grow(&list, large, &large, sizeof *list, 3));
    assert_int_equal(large, SIZE_MAX / 8);
#endif
    assert_int_equal(list[999], 999 * 999);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
