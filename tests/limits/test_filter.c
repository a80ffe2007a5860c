/* What a filter's limit of memory does, with a lower one. */
#include "filter/ast.h"
#include "registry/limits.h"
#include "wiretale/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Bytes of an arena's own for what it gives. */
static size_t head_of_block(void)
{
    struct wt_arena a = {0};
    const size_t n = 4096;
    assert_non_null(wt_arena_alloc(&a, n));
    const size_t head = a.used - n;
    wt_arena_free(&a);
    return head;
}

/* Strings that an answer makes: within the limit, and a byte more; then there are none, and that is recorded. */
static void test_answer(void **state)
{
    static uint8_t name[WT_LIMIT_FILTER_MEMORY];
    struct wt_filter_error error;
    struct wt_filter *filter = wt_filter_compile("upper(sni) contains \"A\"", &error);
    (void)state;
    assert_non_null(filter);
    memset(name, 'a', sizeof name);
    for (unsigned more = 0; more < 2; more++) {
        const struct wt_connection c = {.sni = wt_span_of(name, WT_LIMIT_FILTER_MEMORY - head_of_block() - 1 + more)};
        assert_int_equal(wt_filter_match(filter, &c), !more);
        assert_int_equal(wt_filter_limited(filter), more);
        assert_int_equal(wt_filter_may_match(filter, &c), true);
    }
    wt_filter_free(filter);
}

/* A filter itself: it is refused when its strings do not fit. */
static void test_filter(void **state)
{
    static const char head[] = "sni == \"", tail[] = "\"";
    struct wt_filter_error error;
    size_t fits = 0, over = WT_LIMIT_FILTER_MEMORY, used = 0;
    char *text = malloc(sizeof head + sizeof tail + over);
    (void)state;
    assert_non_null(text);
    while (over - fits > 1) {
        const size_t n = fits + (over - fits) / 2;
        memcpy(text, head, sizeof head - 1);
        memset(text + sizeof head - 1, 'a', n);
        memcpy(text + sizeof head - 1 + n, tail, sizeof tail);
        struct wt_filter *filter = wt_filter_compile(text, &error);
        used = filter ? filter->arena.used : used;
        *(filter ? &fits : &over) = n;
        assert_true(filter || strstr(error.message, "out of memory"));
        wt_filter_free(filter);
    }
    assert_in_range(used, WT_LIMIT_FILTER_MEMORY - 32, WT_LIMIT_FILTER_MEMORY);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
