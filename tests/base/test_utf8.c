/* Which characters of a string from the wire are shown as they stand, and how the others are escaped. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *wire, *shown;
} names[] = {
    {"plain.example", "plain.example"},
    {"a\\b", "a\\\\b"},
    {"say \"hi\"", "say \"hi\""},
    {"two\r\nlines\t\x7f", "two\\x0d\\x0alines\\x09\\x7f"},
    {"\x1b[31mred", "\\x1b[31mred"},
    {"\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m"}, /* CSI as one character */
    {"exe\xe2\x80\xae"
     "fdp",
     "exe\\xe2\\x80\\xaefdp"}, /* right-to-left override */
    {"\xe2\x81\xa6isolate\xe2\x81\xa9", "\\xe2\\x81\\xa6isolate\\xe2\\x81\\xa9"},
    {"\xff\xfe.\xc0\xaf", "\\xff\\xfe.\\xc0\\xaf"}, /* no UTF-8, overlong: RFC 3629, 3 */
    {"\xef\xbb\xbfx", "\\xef\\xbb\\xbfx"},
    /* marks after what they combine with */
    {"e\xcc\x81", "e\xcc\x81"},
    {"\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88", "\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88"}, /* Thai, two marks */
    {"\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80",
     "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80"}, /* Hindi, with a virama */
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac"}, /* emoji, ZWJ */
    {"\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f"}, /* variation selector 16 */
    /* and near misses: none before them, too many, joiners and selectors that would not be seen */
    {"\xcc\x81x", "\\xcc\\x81x"},
    {" \xcc\x81", " \\xcc\\x81"},
    {"\x01\xcc\x81", "\\x01\\xcc\\x81"},
    {"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\xcc\\x81"},
    {"pay\xe2\x80\x8dpal", "pay\\xe2\\x80\\x8dpal"},
    {"\xf0\x9f\x91\xa9\xe2\x80\x8d", "\xf0\x9f\x91\xa9\\xe2\\x80\\x8d"},
    {"\xf0\x9f\x91\xa9\xe2\x80\x8dx", "\xf0\x9f\x91\xa9\\xe2\\x80\\x8dx"},
    {"a\xef\xb8\x8f", "a\\xef\\xb8\\x8f"},
    {"e\xe2\x80\x8b\xe2\x80\x8f", "e\\xe2\\x80\\x8b\\xe2\\x80\\x8f"}, /* zero width space, right-to-left mark */
};

static void hostile_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char room[256];
        struct wt_buffer b = {0};
        const struct wt_span wire = wt_span_text(names[i].wire);
        assert_string_equal(wt_printable_into(room, sizeof room, wire), names[i].shown);
        assert_int_equal(wt_printable_part(room, strlen(names[i].shown) + 1, wire), wire.n);
        assert_true(wt_printable_part(room, strlen(names[i].shown), wire) < wire.n);
        wt_printable_add(&b, wire);
        assert_string_equal((const char *)b.p, names[i].shown);
        assert_int_equal(b.n, strlen(names[i].shown));
        wt_buffer_free(&b);
    }
}

/* What does not fit is left out whole: no escape and no character is cut in two. */
static void no_room(void **state)
{
    char room[8];
    (void)state;
    assert_string_equal(wt_printable_into(room, 1, wt_span_text("abc")), "");
    assert_string_equal(wt_printable_into(room, 4, wt_span_text("abc")), "abc");
    assert_string_equal(wt_printable_into(room, 5, wt_span_text("a\x01")), "a");
    assert_string_equal(wt_printable_into(room, 6, wt_span_text("a\x01")), "a\\x01");
    assert_string_equal(wt_printable_into(room, 3, wt_span_text("\xe4\xbe\x8b")), "");
    assert_string_equal(wt_printable_into(room, 3, wt_span_text("a\\")), "a");
    assert_string_equal(wt_printable_into(room, sizeof room, (struct wt_span){0}), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_names), cmocka_unit_test(no_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
