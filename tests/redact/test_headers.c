/* Packet headers for strangers: what they say of the transport stays, and nothing that somebody could have put there.
 */
#include "redact/headers.h"
#include "standins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IP = 20, TCP = 20, MOST = 40 };

/* The options behind an IPv4 and a TCP header, as strangers see them. */
static const uint8_t *options_of(const void *options, size_t n)
{
    static uint8_t out[IP + TCP + MOST];
    uint8_t in[IP + TCP + MOST] = {0x45, 0, 0, (uint8_t)(IP + TCP + n), 0, 0, 0x40, 0, 64, 6};
    assert_true(n <= MOST && n % 4 == 0);
    memcpy(in + 12, "\300\0\2\1\300\0\2\2", 8);
    memcpy(in + IP, "\234\100\1\273", 4);
    in[IP + 12] = (uint8_t)((TCP + n) / 4 << 4);
    in[IP + 13] = 0x10;
    memcpy(in + IP + TCP, options, n);
    const struct wt_packet_headers p = {
        .link = 101,
        .length = (uint32_t)(IP + TCP + n),
        .bytes = wt_span_of(in, IP + TCP + n),
        .layers = {{.layer = WT_LAYER_IPV4, .offset = 0, .length = IP},
                   {.layer = WT_LAYER_TCP, .offset = IP, .length = (uint32_t)(TCP + n)}},
        .layer_count = 2};
    wt_redact_headers(s, &p, out);
    return out + IP + TCP;
}

static void options_that_say_nothing_of_anybody_stay(void **state)
{
    static const uint8_t options[] = {2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, 7, 0, 0};
    (void)state;
    assert_memory_equal(options_of(options, sizeof options), options, sizeof options);
}

/* RFC 9293, 3.2: lengths are the sender's to choose, and so is what stands behind the last option. */
static void what_is_in_options_of_other_lengths_goes(void **state)
{
    static const uint8_t kinds[] = {0, 2, 3, 4, 8, 30, 254};
    (void)state;
    for (size_t i = 0; i < sizeof kinds; i++) {
        uint8_t options[16] = {kinds[i], kinds[i] ? 14 : 's'};
        memcpy(options + 2, "secret.secret", 13);
        const uint8_t *out = options_of(options, sizeof options);
        assert_null(memmem(out, sizeof options, "secret", 6));
        assert_null(memmem(out, sizeof options, "ecre", 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_say_nothing_of_anybody_stay),
        cmocka_unit_test(what_is_in_options_of_other_lengths_goes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
