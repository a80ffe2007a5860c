/* What wt_format() makes of a format is what printf makes of it, whoever of the two does the work. */
#include "base/format.h"

#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SAME(...)                                                                                                      \
    do {                                                                                                               \
        char ours[200], theirs[200];                                                                                   \
        for (size_t size = 1; size <= sizeof ours; size += 1 + size / 8) {                                             \
            memset(ours, 'x', sizeof ours);                                                                            \
            (void)snprintf(theirs, size, __VA_ARGS__);                                                                 \
            assert_int_equal(wt_format(ours, size, __VA_ARGS__), strlen(theirs));                                      \
            assert_string_equal(ours, theirs);                                                                         \
            assert_true(size == sizeof ours || ours[size] == 'x');                                                     \
        }                                                                                                              \
    } while (0)

#pragma GCC diagnostic push
#ifndef __clang__ /* it has no such warning, and warns of a warning that it has not */
#pragma GCC diagnostic ignored "-Wformat-truncation"
#endif
#pragma GCC diagnostic ignored "-Wformat"
static void as_printf(void **state)
{
    (void)state;
    SAME("%s", "");
    SAME("plain");
    SAME("%s and %s, 100 %%", "one", "another");
    SAME("%u %zu %" PRIu32 " %" PRIu64, 0u, (size_t)SIZE_MAX, UINT32_MAX, UINT64_MAX);
    SAME("%d %d %" PRId64 " %" PRId64, INT_MIN, -7, INT64_MIN, INT64_MAX);
    SAME("%c%c", 'a', '\n');
    SAME("%.80s, whose issuer %.3s is in %.0s.", "short", "abcdef", "none of them");
    SAME("%.3s", (const char[3]){'a', 'b', 'c'}); /* C11, 7.21.6.1: no more bytes are read */
    SAME("\001%d\002%s\003", 12, "a sentence in no language");
}

/* These it leaves to printf, from the first argument on. */
static void left_to_printf(void **state)
{
    (void)state;
    SAME("%s: 0x%04x", "version", 0x303);
    SAME("%u, %-6s|%5.1f", 3u, "left", 2.25);
    SAME("%2$s before %1$s", "one", "another");
    SAME("%.*s of %s", 3, "abcdef", "it");
    SAME("%.3d, %.0f", 7, 2.25);
}
#pragma GCC diagnostic pop

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_printf), cmocka_unit_test(left_to_printf)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
