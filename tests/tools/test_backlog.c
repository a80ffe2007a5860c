/* Texts that wait for their turn: order, contents and the temporary file. */
#include "backlog.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONG = 300000, MANY = 200, WHOLE = 3 << 20 };

static char *text_of(uint32_t place, size_t n)
{
    static char text[WHOLE];
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + (place * 7 + i) % 23);
    return text;
}

static void expect(struct tool_backlog *b, uint32_t before, uint32_t place, size_t n)
{
    const char *bytes;
    size_t got;
    assert_true(tool_backlog_take(b, before, &bytes, &got));
    assert_int_equal(got, n);
    assert_memory_equal(bytes, text_of(place, n), n);
}

static void expect_none(struct tool_backlog *b, uint32_t before)
{
    const char *bytes;
    size_t n;
    assert_false(tool_backlog_take(b, before, &bytes, &n));
}

static void test_order(void **state)
{
    struct tool_backlog *b = tool_backlog_new();
    (void)state;
    expect_none(b, UINT32_MAX);
    static const uint32_t places[] = {5, 2, 9, 3, 7};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        assert_int_equal(tool_backlog_add(b, places[i], text_of(places[i], 100), 100), 0);
    expect_none(b, 2);
    expect(b, 3, 2, 100);
    expect_none(b, 3);
    assert_int_equal(tool_backlog_add(b, 1, "", 0), 0);
    expect(b, UINT32_MAX, 1, 0);
    expect(b, UINT32_MAX, 3, 100);
    expect(b, UINT32_MAX, 5, 100);
    expect(b, 8, 7, 100);
    expect_none(b, 9);
    expect(b, 10, 9, 100);
    expect_none(b, UINT32_MAX);
    tool_backlog_free(b);
    tool_backlog_free(NULL);
}

/* A few texts wait while many come and go: a chunk that was let go has room for the next, and long texts between them
 * have chunks of their own. */
static void test_room(void **state)
{
    enum { WAITING = 100, PASSING = 2000 };
    struct tool_backlog *b = tool_backlog_new();
    (void)state;
    for (uint32_t i = 0; i < PASSING; i++) {
        const size_t n = i % 97 ? 4000 : LONG;
        assert_int_equal(tool_backlog_add(b, i, text_of(i, n), n), 0);
        if (i >= WAITING)
            expect(b, UINT32_MAX, i - WAITING, (i - WAITING) % 97 ? 4000 : LONG);
    }
    for (uint32_t i = PASSING - WAITING; i < PASSING; i++)
        expect(b, UINT32_MAX, i, i % 97 ? 4000 : LONG);
    expect_none(b, UINT32_MAX);
    tool_backlog_free(b);
}

/* The largest resident size of this process, in KiB. */
static long resident(void)
{
    char line[128];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (f)
        (void)fclose(f);
    return kib;
}

/* 60 MB, of which 16 MiB stay in memory; texts longer than a chunk are among them. */
static void test_file(void **state)
{
    struct tool_backlog *b = tool_backlog_new();
    const long before = WT_SANITIZED ? 0 : resident();
    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = MANY; i--;)
            assert_int_equal(tool_backlog_add(b, i, text_of(i, i % 50 ? LONG : WHOLE), i % 50 ? LONG : WHOLE), 0);
        if (before)
            assert_true(resident() - before < 30000);
        for (uint32_t i = 0; i < MANY; i++) {
            expect_none(b, i);
            expect(b, i + 1, i, i % 50 ? LONG : WHOLE);
            if (i % 3 == 0) /* more comes while some leave */
                assert_int_equal(tool_backlog_add(b, MANY + i, text_of(i, 1000), 1000), 0);
        }
        for (uint32_t i = 0; i < MANY; i += 3)
            expect(b, UINT32_MAX, i, 1000);
        expect_none(b, UINT32_MAX);
    }
    tool_backlog_free(b);
}

/* Nowhere to make the file: the text that has no place is refused, those before it are still there. */
static void test_no_folder(void **state)
{
    struct tool_backlog *b = tool_backlog_new();
    uint32_t kept = 0;
    int reason = 0;
    (void)state;
    assert_int_equal(setenv("TMPDIR", "/nonexistent/folder", 1), 0);
    while (kept < MANY && (reason = tool_backlog_add(b, kept, text_of(kept, LONG), LONG)) == 0)
        kept++;
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_int_equal(reason, ENOENT);
    assert_true(kept >= 40); /* three in each chunk */
    for (uint32_t i = 0; i < kept; i++)
        expect(b, UINT32_MAX, i, LONG);
    expect_none(b, UINT32_MAX);
    tool_backlog_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
