/* TLS that starts at once on a port where the client has to ask for it in plaintext first. */
#include "../observer/segments.h"

enum { POSTGRESQL = 5432, CLIENT_PORT = 40000 };

/* A server that ends the connection without an answer to the ClientHello. */
static void hang_up(unsigned client_port, struct hello hello, unsigned flags)
{
    client_hello(say(&d, WT_CLIENT), hello);
    const uint32_t sent = 1001 + (uint32_t)d.turns[0].flight.b.n;
    syn(client_port, 1000);
    pass(client_port, 1000, 0, 0);
    segment(WT_SERVER, client_port, flags, 6001, sent, nothing, 0);
    if (flags & WT_TCP_FIN)
        segment(WT_CLIENT, client_port, WT_TCP_FIN | WT_TCP_ACK, sent, 6002, nothing, 0);
    forget(&d);
}

static void be_established(unsigned client_port)
{
    come_up(false);
    syn(client_port, 1000);
    pass(client_port, 1000, 0, 0);
    forget(&d);
}

static void test_closed(void **state)
{
    static const struct {
        unsigned port;
        const char *title;
    } rows[] = {{POSTGRESQL, "PostgreSQL"}, {389, "LDAP"}, {143, "IMAP"}, {3389, "RDP"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned reset = 0; reset < 2; reset++) {
            (void)start(state);
            server_port = rows[i].port;
            hang_up(CLIENT_PORT, (struct hello){0}, reset ? WT_TCP_RST | WT_TCP_ACK : WT_TCP_FIN | WT_TCP_ACK);
            finish();
            assert_string_equal(h.cause, "peer-not-tls");
            assert_true(h.probable);
            assert_int_equal(h.fault, WT_FAULT_CLIENT);
            assert_non_null(strstr(h.cause_text, rows[i].title));
            assert_non_null(strstr(h.cause_text, reset ? "with RST" : "with FIN"));
            assert_non_null(strstr(h.advice, "-starttls"));
            (void)clean(state);
        }
}

/* Near misses: a port without an upgrade, or of a proxy; a client that names a protocol, as those do that may start
 * with TLS at once; a server that was seen to do without. */
static void test_near_misses(void **state)
{
    static const struct {
        unsigned port;
        const char *alpn;
        bool established;
    } rows[] = {{443, NULL, false},
                {8080, NULL, false},
                {1433, NULL, false},
                {POSTGRESQL, "postgresql", false},
                {POSTGRESQL, NULL, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)start(state);
        server_port = rows[i].port;
        if (rows[i].established)
            be_established(CLIENT_PORT + 1);
        hang_up(CLIENT_PORT, (struct hello){.alpn = rows[i].alpn}, WT_TCP_FIN | WT_TCP_ACK);
        finish();
        if (strcmp(h.cause, "closed-during-handshake"))
            fail_msg("port %u: %s", rows[i].port, h.cause);
        assert_int_equal(wt_observer_summary(h.observer)->established, rows[i].established);
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_closed, clean),
        cmocka_unit_test_teardown(test_near_misses, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
