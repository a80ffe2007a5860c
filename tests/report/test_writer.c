/* Strings of the JSON writer: what is plain goes out as it is, each other byte is escaped, wherever it is. */
#include "report/json/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char out[4096];
static size_t written;

static bool take(void *context, const char *bytes, size_t n)
{
    (void)context;
    assert_true(written + n < sizeof out);
    memcpy(out + written, bytes, n);
    written += n;
    out[written] = 0;
    return true;
}

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

/* RFC 8259, 8.1: text is UTF-8; a sequence that is whole stays, one that is cut does not. */
static void test_sequences(void **state)
{
    (void)state;
    assert_string_equal(string_of((const uint8_t *)"ü", 2), "\"ü\"\n");
    assert_string_equal(string_of((const uint8_t *)"ü", 1), "\"\\\\xc3\"\n");
    assert_string_equal(string_of((const uint8_t *)"0123456789abcde中", 18), "\"0123456789abcde中\"\n");
    assert_string_equal(string_of((const uint8_t *)"0123456789abcde中", 17), "\"0123456789abcde\\\\xe4\\\\xb8\"\n");
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
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
