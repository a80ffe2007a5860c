/* Errors in words: every code, every size of room. */
#include "wiretale/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct wt_error e, const char *want)
{
    char out[512];
    size_t n = wt_error_format(&e, out, sizeof out);
    assert_string_equal(out, want);
    assert_int_equal(n, strlen(want));
    /* in less room: as much of it as fits, a NUL, and the length that it would have had */
    for (size_t size = 0; size <= strlen(want) + 1; size++) {
        char *small = malloc(size + 1);
        assert_non_null(small);
        memset(small, '!', size + 1);
        assert_int_equal(wt_error_format(&e, size ? small : NULL, size), n);
        assert_int_equal(small[size], '!');
        if (size) {
            assert_memory_equal(small, want, size - 1);
            assert_int_equal(small[size - 1], 0);
        }
        free(small);
    }
}

static void test_sentences(void **state)
{
    (void)state;
    expect((struct wt_error){0}, "no error");
    expect((struct wt_error){WT_OK, "field", 7, 0, 0, NULL}, "no error");
    expect((struct wt_error){WT_TRUNCATED, "random", 6, 3, 32, NULL}, "random at byte 6: only 3 of 32 bytes present");
    expect((struct wt_error){WT_TRAILING, "finished", 12, 5, 0, NULL},
           "finished at byte 12: 5 extra bytes after the end");
    expect((struct wt_error){WT_LENGTH, "session_id", 34, 33, 32, "RFC 8446, 4.1.2"},
           "session_id at byte 34: invalid length 33 (bound 32) (RFC 8446, 4.1.2)");
    expect((struct wt_error){WT_VALUE, "level", 0, 10, 0, NULL}, "level at byte 0: value 10 (0xa) not allowed");
    expect((struct wt_error){WT_DUPLICATE, "extension_type", 50, 43, 0, "RFC 8446, 4.2"},
           "extension_type at byte 50: duplicate 43 (0x2b) (RFC 8446, 4.2)");
    expect((struct wt_error){WT_LIMIT, NULL, 0, 20, 10, NULL}, "20 exceeds the limit of 10");
    expect((struct wt_error){WT_UNSUPPORTED, NULL, 0, 254, 0, NULL}, "unknown type 254 (0xfe)");
    expect((struct wt_error){WT_NO_SPACE, NULL, 0, 9, 8, NULL}, "9 bytes do not fit into 8");
    expect((struct wt_error){WT_MEMORY, NULL, 0, 0, 0, NULL}, "out of memory");
    expect((struct wt_error){WT_IO, NULL, 0, 2, 0, NULL}, "No such file or directory");
    expect((struct wt_error){WT_FORMAT, "magic", 0, 1, 0, NULL}, "magic at byte 0: not in this format");
    expect((struct wt_error){WT_FORMAT, "magic", 0, 0, 0, NULL}, "magic at byte 0: empty");
    expect((struct wt_error){WT_FORMAT, "snoop", 0, 1, 0, "editcap FILE NEW.pcapng"},
           "another format, snoop; convert it first: editcap FILE NEW.pcapng");
    expect((struct wt_error){WT_FORMAT, "HAR", 0, 1, 0, ""}, "another format, HAR, which has no packets");
    expect((struct wt_error){(enum wt_code)99, NULL, 0, 0, 0, NULL}, "unknown error");
    expect((struct wt_error){WT_VALUE, "x", UINT64_MAX, UINT64_MAX, 0, NULL},
           "x at byte 18446744073709551615: value 18446744073709551615 (0xffffffffffffffff) not allowed");
}

/* The codes' names are part of the JSON: stable, distinct, lower snake case. */
static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i <= WT_FORMAT; i++) {
        const char *name = wt_code_name((enum wt_code)i);
        assert_true(strlen(name) > 1);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, wt_code_name((enum wt_code)k));
    }
    assert_string_equal(wt_code_name(WT_TRUNCATED), "truncated");
    assert_string_equal(wt_code_name((enum wt_code)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sentences), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
