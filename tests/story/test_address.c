/* Addresses as people write them, held against the C library's. */
#include "wiretale/story.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_same(const uint8_t ip[16], bool v4)
{
    struct wt_address a = {.port = 443};
    char got[46], want[INET6_ADDRSTRLEN];
    memcpy(a.ip, ip, 16);
    assert_non_null(inet_ntop(v4 ? AF_INET : AF_INET6, ip + (v4 ? 12 : 0), want, sizeof want));
    assert_string_equal(wt_address_format(&a, got), want);
}

static void test_v4(void **state)
{
    uint8_t ip[16] = {[10] = 255, [11] = 255};
    (void)state;
    for (unsigned at = 12; at < 16; at++)
        for (unsigned v = 0; v < 256; v++) {
            ip[at] = (uint8_t)v;
            expect_same(ip, true);
        }
    memset(ip + 12, 255, 4); /* the longest */
    expect_same(ip, true);
}

/* RFC 5952, 4.2: zeros are shortened; what is mapped in another way is no IPv4 address (RFC 4291, 2.5.5). */
static void test_v6(void **state)
{
    static const uint8_t all[][16] = {{0},
                                      {[15] = 1},
                                      {0x20, 1, 0x0d, 0xb8, [15] = 80},
                                      {[9] = 1, 255, 255, 192, 0, 2, 1},
                                      {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 3, 4, 5, 6, 7, 8, 9}};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        expect_same(all[i], false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_v4), cmocka_unit_test(test_v6)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
