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

/* Of every character it says what is found one by one. */
static void runs_of_one(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x20000; c++) {
        uint8_t bytes[4];
        const size_t n = wt_utf8_put(bytes, c);
        struct wt_printed_run run = {0};
        uint32_t last = 0;
        const size_t one = wt_printable_next(wt_span_of(bytes, n), &run);
        const bool many = n == 2 || n == 3;
        assert_int_equal(wt_printable_bytes(wt_span_of(bytes, n), &last), many ? one : 0);
        assert_int_equal(last, many && one ? c : 0);
        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(wt_printable_bytes(wt_span_of(bytes, cut), &last), 0);
    }
}

/* As many as there are, up to what is ASCII, a mark, cut off, written too long (RFC 3629, 4) or no UTF-8. */
static void runs(void **state)
{
    static const struct {
        const char *wire;
        size_t n;
        uint32_t last;
    } rows[] = {
        {"\xe4\xb8\xad\xe6\x96\x87", 6, 0x6587},
        {"\xe4\xb8\xad\xd1\x84x", 5, 0x444},
        {"\xc3\xa4\xc3\xb6 \xc3\xbc", 4, 0xf6},
        {"\xd0\xb8\xcc\x86", 2, 0x438},
        {"\xe4\xb8\xad\xe6\x96", 3, 0x4e2d},
        {"\xe4\xb8\xad\xe6\x96x", 3, 0x4e2d},
        {"\xe4\xb8\xad\xe0\x81\x81", 3, 0x4e2d},
        {"\xe4\xb8\xad\xc1\x81", 3, 0x4e2d},
        {"\xe4\xb8\xad\xed\xa0\x80", 3, 0x4e2d},
        {"\xe4\xb8\xad\xe2\x80\xae", 3, 0x4e2d},
        {"\xe4\xb8\xad\xf0\x9f\x94\xac", 3, 0x4e2d},
        {"\xe4\xb8\xad\xff", 3, 0x4e2d},
        {"\xc2\x9b", 0, 0},
        {"", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t last = 0;
        assert_int_equal(wt_printable_bytes(wt_span_text(rows[i].wire), &last), rows[i].n);
        assert_int_equal(last, rows[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_names), cmocka_unit_test(no_room),
                                       cmocka_unit_test(runs_of_one), cmocka_unit_test(runs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
