/* Structs of options of programs that are older or newer than the library. */
#include "base/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct known {
    size_t size;
    unsigned first, second;
};
struct older {
    size_t size;
    unsigned first;
};
struct newer {
    size_t size;
    unsigned first, second;
    unsigned third[4];
};

static void test_same(void **state)
{
    struct known own, given = {sizeof given, 1, 2};
    struct wt_error error;
    (void)state;
    assert_true(wt_options_take(&own, sizeof own, &given, &error));
    assert_int_equal(error.code, WT_OK);
    assert_memory_equal(&own, &given, sizeof own);
    assert_true(wt_options_take(&own, sizeof own, &given, NULL));
}

/* What it lacks has its default. */
static void test_older(void **state)
{
    struct {
        struct older o;
        unsigned after[4]; /* what is after an older program's struct is none of ours */
    } given = {{sizeof(struct older), 7}, {9, 9, 9, 9}};
    struct known own;
    (void)state;
    memset(&own, 0xff, sizeof own);
    given.o.size = offsetof(struct older, first) + sizeof(unsigned);
    assert_true(wt_options_take(&own, sizeof own, &given, NULL));
    assert_int_equal(own.first, 7);
    assert_int_equal(own.second, 0);
    assert_int_equal(own.size, sizeof own);
}

static void test_newer(void **state)
{
    struct newer given = {.size = sizeof given, .first = 3, .second = 4};
    struct known own;
    struct wt_error error;
    char text[256];
    (void)state;
    assert_true(wt_options_take(&own, sizeof own, &given, &error)); /* it sets nothing that we do not know */
    assert_int_equal(own.second, 4);
    given.third[2] = 1;
    assert_false(wt_options_take(&own, sizeof own, &given, &error));
    assert_int_equal(error.code, WT_UNSUPPORTED);
    assert_string_equal(error.field, "options");
    assert_in_range(error.offset, offsetof(struct newer, third[2]), offsetof(struct newer, third[3]) - 1);
    assert_true(wt_error_format(&error, text, sizeof text) > 0);
    assert_non_null(strstr(text, "this older libwiretale does not know"));
}

static void test_no_size(void **state)
{
    struct known own, given = {.first = 1};
    struct wt_error error;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        static const size_t sizes[] = {0, sizeof(size_t) - 1, SIZE_MAX};
        given.size = sizes[i];
        assert_false(wt_options_take(&own, sizeof own, &given, &error));
        assert_int_equal(error.code, WT_VALUE);
        assert_string_equal(error.field, "size");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_older),
                                       cmocka_unit_test(test_newer), cmocka_unit_test(test_no_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
