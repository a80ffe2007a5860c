/* The buffer, and spans cut out of it. */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(const struct wt_buffer *b, const char *want)
{
    assert_int_equal(b->n, strlen(want));
    assert_true(b->n <= b->cap);
    if (b->n)
        assert_memory_equal(b->p, want, b->n);
}

static void test_add(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    assert_true(wt_buffer_add(&b, NULL, 0));
    assert_null(b.p);
    assert_true(wt_buffer_add_text(&b, "one"));
    assert_true(wt_buffer_add_char(&b, ' '));
    assert_true(wt_buffer_add(&b, "two", 3));
    assert_true(wt_buffer_add_text(&b, ""));
    expect(&b, "one two");
    for (unsigned i = 0; i < 5000; i++)
        assert_true(wt_buffer_add_char(&b, 'x'));
    assert_int_equal(b.n, 5007);
    assert_memory_equal(b.p, "one twoxxx", 10);
    wt_buffer_free(&b);
    assert_null(b.p);
    assert_int_equal(b.cap, 0);
}

static void test_room(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    uint8_t *p = wt_buffer_room(&b, 100);
    assert_non_null(p);
    assert_int_equal(b.n, 0);
    memset(p, 'a', 100);
    b.n += 100;
    assert_true(wt_buffer_room(&b, 0) == b.p + 100);
    /* what can never be had: the buffer stays as it was, and says so */
    assert_null(wt_buffer_room(&b, SIZE_MAX));
    assert_null(wt_buffer_room(&b, SIZE_MAX / 2 + 2));
    assert_true(b.failed);
    assert_int_equal(b.n, 100);
    assert_int_equal(b.p[99], 'a');
    wt_buffer_free(&b);
    assert_false(b.failed);
}

static void test_hex(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0x9a, 0xff};
    struct wt_buffer b = {0};
    (void)state;
    assert_true(wt_buffer_add_hex(&b, (struct wt_span){0}));
    expect(&b, "");
    assert_true(wt_buffer_add_text(&b, "0x"));
    assert_true(wt_buffer_add_hex(&b, wt_span_of(bytes, sizeof bytes)));
    expect(&b, "0x000ff09aff");
    wt_buffer_free(&b);
}

static void test_format(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    assert_true(wt_buffer_format(&b, "%s", ""));
    expect(&b, "");
    assert_true(wt_buffer_format(&b, "%d-%s", 42, "x"));
    assert_true(wt_buffer_format(&b, "%05u", 7u));
    expect(&b, "42-x00007");
    wt_buffer_free(&b);
    /* around the first size, where the NUL of vsnprintf no longer fits beside the text */
    for (int n = 60; n < 70; n++) {
        assert_true(wt_buffer_format(&b, "%*s", n, "y"));
        assert_int_equal(b.n, n);
        assert_int_equal(b.p[n - 1], 'y');
        wt_buffer_free(&b);
    }
}

static void test_drop(void **state)
{
    struct wt_buffer b = {0};
    (void)state;
    wt_buffer_drop(&b, 5);
    assert_int_equal(b.n, 0);
    assert_true(wt_buffer_add_text(&b, "abcdef"));
    wt_buffer_drop(&b, 0);
    expect(&b, "abcdef");
    wt_buffer_drop(&b, 2);
    expect(&b, "cdef");
    wt_buffer_drop(&b, 4);
    expect(&b, "");
    assert_true(wt_buffer_add_text(&b, "gh"));
    wt_buffer_drop(&b, 3);
    expect(&b, "");
    wt_buffer_free(&b);
}

static void test_spans(void **state)
{
    struct wt_span s = wt_span_text("hello");
    (void)state;
    assert_true(wt_span_equal(wt_span_cut(s, 1, 3), wt_span_text("ell")));
    assert_true(wt_span_equal(wt_span_cut(s, 0, SIZE_MAX), s));
    assert_true(wt_span_equal(wt_span_cut(s, 3, SIZE_MAX), wt_span_text("lo")));
    assert_int_equal(wt_span_cut(s, 5, 1).n, 0);
    assert_int_equal(wt_span_cut(s, SIZE_MAX, SIZE_MAX).n, 0);
    assert_int_equal(wt_span_cut((struct wt_span){0}, 3, 4).n, 0);
    assert_true(wt_span_starts(s, "hell"));
    assert_true(wt_span_starts(s, ""));
    assert_false(wt_span_starts(s, "hello!"));
    assert_false(wt_span_equal(s, wt_span_text("hellO")));
    assert_true(wt_span_equal((struct wt_span){0}, wt_span_text("")));
    static const uint8_t n[] = {0x81, 0x82, 0x83, 0x84};
    assert_int_equal(wt_get16(n), 0x8182);
    assert_int_equal(wt_get24(n), 0x818283);
    assert_int_equal(wt_get32(n), 0x81828384);
    assert_int_equal(wt_get16le(n), 0x8281);
    assert_int_equal(wt_get32le(n), 0x84838281);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),    cmocka_unit_test(test_room), cmocka_unit_test(test_hex),
        cmocka_unit_test(test_format), cmocka_unit_test(test_drop), cmocka_unit_test(test_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
