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
#if !WT_SANITIZED /* a sanitizer ends a program that asks for more memory than there can be */
    size_t large = SIZE_MAX / 8;
    assert_false(wt_array_grow(&list, large, &large, sizeof *list, 3));
    assert_int_equal(large, SIZE_MAX / 8);
#endif
    assert_int_equal(list[999], 999 * 999);
    free(list);
}

static void test_within(void **state)
{
    uint32_t *list = NULL;
    size_t room = 0;
    (void)state;
    assert_false(wt_array_grow_within(&list, 0, &room, sizeof *list, 8, 7));
    assert_true(list == NULL && room == 0);
    assert_true(wt_array_grow_within(&list, 0, &room, sizeof *list, 8, 16));
    assert_true(wt_array_grow_within(&list, room, &room, sizeof *list, 8, 16));
    assert_int_equal(room, 16);
    list[15] = 7;
    assert_false(wt_array_grow_within(&list, 16, &room, sizeof *list, 8, 31));
    assert_int_equal(room, 16);
    assert_int_equal(list[15], 7);
    assert_true(wt_array_grow_within(&list, 15, &room, sizeof *list, 8, 0)); /* there is room */
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grow), cmocka_unit_test(test_within)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
