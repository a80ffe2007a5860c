/* Fields of a trail as JSON: each once, at its level, and what is inside bytes not at all. */
#include "report/json/trail.h"

#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "written.h"

enum {
    NUMBER = WT_TRAIL_NUMBER,
    CODE = WT_TRAIL_CODE,
    BYTES = WT_TRAIL_BYTES,
    STRUCT = WT_TRAIL_STRUCT,
    LIST = WT_TRAIL_LIST
};

#define EVENT(level, kind_of, name, number, at, bytes, registry)                                                       \
    {                                                                                                                  \
        .field = (name), .value = (number), .offset = (at), .length = (bytes), .depth = (level), .form = (kind_of),    \
        .kind = (registry)                                                                                             \
    }

static const uint8_t message[2000] = {0xab, 0xcd, 0xef, 0x01};

/* All events are below the first; the text is of what is below it, and the last event was reached. */
static void expect(struct wt_trail_event *events, size_t n, const char *want)
{
    struct wt_output output = {.write = take};
    struct wt_trail trail = {events, n, n, 0};
    struct wt_json *j = malloc(sizeof *j);
    assert_non_null(j);
    written = 0;
    wt_json_start(j, &output);
    wt_json_open(j, '{');
    assert_int_equal(wt_json_trail_fields(j, &trail, 0, message), n);
    wt_json_close(j, '}');
    wt_json_flush(j);
    free(j);
    assert_string_equal(out, want);
}

static void test_levels(void **state)
{
    struct wt_trail_event events[] = {
        EVENT(0, STRUCT, "all", 0, 0, 0, 0),
        EVENT(1, NUMBER, "first", 7, 0, 1, 0),
        EVENT(1, STRUCT, "second", 0, 0, 0, 0),
        EVENT(2, CODE, "suite", 0x1301, 0, 2, WT_REG_CIPHER_SUITE),
        EVENT(2, LIST, "none", 0, 0, 0, 0),
        EVENT(1, LIST, "suites", 0, 0, 0, 0),
        EVENT(2, CODE, "suite", 0x1301, 0, 2, WT_REG_CIPHER_SUITE),
        EVENT(2, CODE, "suite", 5, 0, 2, WT_REG_CIPHER_SUITE),
        EVENT(1, CODE, "alert", 5, 0, 1, WT_REG_ALERT),
        EVENT(1, LIST, "mixed", 0, 0, 0, 0),
        EVENT(2, CODE, "suite", 0xffff, 0, 2, WT_REG_CIPHER_SUITE),
        EVENT(2, CODE, "alert", 40, 0, 1, WT_REG_ALERT),
        EVENT(2, STRUCT, "entry", 0, 0, 0, 0),
        EVENT(3, BYTES, "data", 0, 1, 2, 0),
        EVENT(2, NUMBER, "count", 3, 0, 1, 0),
    };
    (void)state;
    expect(events, sizeof events / sizeof *events,
           "{\"first\":7,\"second\":{\"suite\":\"0x1301\",\"none\":[]},\"suites\":[\"0x1301\",\"0x0005\"],"
           "\"alert\":\"0x05\",\"mixed\":[\"0xffff\",\"0x28\",{\"data\":\"cdef\"},3]}");
}

/* A hybrid key share is bytes for who reads JSON, though its halves have names of their own. */
static void test_inside_of_bytes(void **state)
{
    struct wt_trail_event events[] = {
        EVENT(0, STRUCT, "all", 0, 0, 0, 0),   EVENT(1, BYTES, "share", 0, 0, 4, 0),
        EVENT(2, BYTES, "one", 0, 0, 2, 0),    EVENT(2, BYTES, "other", 0, 2, 2, 0),
        EVENT(1, LIST, "shares", 0, 0, 0, 0),  EVENT(2, BYTES, "share", 0, 0, 4, 0),
        EVENT(3, BYTES, "one", 0, 0, 2, 0),    EVENT(2, BYTES, "share", 0, 0, 1, 0),
        EVENT(1, NUMBER, "after", 1, 0, 1, 0),
    };
    (void)state;
    expect(events, sizeof events / sizeof *events,
           "{\"share\":\"abcdef01\",\"shares\":[\"abcdef01\",\"ab\"],\"after\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels), cmocka_unit_test(test_inside_of_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
