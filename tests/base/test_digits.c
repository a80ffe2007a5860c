/* Digits out of tables are those that printf makes. */
#include "base/digits.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* No byte beyond the digits may change. */
enum { ROOM = 4096 };
static char room[ROOM + 1];

static void expect(const char *end, const char *want)
{
    const size_t n = strlen(want);
    assert_int_equal(end - room, n);
    assert_memory_equal(room, want, n);
    for (size_t i = n; i < ROOM; i++)
        assert_int_equal(room[i], 'x');
    memset(room, 'x', n);
}

static void expect_decimal(uint64_t value)
{
    char want[32];
    (void)snprintf(want, sizeof want, "%" PRIu64, value);
    expect(wt_digits_decimal(room, value), want);
}

static void test_decimal(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 12000; i++)
        expect_decimal(i);
    for (uint64_t power = 1;; power *= 10) {
        expect_decimal(power - 1);
        expect_decimal(power);
        expect_decimal(power + 1);
        if (power > UINT64_MAX / 10)
            break;
    }
    for (unsigned bits = 0; bits < 64; bits++) {
        expect_decimal((uint64_t)1 << bits);
        expect_decimal(UINT64_MAX >> bits);
    }
}

static void test_fixed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000000; i += i < 2000 || i > 998000 ? 1 : 997) {
        char want[7];
        (void)snprintf(want, sizeof want, "%06u", i);
        expect(wt_digits_six(room, i), want);
    }
    expect(wt_digits_fixed(room, 7, 0), "");
    expect(wt_digits_fixed(room, 7, 1), "7");
    expect(wt_digits_fixed(room, 123, 1), "3");
    expect(wt_digits_fixed(room, 123, 2), "23");
    expect(wt_digits_fixed(room, 7, 6), "000007");
    expect(wt_digits_fixed(room, 123456789, 9), "123456789");
    expect(wt_digits_fixed(room, UINT64_MAX, 21), "018446744073709551615");
    for (unsigned i = 0; i < 100; i++) {
        char want[8];
        (void)snprintf(want, sizeof want, "%02u", i);
        expect(wt_digits_pair(room, i), want);
    }
}

static void test_hex(void **state)
{
    uint8_t bytes[700];
    char want[2 * sizeof bytes + 1] = "";
    (void)state;
    expect(wt_digits_hex(room, (struct wt_span){0}), "");
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + i / 256); /* each byte in each place of sixteen */
    for (size_t from = 0; from < 16; from++)
        for (size_t n = 0; from + n <= sizeof bytes; n += 1 + n / 40) {
            for (size_t i = 0; i < n; i++)
                (void)snprintf(want + 2 * i, 3, "%02x", bytes[from + i]);
            want[2 * n] = 0;
            expect(wt_digits_hex(room, wt_span_of(bytes + from, n)), want);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_decimal), cmocka_unit_test(test_fixed),
                                       cmocka_unit_test(test_hex)};
    memset(room, 'x', sizeof room);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
