/* What a filter can say of a connection of which only the ends are known: no where all else cannot change it. */
#include "wiretale/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct wt_connection begun(uint8_t protocol)
{
    static const uint8_t ips[2][16] = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1},
                                       {[10] = 0xff, [11] = 0xff, 192, 0, 2, 2}};
    struct wt_connection c = {.stream = 7, .protocol = protocol, .client.port = 50000, .server.port = 443};
    memcpy(c.client.ip, ips[0], 16);
    memcpy(c.server.ip, ips[1], 16);
    return c;
}

static void decides(void **state)
{
    static const struct {
        const char *text;
        bool tcp, udp;
    } rows[] = {
        {"ip.addr == 192.0.2.1", true, true},
        {"ip.addr == 192.0.2.9", false, false},
        {"!(ip.addr == 192.0.2.9)", true, true},
        {"ipv6.addr == 2001:db8::1", false, false},
        {"ip.src == 192.0.2.2 && ip.dst == 192.0.2.1", true, true},
        {"tcp", true, false},
        {"tcp.port == 443", true, false},
        {"udp.port == 443", false, true},
        {"tcp.port in {80, 8443}", false, false},
        {"max(tcp.srcport, tcp.dstport) > 50000", false, false},
        {"stream == 7", true, true},
        {"tcp.stream == 7", true, false},
        {"stream == 8", false, false},
        /* what is known later decides, unless what is known now does */
        {"tls.alert_message", true, true},
        {"state == \"failed\"", true, true},
        {"stream == 8 && tls.alert_message", false, false},
        {"tls.alert_message && stream == 8", false, false},
        {"stream == 8 || tls.alert_message", true, true},
        {"!(stream == 7 || tls.alert_message)", false, false},
        {"!(stream == 8 || tls.alert_message)", true, true},
        {"!tls && stream == 7", true, true},
        {"stream == 8 xor tls.alert_message", true, true},
        {"stream == 7 xor tcp.port == 443", false, true},
        {"server.port == 443", true, true}, /* who is the server is not known */
        {"ip", true, true},                 /* another layer may be IPv4 */
        {"udp", true, true},                /* another layer may be UDP */
        {"count(ip.addr) == 3", false, false},
    };
    const struct wt_connection tcp = begun(WT_PROTOCOL_TLS), udp = begun(WT_PROTOCOL_DTLS);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter_error error;
        struct wt_filter *filter = wt_filter_compile(rows[i].text, &error);
        if (!filter)
            fail_msg("%s: column %u: %s", rows[i].text, error.column, error.message);
        if (wt_filter_may_match(filter, &tcp) != rows[i].tcp || wt_filter_may_match(filter, &udp) != rows[i].udp)
            fail_msg("%s: %d, %d", rows[i].text, wt_filter_may_match(filter, &tcp), wt_filter_may_match(filter, &udp));
        wt_filter_free(filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(decides)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
