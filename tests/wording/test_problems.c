/* What a caller gave and was not taken: each problem has its words, with the values that belong to it. */
#include "wiretale/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct wt_problem p, const char *want)
{
    char out[512];
    assert_int_equal(wt_problem_format(&p, out, sizeof out), strlen(want));
    assert_string_equal(out, want);
    /* in less room: as much of it as fits, and a NUL */
    char *small = malloc(8);
    assert_non_null(small);
    assert_int_equal(wt_problem_format(&p, small, 8), strlen(want));
    assert_int_equal(strlen(small), strlen(want) < 7 ? strlen(want) : 7);
    free(small);
}

static void test_values(void **state)
{
    (void)state;
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_LONG, .value = {4096}}, "the line is longer than 4096 bytes");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_LABEL, .detail = "CLIENT_RANDON"},
           "unknown key log label CLIENT_RANDON");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_RANDOM, .name = "CLIENT_RANDOM", .value = {62}},
           "CLIENT_RANDOM needs the 64 hexadecimal digits of the client random here, not 62");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_ENCRYPTED, .name = "RSA", .value = {15}},
           "RSA needs the first 16 hexadecimal digits of the encrypted premaster here, not 15");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_SESSION, .value = {66}},
           "a session ID has 2 to 64 hexadecimal digits, an even number, not 66");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_ODD, .value = {95}},
           "the secret has an odd number of hexadecimal digits, 95");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_LENGTH, .name = "CLIENT_RANDOM", .value = {94, 96, 96}},
           "CLIENT_RANDOM needs a secret of 96 hexadecimal digits, not 94");
    expect((struct wt_problem){.id = WT_PROBLEM_KEYLOG_RANGE, .name = "EXPORTER_SECRET", .value = {30, 32, 128}},
           "EXPORTER_SECRET needs a secret of 32 to 128 hexadecimal digits, not 30");
    expect((struct wt_problem){.id = WT_PROBLEM_LIVE_NO_INTERFACE, .name = "eth9"},
           "eth9: no such interface; 'ip link' lists them");
    expect((struct wt_problem){.id = WT_PROBLEM_LIVE_OTHER, .name = "eth9", .detail = "it hums"}, "eth9: it hums");
    expect((struct wt_problem){.id = WT_PROBLEM_LIVE_FILTER, .name = "tcp prot 443", .detail = "syntax error"},
           "filter \"tcp prot 443\": syntax error");
    expect((struct wt_problem){.id = WT_PROBLEM_LIVE_PRIVILEGES, .name = "setuid", .value = {1}},
           "cannot drop privileges: setuid: Operation not permitted");
    expect((struct wt_problem){.id = (enum wt_problem_id)9999}, "unknown error");
}

/* Each has words of its own. */
static void test_all(void **state)
{
    (void)state;
    for (int i = 0; i < WT_PROBLEM_COUNT; i++) {
        const struct wt_problem p = {.id = (enum wt_problem_id)i, .name = "name", .detail = "detail"};
        char text[512], other[512];
        assert_true(wt_problem_format(&p, text, sizeof text) > 5);
        assert_string_not_equal(text, "unknown error");
        for (int k = 0; k < i; k++) {
            const struct wt_problem q = {.id = (enum wt_problem_id)k, .name = "name", .detail = "detail"};
            (void)wt_problem_format(&q, other, sizeof other);
            assert_string_not_equal(text, other);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
