/* What the path says of a failure: who sent a RST, what ICMP reports, which other ClientHellos were answered, where
 * else the same connection was seen. Each situation has a neighbour that looks like it and is something else. */
#include "../observer/segments.h"

enum { PORT = 40000, ISN = 1000, CLIENT_NEXT = ISN + 1, SERVER_NEXT = ISN + 5001 };

static void wait_ms(int64_t ms)
{
    now += ms * 1000000;
}

/* The handshake of TCP; the server is `ms` away. */
static void opened(unsigned port, int64_t ms)
{
    segment(WT_CLIENT, port, WT_TCP_SYN, ISN, 0, nothing, 0);
    wait_ms(ms);
    segment(WT_SERVER, port, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
    segment(WT_CLIENT, port, WT_TCP_ACK, CLIENT_NEXT, SERVER_NEXT, nothing, 0);
}

/* Sends a ClientHello and returns the number of the next byte. */
static uint32_t hello(unsigned port, struct hello how)
{
    struct flight f = {0};
    client_hello(&f, how);
    segment(WT_CLIENT, port, WT_TCP_ACK | WT_TCP_PSH, CLIENT_NEXT, SERVER_NEXT, wt_buffer_span(&f.b), 0);
    uint32_t next = CLIENT_NEXT + (uint32_t)f.b.n;
    wt_buffer_free(&f.b);
    return next;
}

static uint32_t answer(unsigned port, struct hello how, uint32_t acknowledgment)
{
    struct flight f = {0};
    server_hello(&f, how);
    segment(WT_SERVER, port, WT_TCP_ACK | WT_TCP_PSH, SERVER_NEXT, acknowledgment, wt_buffer_span(&f.b), 0);
    uint32_t next = SERVER_NEXT + (uint32_t)f.b.n;
    wt_buffer_free(&f.b);
    return next;
}

static void says(const char *text)
{
    if (!strstr(h.cause_text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, h.cause_text);
}

static void says_not(const char *text)
{
    if (strstr(h.cause_text, text))
        fail_msg("\"%s\" is in \"%s\"", text, h.cause_text);
}

static void blamed(const char *cause, uint8_t fault, bool probable)
{
    finish();
    assert_string_equal(h.cause, cause);
    assert_int_equal(h.fault, fault);
    assert_int_equal(h.probable, probable);
}

/* --- resets ---------------------------------------------------------------------------------------------------------
 */

/* A filter between: nearer than the server, and with another TTL. Without either sign it may be the server. */
static void test_injected(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        bool hops = how & 1, soon = how & 2;
        start(NULL);
        hop_limits[WT_SERVER] = 52;
        opened(PORT, 40);
        wait_ms(30);
        uint32_t next = hello(PORT, (struct hello){.sni = "www.example.com"});
        wait_ms(soon ? 3 : 40);
        /* its own may differ by a few */
        hop_limits[WT_SERVER] = 52 + WT_LIMIT_HOPS + hops;
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
        blamed("reset-after-client-hello", how ? WT_FAULT_BETWEEN : WT_FAULT_SERVER, true);
        (hops ? says : says_not)("Its TTL (hop limit) is 54, that of the server's other packets 52.");
        (soon ? says : says_not)("sooner than the server could answer");
        stop(&h);
    }
}

/* A SYN proxy answers the SYN with a TTL of its own; the server's other packets have the RST's. A path may change by a
 * hop. */
static void test_syn_proxy(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 2; how++) {
        start(NULL);
        hop_limits[WT_SERVER] = how ? 58 : 250;
        opened(PORT, 10);
        uint32_t next = hello(PORT, (struct hello){0});
        hop_limits[WT_SERVER] = 57;
        if (!how)
            segment(WT_SERVER, PORT, WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
        wait_ms(10);
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
        blamed("reset-after-client-hello", WT_FAULT_SERVER, true);
        says_not("TTL");
        stop(&h);
    }
}

/* A RST that does not acknowledge the ClientHello may have been under way before it. */
static void test_crossed(void **state)
{
    (void)state;
    start(NULL);
    opened(PORT, 40);
    wait_ms(36);
    (void)hello(PORT, (struct hello){0});
    wait_ms(2);
    segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, CLIENT_NEXT, nothing, 0);
    blamed("reset-after-client-hello", WT_FAULT_SERVER, true);
    says_not("sooner");
    stop(&h);
}

/* RFC 9293, 3.5.2: who has reset sends nothing more. Bytes from before the RST may come late. */
static void test_answer_afterwards(void **state)
{
    (void)state;
    start(NULL);
    opened(PORT, 10);
    uint32_t next = hello(PORT, (struct hello){0});
    segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
    wait_ms(10);
    (void)answer(PORT, (struct hello){0}, next);
    blamed("reset-after-client-hello", WT_FAULT_BETWEEN, true);
    says("The server went on sending afterwards (packet 6)");
    stop(&h);
    start(NULL);
    opened(PORT, 10);
    next = hello(PORT, (struct hello){0});
    segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT + 200, next, nothing, 0);
    (void)answer(PORT, (struct hello){0}, next);
    finish();
    assert_int_not_equal(h.fault, WT_FAULT_BETWEEN);
    says_not("afterwards");
    stop(&h);
}

/* --- HTTP in the server's place -------------------------------------------------------------------------------------
 */

/* A page in the clear answers the ClientHello: from another distance than the SYN-ACK, or sooner than the server could.
 * Near misses: neither, the server itself speaks HTTP there; the server's TTL changes earlier, as behind a SYN proxy;
 * it is no HTTP. */
static void test_block_page(void **state)
{
    static const char *const pages[] = {
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 451 Unavailable For Legal Reasons\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    };
    (void)state;
    for (unsigned how = 0; how < 16; how++) {
        const bool hops = how & 1, soon = how & 2;
        const char *page = pages[how / 4];
        const bool between = (hops || soon) && how / 4 < 3;
        start(NULL);
        hop_limits[WT_SERVER] = 52;
        opened(PORT, 40);
        uint32_t next = hello(PORT, (struct hello){.sni = "www.example.com"});
        wait_ms(soon ? 3 : 40);
        hop_limits[WT_SERVER] = hops ? 127 : 52;
        segment(WT_SERVER, PORT, WT_TCP_ACK | WT_TCP_PSH | WT_TCP_FIN, SERVER_NEXT, next, wt_span_text(page), 0);
        segment(WT_CLIENT, PORT, WT_TCP_ACK | WT_TCP_FIN, next, SERVER_NEXT + (uint32_t)strlen(page) + 1, nothing, 0);
        blamed("peer-not-tls", between ? WT_FAULT_BETWEEN : WT_FAULT_SERVER, between);
        (between && hops ? says : says_not)("Its TTL (hop limit) is 127, that of the server's other packets 52.");
        (between && soon ? says : says_not)("sooner than the server could answer");
        (between ? says : says_not)("a web filter, a firewall, a captive portal");
        stop(&h);
    }
    start(NULL);
    hop_limits[WT_SERVER] = 250;
    opened(PORT, 40);
    uint32_t next = hello(PORT, (struct hello){.sni = "www.example.com"});
    wait_ms(40);
    hop_limits[WT_SERVER] = 57;
    segment(WT_SERVER, PORT, WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK | WT_TCP_PSH | WT_TCP_FIN, SERVER_NEXT, next, wt_span_text(pages[0]), 0);
    blamed("peer-not-tls", WT_FAULT_SERVER, false);
    stop(&h);
}

/* --- ICMP -----------------------------------------------------------------------------------------------------------
 */

/* A router reports that the server's segments do not fit. The server goes on; or it is another conversation that the
 * router speaks of; or the server cuts its segments, which are lost for another reason. */
static void test_too_big(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 3; how++) {
        uint8_t large[1460] = {22, 3, 3, 5, 175, 11, 0, 5, 171};
        start(NULL);
        opened(PORT, 10);
        uint32_t next = hello(PORT, (struct hello){0}), at = answer(PORT, (struct hello){0}, next);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, next, at, nothing, 0);
        segment(WT_SERVER, PORT, WT_TCP_ACK, at, next, wt_span_of(large, sizeof large), 0);
        icmp_error(WT_SERVER, how == 1 ? PORT + 1 : PORT, 3, 4, 1400, at, 1500, 28);
        for (unsigned i = 0; i < 5; i++) {
            wait_ms(300 << i);
            segment(WT_SERVER, PORT, WT_TCP_ACK, at, next, wt_span_of(large, how == 2 ? 1300 : sizeof large), 0);
        }
        segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, next, at, nothing, 0);
        blamed("handshake-stalled", WT_FAULT_BETWEEN, how != 0);
        (how == 0 ? says : says_not)("203.0.113.9 reported with ICMP (packet 8)");
        (how == 0 ? says : says_not)("clamp the MSS to 1360");
        stop(&h);
    }
}

/* A firewall rejects with ICMP what it does not let through. */
static void test_prohibited(void **state)
{
    (void)state;
    start(NULL);
    opened(PORT, 10);
    (void)hello(PORT, (struct hello){0});
    icmp_error(WT_CLIENT, PORT, 3, 13, 0, CLIENT_NEXT, 200, 28);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        (void)hello(PORT, (struct hello){0});
    }
    blamed("no-answer-to-client-hello", WT_FAULT_BETWEEN, false);
    says("administratively prohibited");
    stop(&h);
}

/* RFC 1122, 3.2.2.1: "A host SHOULD generate Destination Unreachable messages with code: 2 (Protocol Unreachable) ...
 * or 3 (Port Unreachable)"; all others are sent by routers. RFC 1122, 4.2.3.9: an error is no reason to give up, so one
 * about bytes that arrived when they were sent again says nothing. */
static void test_who_reports(void **state)
{
    static const struct {
        uint32_t sender;
        uint8_t type, code, fault;
        const char *says;
    } rows[] = {
        {0xcb007109, 3, 1, WT_FAULT_BETWEEN,
         "203.0.113.9 reported with ICMP (packet 5) that the packets do not get through: host unreachable (type 3, "
         "code 1)."},
        {0xcb007109, 3, 13, WT_FAULT_BETWEEN, "administratively prohibited (type 3, code 13)."},
        {0xcb007109, 11, 0, WT_FAULT_BETWEEN, "time to live exceeded (type 11, code 0)."},
        {0xc0000202, 3, 3, WT_FAULT_SERVER,
         "192.0.2.2 reported with ICMP (packet 5) that the packets do not get through: port unreachable (type 3, code "
         "3)."},
        {0xc0000202, 3, 10, WT_FAULT_SERVER, "administratively prohibited (type 3, code 10)."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned arrives = 0; arrives < 2; arrives++) {
            start(NULL);
            opened(PORT, 10);
            uint32_t next = hello(PORT, (struct hello){0});
            icmp_error_of(rows[i].sender, WT_CLIENT, PORT, rows[i].type, rows[i].code, 0, CLIENT_NEXT, 200, 28);
            wait_ms(6000);
            (void)hello(PORT, (struct hello){0});
            if (arrives) {
                wait_ms(10);
                segment(WT_SERVER, PORT, WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
            }
            wait_ms(20000);
            segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, next, SERVER_NEXT, nothing, 0);
            blamed("no-answer-to-client-hello", arrives ? WT_FAULT_SERVER : rows[i].fault, false);
            (arrives ? says_not : says)(rows[i].says);
            assert_true(!strstr((const char *)h.all.p, "\"alternatives\":["));
            stop(&h);
        }
}

/* In the middle of a handshake, about either side's packets. */
static void test_stalled_by_report(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 3; how++) {
        const uint32_t by = how == 1 ? 0xc0000201 : (uint32_t)ROUTER;
        uint8_t more[700] = {22, 3, 3, 3, 175, 11, 0, 3, 171};
        start(NULL);
        opened(PORT, 10);
        uint32_t next = hello(PORT, (struct hello){0}), at = answer(PORT, (struct hello){0}, next);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, next, at, nothing, 0);
        segment(WT_SERVER, PORT, WT_TCP_ACK, at, next, wt_span_of(more, sizeof more), 0);
        if (how < 2)
            icmp_error_of(by, WT_SERVER, PORT, 3, how ? 3 : 1, 0, at, 740, 28);
        for (unsigned i = 0; i < 6; i++) {
            wait_ms(300 << i);
            segment(WT_SERVER, PORT, WT_TCP_ACK, at, next, wt_span_of(more, sizeof more), 0);
        }
        blamed("handshake-stalled", how == 1 ? WT_FAULT_CLIENT : WT_FAULT_BETWEEN, how == 2);
        (how == 0 ? says : says_not)("host unreachable (type 3, code 1)");
        (how == 1 ? says : says_not)("port unreachable (type 3, code 3)");
        stop(&h);
    }
}

/* A SYN that ICMP answers. Near misses: what is quoted was never sent; the server answers all the same; nothing is
 * said, and the SYN was sent once. */
static void test_syn_rejected(void **state)
{
    static const struct {
        uint32_t sender, sequence;
        uint8_t type, code, fault;
        bool answered;
        const char *says; /* NULL: nothing is told */
    } rows[] = {
        {0xcb007109, ISN, 3, 13, WT_FAULT_BETWEEN, false,
         "No TCP answer from 192.0.2.2:443 (https) to 1 SYN. 203.0.113.9 reported with ICMP (packet 2)"},
        {0xcb007109, ISN, 3, 1, WT_FAULT_BETWEEN, false, "host unreachable (type 3, code 1)."},
        {0xc0000202, ISN, 3, 3, WT_FAULT_SERVER, false, "192.0.2.2 reported with ICMP (packet 2)"},
        {0xcb007109, ISN + 77, 3, 13, 0, false, NULL},
        {0xcb007109, ISN, 3, 13, 0, true, NULL},
        {0xcb007109, ISN, 12, 0, 0, false, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(NULL);
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        icmp_error_of(rows[i].sender, WT_CLIENT, PORT, rows[i].type, rows[i].code, 0, rows[i].sequence, 60, 28);
        if (rows[i].answered)
            segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
        finish();
        if (!rows[i].says) {
            assert_string_equal(h.cause, "");
        } else {
            assert_string_equal(h.cause, "tcp-no-answer");
            assert_int_equal(h.fault, rows[i].fault);
            assert_false(h.probable);
            says(rows[i].says);
        }
        stop(&h);
    }
}

/* --- other attempts -------------------------------------------------------------------------------------------------
 */

/* A large ClientHello is reset, a small one of the same client with the same name is answered: before or after it.
 * Where a large one was answered as well, size is no reason; where only the name differs, that is told. */
static void test_twins(void **state)
{
    static char ticket[1500];
    memset(ticket, 't', sizeof ticket - 1);
    const struct hello small = {.sni = "www.example.com"}, large = {.sni = "www.example.com", .ticket = ticket},
                       other = {.sni = "other.example.com", .ticket = ticket};
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        const struct hello works = how == 3 ? other : small;
        start(NULL);
        opened(PORT + 1, 10); /* told first, whenever it is answered */
        if (how == 0)
            (void)answer(PORT + 1, works, hello(PORT + 1, works));
        if (how == 2) {
            opened(PORT + 2, 10);
            (void)answer(PORT + 2, large, hello(PORT + 2, large));
        }
        opened(PORT, 10);
        uint32_t next = hello(PORT, large);
        wait_ms(10);
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
        if (how != 0)
            (void)answer(PORT + 1, works, hello(PORT + 1, works));
        blamed("reset-after-client-hello", WT_FAULT_SERVER, true);
        (how < 2 ? says : says_not)("was answered (stream 0); this one has");
        (how == 3 ? says : says_not)("with another server name was answered by the same server (stream 0)");
        stop(&h);
    }
}

/* RFC 8701: a ClientHello with GREASE values fails, and one without them is answered. Near misses: the server has
 * answered one with GREASE values, too; the one that was answered asks for another name; the one that fails has no
 * GREASE. */
static void test_grease(void **state)
{
    const struct hello plain = {.sni = "www.example.com"}, other = {.sni = "other.example.com"},
                       grease = {.sni = "www.example.com", .suite = 0x0a0a};
    (void)state;
    for (unsigned how = 0; how < 8; how++) {
        const bool reset = how & 1;
        const struct hello fails = how / 2 == 3 ? (struct hello){.sni = "www.example.com", .ticket = "t"} : grease;
        start(NULL);
        opened(PORT + 1, 10);
        (void)answer(PORT + 1, plain, hello(PORT + 1, how / 2 == 2 ? other : plain));
        if (how / 2 == 1) {
            opened(PORT + 2, 10);
            (void)answer(PORT + 2, plain, hello(PORT + 2, (struct hello){.sni = "www.example.com", .suite = 0x1a1a}));
        }
        opened(PORT, 10);
        uint32_t next = hello(PORT, fails);
        wait_ms(10);
        if (reset) {
            segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, SERVER_NEXT, next, nothing, 0);
            blamed("reset-after-client-hello", WT_FAULT_SERVER, true);
        } else {
            static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 47};
            segment(WT_SERVER, PORT, WT_TCP_ACK | WT_TCP_PSH | WT_TCP_FIN, SERVER_NEXT, next,
                    wt_span_of(alert, sizeof alert), 0);
            finish();
            if (how / 2 == 0)
                assert_string_equal(h.cause, "rejected-by-server");
            if (how / 2 == 0)
                assert_int_equal(h.fault, WT_FAULT_SERVER);
        }
        (how / 2 == 0 ? says : says_not)("without GREASE values was answered by the same server (stream 0)");
        stop(&h);
    }
}

/* --- the same connection elsewhere
 * ------------------------------------------------------------------------------------ */

static void up(unsigned port, struct hello how)
{
    tls12_handshake_of(&d, how, how);
    syn(port, ISN);
    pass(port, ISN, 0, 0);
    forget(&d);
}

/* Seen twice; the second time with other randoms; with randoms that are none. */
static void test_same(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 3; how++) {
        start(NULL);
        up(PORT, (struct hello){.sni = "www.example.com", .random = how == 2 ? 0 : 7});
        up(PORT + 1, (struct hello){.sni = "www.example.com", .random = how == 2 ? 0 : how == 1 ? 8 : 7});
        finish();
        const char *all = (const char *)h.all.p;
        const struct wt_summary *s = wt_observer_summary(h.observer);
        assert_int_equal(h.told, 2);
        assert_int_equal(s->established, how ? 2 : 1);
        assert_int_equal(s->connections, how ? 2 : 1);
        assert_int_equal(s->elsewhere, how ? 0 : 1);
        assert_true(!strstr(all, "\"same_as\":[1]") == (how != 0));
        assert_true(!strstr(all, "\"same_as\":[0]") == (how != 0));
        assert_true(!strstr(all, "\"same-connection-elsewhere\"") == (how != 0));
        assert_true(how != 0 || strstr(all, "stream 1 (192.0.2.1:40001 > 192.0.2.2:443)"));
        stop(&h);
    }
}

/* --- refusals inside
 * -------------------------------------------------------------------------------------------------- */

/* TLS 1.2 without encryption: what is inside can be read. `status` 0: nobody can. */
static void refusal(unsigned status, bool asked, bool server_leaves)
{
    static const uint8_t request[] = {1, 1, 0, 2, 4, 3, 0, 0}, none[] = {0, 0, 0}, finished[12] = {0};
    const struct hello how = {.suite = status ? 0x003b : 0};
    struct flight *f;
    char line[160];
    start(NULL);
    stop(&h);
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_connection,
                                                .context = &h,
                                                .keep_messages = true,
                                                .read_application = true};
    memset(&h, 0, sizeof h);
    h.observer = wt_observer_new(&options, NULL);
    wt_observer_file(h.observer, "capture");
    client_hello(say(&d, WT_CLIENT), how);
    f = say(&d, WT_SERVER);
    server_hello(f, how);
    certificate(f);
    if (!status)
        server_key_exchange(f);
    if (asked)
        add_handshake(f, 13, request, sizeof request);
    server_hello_done(f);
    f = say(&d, WT_CLIENT);
    if (asked)
        add_handshake(f, 11, none, sizeof none);
    client_key_exchange(f);
    for (unsigned side = 0; side < 2; side++) {
        f = side ? say(&d, WT_SERVER) : f;
        if (status) {
            uint8_t plain[4 + 12 + 32] = {20, 0, 0, 12};
            memcpy(plain + 4, finished, 12);
            change_cipher_spec(f);
            add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of(plain, sizeof plain));
        } else {
            ccs_finished(f);
        }
    }
    for (unsigned side = 0; side < 2; side++) {
        uint8_t record[256] = {0};
        (void)snprintf(line, sizeof line,
                       side ? "HTTP/1.1 %u Whatever\r\nContent-Length: 0\r\n\r\n" : "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                       status);
        memcpy(record, line, strlen(line));
        add_record(say(&d, (enum wt_side)side), WT_CONTENT_APPLICATION_DATA, wt_span_of(record, strlen(line) + 32));
    }
    syn(PORT, ISN);
    pass(PORT, ISN, 0, 0);
    uint32_t sent[2] = {ISN + 1, ISN + 5001};
    for (size_t i = 0; i < d.n; i++)
        sent[d.turns[i].from] += (uint32_t)d.turns[i].flight.b.n;
    segment(server_leaves ? WT_SERVER : WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, sent[server_leaves],
            sent[!server_leaves], nothing, 0);
    forget(&d);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
}

static void test_refused_inside(void **state)
{
    static const struct {
        unsigned status;
        bool asked, server_leaves;
        const char *severity; /* NULL: nothing is told */
    } rows[] = {
        {400, true, true, "warning"}, {403, true, false, "warning"}, {496, true, true, "warning"},
        {200, true, true, NULL},      {400, false, true, NULL},      {0, true, true, "notice"},
        {0, true, false, NULL},       {0, false, true, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[96];
        refusal(rows[i].status, rows[i].asked, rows[i].server_leaves);
        const char *all = (const char *)h.all.p;
        (void)snprintf(want, sizeof want, "\"client-certificate-missing\",\"severity\":\"%s\"",
                       rows[i].severity ? rows[i].severity : "");
        if (rows[i].severity ? !strstr(all, want) : strstr(all, "client-certificate-missing") != NULL)
            fail_msg("row %zu: %s", i, all);
        if (rows[i].severity && rows[i].status) {
            (void)snprintf(want, sizeof want, "HTTP %u", rows[i].status);
            assert_non_null(strstr(all, want));
        }
        stop(&h);
    }
}

/* The client leaves after a while, and its FIN acknowledges nothing of the server's flight, which the capture shows
 * once: it never arrived. The near misses acknowledge it, or leave at once. */
static void test_never_arrived(void **state)
{
    static const uint8_t faults[] = {WT_FAULT_BETWEEN, WT_FAULT_SERVER, WT_FAULT_CLIENT};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        start(NULL);
        opened(PORT, 1);
        uint32_t client = hello(PORT, (struct hello){.tls13 = true});
        uint32_t server = answer(PORT, (struct hello){.tls13 = true}, client);
        wait_ms(i == 2 ? 100 : 8000);
        segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, client, i == 1 ? server : SERVER_NEXT, nothing, 0);
        blamed(i == 2 ? "closed-during-handshake" : "handshake-stalled", faults[i], i < 2);
        (i == 0 ? says : says_not)("was never acknowledged within 8.0 s");
        clean(NULL);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_injected),
        TEST(test_syn_proxy),

        TEST(test_crossed),
        TEST(test_answer_afterwards),
        TEST(test_block_page),
        TEST(test_too_big),
        TEST(test_prohibited),
        TEST(test_who_reports),
        TEST(test_stalled_by_report),
        TEST(test_syn_rejected),
        TEST(test_twins),
        TEST(test_grease),
        TEST(test_same),
        TEST(test_refused_inside),
        TEST(test_never_arrived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
