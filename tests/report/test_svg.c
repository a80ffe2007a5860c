/* Pieces of the picture: text, lines of it, and time to scale. */
#include "report/svg/draw.h"
#include "report/svg/scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void escapes(const char *text, const char *expected)
{
    struct wt_buffer b = {0};
    wt_svg_escape(&b, text);
    (void)wt_buffer_add_char(&b, 0);
    assert_string_equal((const char *)b.p, expected);
    wt_buffer_free(&b);
}

/* XML 1.0, 2.2: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | … */
static void test_escape(void **state)
{
    (void)state;
    escapes("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c'");
    escapes("\001x\n\t\177y", "xy");
    escapes("\xef\xbf\xbe\xef\xbf\xbf\xff\xc0z", "z");
    escapes("\xe6\x8f\xa1\xe6\x89\x8b", "\xe6\x8f\xa1\xe6\x89\x8b");
}

static void test_lines(void **state)
{
    const char *words = "one two three", *chinese = "\xe6\x8f\xa1\xe6\x89\x8b\xef\xbc\x8c\xe5\xaf\x86";
    (void)state;
    assert_int_equal(wt_svg_line(words, 1000, 12), strlen(words));
    assert_int_equal(wt_svg_line(words, wt_svg_width("one two", 12) + 1, 12), 4); /* the blank has no room */
    assert_int_equal(wt_svg_line(words, wt_svg_width("one two ", 12) + 1, 12), 8);
    assert_int_equal(wt_svg_line("unbreakable", 21, 12), 3);
    assert_int_equal(wt_svg_line("x", 1, 12), 1); /* it goes on, however narrow */
    assert_int_equal(wt_svg_line("", 10, 12), 0);
    /* a comma does not begin a line */
    assert_int_equal(wt_svg_line(chinese, 26, 12), 3);
    assert_int_equal(wt_svg_line(chinese, 38, 12), 9);
}

static void test_scale(void **state)
{
    int64_t moments[] = {300, 100, 200, 100, 400, 500, 600, 700, 800, 900, 1000, 1000000};
    struct wt_scale s;
    (void)state;
    assert_true(wt_scale_make(&s, moments, sizeof moments / sizeof *moments, 1000));
    assert_int_equal(s.count, 10);
    assert_true(s.gaps[9].cut); /* and drawn as high as the others */
    for (size_t i = 0; i < 9; i++)
        assert_false(s.gaps[i].cut);
    for (int64_t t = 100; t <= 1000; t += 50)
        assert_true(fabs(wt_scale_at(&s, t) - (double)(t - 100)) < 0.01);
    assert_true(fabs(wt_scale_at(&s, 1000000) - 1000) < 0.01);
    assert_true(wt_scale_at(&s, -5) == 0 && wt_scale_at(&s, INT64_MAX) == 1000);
    wt_scale_free(&s);
    /* one moment, and none */
    assert_true(wt_scale_make(&s, moments, 1, 100));
    assert_true(wt_scale_at(&s, 5) == 0);
    wt_scale_free(&s);
    assert_true(wt_scale_make(&s, moments, 0, 100));
    assert_true(wt_scale_at(&s, 5) == 0);
    wt_scale_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
