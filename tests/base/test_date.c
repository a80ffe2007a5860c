/* Dates as the C library has them, where it has any, and beyond. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void as_the_library(void **state)
{
    (void)state;
    /* a time every 11 days or so, of 1901 to 2038: what 32 bits hold */
    for (int64_t at = INT32_MIN; at <= INT32_MAX; at += 950401) {
        const time_t t = (time_t)at;
        struct tm want, got;
        assert_non_null(gmtime_r(&t, &want));
        assert_true(wt_date_of(at, &got));
        assert_int_equal(got.tm_year, want.tm_year);
        assert_int_equal(got.tm_mon, want.tm_mon);
        assert_int_equal(got.tm_mday, want.tm_mday);
        assert_int_equal(got.tm_hour, want.tm_hour);
        assert_int_equal(got.tm_min, want.tm_min);
        assert_int_equal(got.tm_sec, want.tm_sec);
        assert_int_equal(wt_date_seconds(&got), at);
    }
}

static void is(int64_t at, int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm;
    assert_true(wt_date_of(at, &tm));
    assert_int_equal(tm.tm_year + 1900, year);
    assert_int_equal(tm.tm_mon + 1, month);
    assert_int_equal(tm.tm_mday, day);
    assert_int_equal(tm.tm_hour, hour);
    assert_int_equal(tm.tm_min, minute);
    assert_int_equal(tm.tm_sec, second);
    assert_int_equal(wt_date_seconds(&tm), at);
}

/* Seconds are those of date(1). */
static void beyond(void **state)
{
    struct tm tm;
    (void)state;
    is(951782400, 2000, 2, 29, 0, 0, 0);
    is(4107542399, 2100, 2, 28, 23, 59, 59);
    is(4107542400, 2100, 3, 1, 0, 0, 0);
    is(253402300799, 9999, 12, 31, 23, 59, 59); /* RFC 5280, 4.1.2.5: "99991231235959Z" */
    is(-2524521600, 1890, 1, 1, 0, 0, 0);
    is(-62135596800, 1, 1, 1, 0, 0, 0);
    is(-62167219200, 0, 1, 1, 0, 0, 0);
    is(-62167219201, -1, 12, 31, 23, 59, 59);
    assert_false(wt_date_of(INT64_MAX, &tm));
    assert_false(wt_date_of(INT64_MIN, &tm));
}

static void carried(void **state)
{
    (void)state;
    assert_int_equal(wt_date_seconds(&(struct tm){.tm_year = 100, .tm_mon = 1, .tm_mday = 30}), 951868800);
    assert_int_equal(wt_date_seconds(&(struct tm){.tm_year = 99, .tm_mon = 12, .tm_mday = 1}), 946684800);
    assert_int_equal(wt_date_seconds(&(struct tm){.tm_year = 100, .tm_mon = -1, .tm_mday = 31, .tm_hour = 24}),
                     946684800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_library),
        cmocka_unit_test(beyond),
        cmocka_unit_test(carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
