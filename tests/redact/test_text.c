/* Stand-ins of text: of the same length, of the same form, and with nothing of the original in them. */
#include "redact/text.h"
#include "registry/limits.h"
#include "standins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *of(const char *in)
{
    static char rooms[4][512];
    static unsigned next;
    char *out = rooms[next++ % 4];
    wt_standin_text(s, wt_span_text(in), (uint8_t *)out);
    out[strlen(in)] = '\0';
    assert_int_equal(strlen(out), strlen(in));
    return out;
}

static void names_of_hosts(void **state)
{
    (void)state;
    char domain[32];
    (void)snprintf(domain, sizeof domain, "%s", of("secret.example"));
    assert_string_equal(of("www.secret.example") + 4, domain);
    assert_string_equal(of("*.secret.example") + 2, domain);
    assert_memory_equal(of("*.secret.example"), "*.", 2);
    assert_string_equal(of("WWW.Secret.EXAMPLE"), of("www.secret.example"));
    assert_string_equal(of("www.secret.example.") + 18, ".");
    assert_memory_equal(of("www.secret.example."), of("www.secret.example"), 18);
    /* a domain cannot end so: RFC 3696, 2, "top-level domain names … not be all-numeric", and none has a digit */
    assert_non_null(strpbrk(strrchr(domain, '.'), "0123456789"));
    assert_string_not_equal(of("secret.example"), of("secret.invalid"));
    assert_null(strstr(of("xn--bcher-kva.secret.example"), "kva"));
    assert_null(strstr(of("1.2.0.192.in-addr.arpa"), "arpa"));
    assert_null(strstr(of("2001-db8--7.dyn.secret.example"), "db8"));
}

/* A byte's stand-in would be that byte once in 256 times. */
static void never_the_original(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct wt_standins *others = wt_standins_new(crypto);
        for (unsigned c = 1; c < 256; c++) {
            const uint8_t in = (uint8_t)c;
            uint8_t out;
            wt_standin_bytes(others, wt_span_of(&in, 1), &out);
            assert_int_not_equal(out, in);
        }
        wt_standins_free(others);
    }
}

static void what_a_text_is(void **state)
{
    (void)state;
    assert_string_equal(strchr(of("somebody@secret.example"), '@') + 1, of("secret.example"));
    assert_memory_equal(of("http://secret.example/a/b?c=d"), "http://", 7);
    assert_memory_equal(of("http://secret.example/a/b?c=d") + 7, of("secret.example"), 14);
    assert_int_equal(of("http://secret.example/a/b?c=d")[21], '/');
    assert_string_equal(of("secret.example:443") + 14, ":443");
    assert_string_not_equal(of("secret.example:51413") + 14, ":51413");
    assert_null(strstr(of("/people/somebody/mail"), "somebody"));
    assert_null(strstr(of("Somebody's own authority"), "own"));
    /* blocks that are nobody's, as many digits */
    assert_memory_equal(of("192.168.1.20"), "24", 2);
    assert_memory_equal(of("80.1.2.3"), "10.", 3);
    assert_memory_equal(of("8.8.8.8"), "0.", 2);
    assert_string_not_equal(of("[2001:db8::80]:443"), "[2001:db8::80]:443");
    assert_null(strstr(of("2001:db8:0:1::80"), "2001:db8"));
    assert_string_equal(of("localhost"), "localhost");
}

/* Of any length and content: nothing is written beyond, and nothing longer than a few letters survives. */
static void any_length(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrstuvwyz.-_*@/:[]%0123456789 =,+\\\"\xc3\xa9\xff\n";
    uint8_t in[300], out[302];
    unsigned seed = 1;
    for (unsigned turn = 0; turn < 20000; turn++) {
        const size_t n = turn % 257, kinds = turn % 3 ? sizeof letters - 1 : 36;
        for (size_t i = 0; i < n; i++)
            in[i] = (uint8_t)letters[(seed = seed * 1103515245u + 12345u) / 65536 % kinds];
        memset(out, 0xee, sizeof out);
        if (turn % 2)
            wt_standin_text(s, wt_span_of(in, n), out);
        else
            wt_standin_content(s, wt_span_of(in, n), out);
        assert_int_equal(out[n], 0xee);
        for (size_t i = 0; n >= 12 && i + 12 <= n; i++)
            assert_memory_not_equal(in + i, out + i, 12);
    }
}

static void wide_text(void **state)
{
    (void)state;
    static const uint8_t in[] = {0, 's', 0, 'e', 0, 'c', 0, 'r', 0, 'e', 0, 't', 0, '.',
                                 0, 'e', 0, 'x', 0, 'a', 0, 'm', 0, 'p', 0, 'l', 0, 'e'};
    uint8_t out[sizeof in];
    wt_standin_wide(s, wt_span_of(in, sizeof in), 2, out);
    const char *narrow = of("secret.example");
    for (size_t i = 0; i < sizeof in; i += 2) {
        assert_int_equal(out[i], 0);
        assert_int_equal(out[i + 1], narrow[i / 2]);
    }
    wt_standin_wide(s, wt_span_of(in, 7), 2, out); /* an odd number of bytes is no such text */
    assert_memory_not_equal(in, out, 7);
}

/* As text its zeros stay where they were; one character more is replaced as bytes, which have others. */
static void long_wide_text(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        static uint8_t in[2 * (WT_LIMIT_STANDIN_WIDE + 1)], out[sizeof in];
        const size_t n = 2 * (WT_LIMIT_STANDIN_WIDE + more);
        size_t zeros = 0;
        for (size_t i = 0; i < n; i++)
            in[i] = i % 2 ? 'a' + (uint8_t)(i / 2 % 26) : 0;
        wt_standin_wide(s, wt_span_of(in, n), 2, out);
        for (size_t i = 0; i < n; i += 2)
            zeros += out[i + 1] != 0 && !out[i];
        assert_int_equal(zeros == WT_LIMIT_STANDIN_WIDE, !more);
        assert_memory_not_equal(in, out, n);
    }
}

static void protocols(void **state)
{
    (void)state;
    uint8_t out[32];
    wt_standin_alpn(s, wt_span_text("http/1.1"), out);
    assert_memory_equal(out, "http/1.1", 8);
    wt_standin_alpn(s, wt_span_of("\xaa\xaa", 2), out);
    assert_memory_equal(out, "\xaa\xaa", 2);
    wt_standin_alpn(s, wt_span_text("acme-internal/3"), out);
    assert_memory_not_equal(out, "acme", 4);
    assert_true(wt_is_alpn_ends("h2") && wt_is_alpn_ends("00") && !wt_is_alpn_ends("a3"));
}

static void addresses_and_times(void **state)
{
    (void)state;
    static const uint8_t lab[16] = {[10] = 0xff, [11] = 0xff, 198, 18, 0, 1}; /* as the first stand-in would be */
    static const uint8_t loopback[16] = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1};
    static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [11] = 0xff, [12] = 0xfe, [15] = 9};
    static const uint8_t mac[6] = {0x00, 0x16, 0x3e, 1, 2, 3}, group[6] = {0x01, 0, 0x5e, 0, 0, 1};
    uint8_t out[16], again[16];
    wt_standin_address(s, lab, out);
    assert_memory_not_equal(out, lab, 16);
    wt_standin_address(s, loopback, out);
    assert_memory_equal(out, loopback, 16);
    wt_standin_address(s, six, out);
    wt_standin_address(s, six, again);
    assert_memory_equal(out, again, 16);
    assert_int_equal(out[0] << 8 | out[1], 0x3fff);
    wt_standin_mac(s, mac, out);
    assert_true((out[0] & 3) == 2);
    wt_standin_mac(s, group, out);
    assert_memory_equal(out, group, 6);
    assert_int_equal(wt_standin_port(s, 443), 443);
    assert_true(wt_standin_port(s, 40123) >= 49152 && wt_standin_port(s, 40123) != 40123);
    wt_standins_start(s, INT64_C(1700000000123456789));
    assert_true(wt_standin_time(s, INT64_C(1700000001123456789)) == INT64_C(946684801000000000));
    assert_true(wt_standin_time(s, 0) == 0 && wt_standin_date(s, 0) == 0);
    assert_true(wt_standin_date(s, 1700000000 + 123456) == 946684800 + 120000);
    assert_true(wt_standin_date(s, 1700000000 - 99) == 946684800 - 99);
    assert_true(wt_standin_date(s, INT64_MIN) < 0 && wt_standin_date(s, INT64_MAX) > 0);
    assert_true(wt_standin_time(s, INT64_MIN) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses_and_times), cmocka_unit_test(names_of_hosts),
                                       cmocka_unit_test(never_the_original),  cmocka_unit_test(what_a_text_is),
                                       cmocka_unit_test(any_length),          cmocka_unit_test(wide_text),
                                       cmocka_unit_test(long_wide_text),      cmocka_unit_test(protocols)};
    return cmocka_run_group_tests(tests, begin, end);
}
