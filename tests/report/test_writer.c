/* Strings of the JSON writer: what is plain goes out as it is, each other byte is escaped, wherever it is. */
#include "report/json/writer.h"

#include "base/utf8.h"
#include "certificate/printed.h"
#include "report/term.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "written.h"

static const char *string_of(const uint8_t *bytes, size_t n)
{
    struct wt_output output = {.write = take};
    struct wt_json *j = malloc(sizeof *j);
    written = 0;
    wt_json_start(j, &output);
    wt_json_wire(j, wt_span_of(bytes, n));
    wt_json_line(j);
    free(j);
    return out;
}

static void test_each_byte_at_each_place(void **state)
{
    uint8_t bytes[70];
    char expected[128];
    (void)state;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        memset(bytes, 'x', sizeof bytes);
        snprintf(expected, sizeof expected, "\"%.*s\"\n", (int)n, (const char *)bytes);
        assert_string_equal(string_of(bytes, n), expected);
        for (size_t at = 0; at < n; at++)
            for (unsigned value = 0; value < 256; value++) {
                char one[8];
                if (value == '"')
                    snprintf(one, sizeof one, "\\\"");
                else if (value == '\\')
                    snprintf(one, sizeof one, "\\\\\\\\");
                else if (value < 0x20 || value >= 0x7f)
                    snprintf(one, sizeof one, "\\\\x%02x", value);
                else
                    snprintf(one, sizeof one, "%c", (char)value);
                bytes[at] = (uint8_t)value;
                snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"\n", (int)at, (const char *)bytes, one,
                         (int)(n - at - 1), (const char *)bytes + at + 1);
                assert_string_equal(string_of(bytes, n), expected);
                bytes[at] = 'x';
            }
    }
}

static void test_numbers(void **state)
{
    static const uint64_t most = UINT64_MAX;
    struct wt_json *j = malloc(sizeof *j);
    struct wt_output output = {.write = take};
    char expected[32];
    (void)state;
    for (uint64_t power = 1;; power *= 10) {
        for (uint64_t value = power - 1; value <= power + 1; value++) {
            written = 0;
            wt_json_start(j, &output);
            wt_json_number(j, value);
            wt_json_line(j);
            snprintf(expected, sizeof expected, "%llu\n", (unsigned long long)value);
            assert_string_equal(out, expected);
        }
        if (power > most / 10)
            break;
    }
    written = 0;
    wt_json_start(j, &output);
    wt_json_integer(j, INT64_MIN);
    wt_json_number(j, most);
    for (unsigned digits = 0; digits < 10; digits += 3)
        wt_json_seconds(j, 12000000305, digits);
    wt_json_line(j);
    free(j);
    assert_string_equal(out, "-9223372036854775808,18446744073709551615,12,12.000,12.000000,12.000000305\n");
}

/* Each time is its own, whether the one before it was of the same second or not. */
static void test_times(void **state)
{
    struct wt_output output = {.write = take};
    struct wt_json *j = malloc(sizeof *j);
    (void)state;
    written = 0;
    wt_json_start(j, &output);
    wt_json_date(j, 0);
    wt_json_time(j, (struct wt_time){1, 9});
    wt_json_time(j, (struct wt_time){-1, 9});
    wt_json_time(j, (struct wt_time){999999999, 6});
    wt_json_time(j, (struct wt_time){1393675200004000000, 3});
    for (unsigned digits = 0; digits <= 6; digits += 3)
        for (unsigned again = 0; again < 2; again++)
            wt_json_time(j, (struct wt_time){1393675199004000000, (uint8_t)digits});
    wt_json_time(j, (struct wt_time){1393675199004001000, 6});
    wt_json_date(j, 951826154);
    wt_json_date(j, INT64_MAX);
    wt_json_line(j);
    free(j);
    assert_string_equal(out, "\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:00.000000001Z\","
                             "\"1969-12-31T23:59:59.999999999Z\",\"1970-01-01T00:00:00.999999Z\","
                             "\"2014-03-01T12:00:00.004Z\",\"2014-03-01T11:59:59Z\",\"2014-03-01T11:59:59Z\","
                             "\"2014-03-01T11:59:59.004Z\",\"2014-03-01T11:59:59.004Z\","
                             "\"2014-03-01T11:59:59.004000Z\",\"2014-03-01T11:59:59.004000Z\","
                             "\"2014-03-01T11:59:59.004001Z\",\"2000-02-29T12:09:14Z\","
                             "\"9999-12-31T23:59:59Z\"\n");
}

/* RFC 8259, 8.1: text is UTF-8; a sequence that is whole stays, one that is cut does not. */
static void test_sequences(void **state)
{
    (void)state;
    assert_string_equal(string_of((const uint8_t *)"ü", 2), "\"ü\"\n");
    assert_string_equal(string_of((const uint8_t *)"ü", 1), "\"\\\\xc3\"\n");
    assert_string_equal(string_of((const uint8_t *)"0123456789abcde中", 18), "\"0123456789abcde中\"\n");
    assert_string_equal(string_of((const uint8_t *)"0123456789abcde中", 17), "\"0123456789abcde\\\\xe4\\\\xb8\"\n");
}

/* RFC 3629, 3; of surrogates, too, which 4 forbids. */
static size_t encode(uint32_t c, uint8_t bytes[4])
{
    if (c < 0x80) {
        bytes[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    bytes[0] = (uint8_t)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
    return n;
}

/* What a reader of the JSON gets: of the escapes of RFC 8259, 7 the writer needs these two. */
static void decode(const char *json, char *text)
{
    size_t n = strlen(json);
    for (size_t i = 1; i + 2 < n; i++) {
        if (json[i] == '\\') {
            i++;
            assert_true(json[i] == '\\' || json[i] == '"');
        }
        *text++ = json[i];
    }
    *text = 0;
}

/* What a terminal or an editor obeys, or shows as nothing: controls (Unicode 16, 23.1), marks of direction (UAX 9, 2),
 * zero width, fillers, tags (default ignorable: UAX 44, 5.1), private use and noncharacters (Unicode 16, 23.5, 23.7).
 */
static void test_what_is_never_shown(void **state)
{
    static const uint32_t never[][2] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x300, 0x36f},     {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0x3164, 0x3164}, {0xd800, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
        {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff},
    };
    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        for (uint32_t c = never[i][0]; c <= never[i][1]; c++) {
            uint8_t bytes[4];
            size_t n = encode(c, bytes);
            if (wt_printable_next(wt_span_of(bytes, n), &(struct wt_printed_run){0}) != 0)
                fail_msg("U+%04X is shown", (unsigned)c);
        }
}

/* A character is shown as it stands in text, in JSON and in the strings of certificates, or in none of them: an escape
 * that one of them lacks would let a name look like another one there. */
static void test_every_character_is_the_same_everywhere(void **state)
{
    struct wt_arena arena = {0};
    struct wt_printed printed;
    unsigned shown = 0;
    (void)state;
    wt_printed_start(&printed, &arena);
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        uint8_t bytes[4];
        size_t n = encode(c, bytes);
        struct wt_span wire = wt_span_of(bytes, n);
        char json[64], text[128], name[16] = "", expected[64] = "";
        bool plain = wt_printable_next(wire, &(struct wt_printed_run){0}) == n && c != '\\';
        if (plain)
            memcpy(expected, bytes, n);
        else
            for (size_t i = 0; i < n; i++)
                snprintf(expected + 4 * i, 5, "\\x%02x", bytes[i]);
        if (plain)
            memcpy(name, bytes, n);
        else
            for (size_t i = 0; i < n; i++)
                snprintf(name + 3 * i, 4, "\\%02X", bytes[i]);
        if (c == '\\') {
            memcpy(expected, "\\\\", 3);
            memcpy(name, "\\\\", 3);
        }
        if (plain)
            expected[n] = name[n] = 0;
        decode(string_of(bytes, n), json);
        wt_escape_into(text, sizeof text, wire, 20, 0);
        printed.text.n = 0;
        wt_printed_add(&printed, wire, false);
        assert_string_equal(json, expected);
        assert_string_equal(text, expected);
        assert_int_equal(printed.text.n, strlen(name));
        assert_memory_equal(printed.text.p, name, printed.text.n);
        shown += plain;
    }
    assert_in_range(shown, 0x80000, 0x10ffff);
    wt_printed_free(&printed);
    wt_arena_free(&arena);
}

static void test_hex(void **state)
{
    uint8_t bytes[256];
    char expected[2 * 256 + 4] = "\"";
    struct wt_output output = {.write = take};
    struct wt_json *j = malloc(sizeof *j);
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
        snprintf(expected + 1 + 2 * i, 3, "%02x", i);
    }
    strcat(expected, "\"\n");
    written = 0;
    wt_json_start(j, &output);
    wt_json_hex(j, wt_span_of(bytes, sizeof bytes));
    wt_json_line(j);
    free(j);
    assert_string_equal(out, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_byte_at_each_place),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_what_is_never_shown),
        cmocka_unit_test(test_every_character_is_the_same_everywhere),
        cmocka_unit_test(test_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
