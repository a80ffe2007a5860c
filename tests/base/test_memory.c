/* What the system refuses is counted, and nothing else is. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void given(void **state)
{
    (void)state;
    const size_t before = wt_memory_refusals();
    void *p[] = {wt_malloc(0),
                 wt_malloc(3),
                 wt_calloc(0, 8),
                 wt_calloc(2, 8),
                 wt_aligned_alloc(64, 64),
                 wt_strdup("a"),
                 wt_strndup("abc", 2),
                 wt_reallocarray(NULL, 0, 8),
                 wt_realloc(NULL, 0),
                 wt_format_new("%d", 7)};
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        assert_non_null(p[i]); /* also of no bytes */
        free(p[i]);
    }
    assert_int_equal(wt_memory_refusals(), before);
}

static void refused(void **state)
{
    (void)state;
    if (WT_SANITIZED)
        skip(); /* its allocator ends the program */
    const size_t before = wt_memory_refusals();
    volatile size_t most = SIZE_MAX - 64; /* more than any object may have */
    void *kept = wt_malloc(1);
    assert_null(wt_malloc(most));
    assert_null(wt_calloc(most, 4));
    assert_null(wt_realloc(kept, most));
    assert_null(wt_reallocarray(kept, most, 4));
    assert_int_equal(wt_memory_refusals(), before + 4);
    assert_null(wt_memory_refused());
    assert_int_equal(wt_memory_refusals(), before + 5);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
