/* The observer on packets: which conversation a segment belongs to, in what order stories are told, and what is said of
 * what the capture does not hold. */
#include "observer/state.h"
#include "segments.h"

static void handshake(void)
{
    forget(&d);
    tls12_handshake(&d);
}

static void test_one(void **state)
{
    (void)state;
    handshake();
    syn(40000, 1000);
    pass(40000, 1000, 0, 100);
    segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK, 1000 + 1 + 5000, 0, nothing, 0);
    finish();
    char address[46];
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.first_frame, 1);
    assert_int_equal(h.c.last_frame, frame);
    assert_string_equal(wt_address_format(&h.c.client, address), "192.0.2.1");
    assert_string_equal(wt_address_format(&h.c.server, address), "192.0.2.2");
    assert_int_equal(h.c.client.port, 40000);
    assert_int_equal(h.c.server.port, 443);
    const struct wt_summary *s = wt_observer_summary(h.observer);
    assert_int_equal(s->packets, frame);
    assert_int_equal(s->files, 1);
    assert_int_equal(s->established, 1);
    assert_int_equal(s->undecoded_count, 0);
}

/* The client's FIN and the server's first message cross on the way: the client had seen no answer. */
static void test_crossed(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    uint32_t end = 1001 + (uint32_t)d.turns[0].flight.b.n;
    server_hello(say(&d, WT_SERVER), (struct hello){.session = 9});
    for (unsigned crossed = 0; crossed < 2; crossed++) {
        uint32_t isn = 1000 + crossed * 900000;
        syn(40000, isn);
        segment(WT_CLIENT, 40000, WT_TCP_ACK, isn + 1, isn + 5001, wt_buffer_span(&d.turns[0].flight.b), 0);
        if (crossed)
            segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK, isn + end - 1000, isn + 5001, nothing, 0);
        pass(40000, isn, 1, 0);
        if (!crossed)
            segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK, isn + end - 1000, isn + 5001, nothing, 0);
        segment(WT_CLIENT, 40000, WT_TCP_RST, isn + end - 999, 0, nothing, 0);
        finish();
        assert_int_equal(h.told, crossed + 1);
        assert_string_equal(h.cause, "closed-during-handshake");
        assert_non_null(strstr(h.cause_text, crossed ? "before the server answered" : "the last it received was"));
    }
}

/* What the server acknowledges behind all that was seen of the client was lost to the capture; but one byte is a FIN,
 * and what no window holds is nothing that anybody sent. */
static void test_acknowledged(void **state)
{
    static const struct {
        uint32_t more;
        const char *findings;
    } rows[] = {{0, ""}, {1, ""}, {7, "capture-gap "}, {627458467, ""}, {0x80000000, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t sent[2] = {0, 0};
        stop(&h);
        hear(&h, "capture");
        handshake();
        for (size_t k = 0; k < d.n; k++)
            sent[d.turns[k].from] += (uint32_t)d.turns[k].flight.b.n;
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        segment(WT_SERVER, 40000, WT_TCP_ACK, 6001 + sent[WT_SERVER], 1001 + sent[WT_CLIENT] + rows[i].more, nothing,
                0);
        finish();
        assert_int_equal(h.told, 1);
        assert_string_equal(h.findings, rows[i].findings);
    }
}

/* RFC 8446, 4.1.4: a HelloRetryRequest that the capture lacks asked for the group of the share that answers; where
 * nothing is missing, the same share breaks 4.2.8. Without the SYNs only the second ClientHello is known to be missing.
 */
static void test_retry_that_is_missing(void **state)
{
    (void)state;
    for (unsigned lost = 0; lost < 3; lost++) {
        stop(&h);
        hear(&h, "capture");
        client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
        if (lost) {
            server_hello(say(&d, WT_SERVER), (struct hello){.tls13 = true, .retry = true});
            client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true, .second = true});
        }
        server_hello(say(&d, WT_SERVER), (struct hello){.tls13 = true, .second = true});
        const uint32_t retry = lost ? (uint32_t)d.turns[1].flight.b.n : 0;
        const uint32_t again = lost ? (uint32_t)d.turns[2].flight.b.n : 0;
        const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
        if (lost < 2)
            syn(40000, 1000);
        segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, hello, 0);
        segment(WT_SERVER, 40000, WT_TCP_ACK, 6001 + retry, 1001 + (uint32_t)hello.n + again,
                wt_buffer_span(&d.turns[d.n - 1].flight.b), 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_true(h.c.server_hello_seen);
        assert_int_equal(strstr(h.findings, "malformed-message") != NULL, !lost);
        assert_int_equal(strstr(h.findings, "capture-gap") != NULL, lost > 0);
        forget(&d);
    }
}

/* RFC 5246, 6.2.3: a protected record may be longer than one in the clear, by 2,048 bytes; whether it is protected is
 * not known where the capture lacks what was before it. */
static void test_change_that_is_missing(void **state)
{
    enum { NEVER_SENT, LOST, BEGINS_WITH_IT, CHANGES };
    (void)state;
    for (unsigned change = NEVER_SENT; change < CHANGES; change++) {
        uint32_t next[2] = {1001, 6001};
        stop(&h);
        hear(&h, "capture");
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        server_hello(say(&d, WT_SERVER), (struct hello){0});
        if (change != NEVER_SENT)
            ccs_finished(say(&d, WT_SERVER));
        hidden(say(&d, WT_SERVER), WT_CONTENT_HEARTBEAT, WT_LIMIT_PLAINTEXT + 32);
        if (change != BEGINS_WITH_IT)
            syn(40000, 1000);
        for (size_t i = 0; i < d.n; i++)
            pass_turn(40000, i, next, change == BEGINS_WITH_IT ? i < 2 : change == LOST && i == 2);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(strstr(h.findings, "malformed-message") != NULL, change == NEVER_SENT);
        forget(&d);
    }
}

/* RFC 5246, 7.2.1: close_notify ends what its sender says in TLS. Whether the other side has closed, too, as FTP's CCC
 * (RFC 4217, 12.3) wants it, a capture of one direction does not tell. */
static void test_clear_again_in_one_direction(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        const bool closes = kind & 1, begins = kind & 2; /* the client's first bytes are in the capture */
        uint32_t next[2] = {1001, 6001};
        stop(&h);
        hear(&h, "capture");
        handshake();
        if (closes)
            hidden(say(&d, WT_SERVER), WT_CONTENT_ALERT, 24);
        text(say(&d, WT_SERVER), "227 Entering Passive Mode (192,0,2,2,64,155).\r\n");
        for (size_t i = 0; i < d.n; i++) {
            const enum wt_side from = d.turns[i].from;
            const struct wt_span bytes = wt_buffer_span(&d.turns[i].flight.b);
            if (from == WT_SERVER || (begins && i == 0))
                segment(from, 40000, WT_TCP_ACK, next[from], next[!from], bytes, 0);
            next[from] += (uint32_t)bytes.n;
        }
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(strstr(h.findings, "record-boundary-lost") != NULL, !closes);
        forget(&d);
    }
}

/* A ServerHello of no bytes breaks its format; in a capture that begins behind the hellos the same bytes are a nonce.
 */
static void test_empty_hello(void **state)
{
    static const uint8_t bytes[45] = {22, 3, 3, 0, 40, 2};
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    uint32_t end = 1001 + (uint32_t)d.turns[0].flight.b.n;
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, end, wt_span_of(bytes, sizeof bytes), 0);
    segment(WT_SERVER, 40001, WT_TCP_ACK, 6001, end, wt_span_of(bytes, sizeof bytes), 0);
    segment(WT_SERVER, 40001, WT_TCP_ACK, 6046, end, wt_span_of("\27\3\3\0\1x", 6), 0);
    finish();
    assert_int_equal(h.told, 2);
    assert_string_equal(h.findings, "capture-starts-late ");
    assert_non_null(memmem(h.json.p, h.json.n, "\"stream\":1", 10));
}

/* Without the hellos nothing has a place of its own: here a device put the padding of its frames into the streams. It
 * is not read; that the server acknowledges the two bytes as data is all that remains of them. */
static void test_no_hello(void **state)
{
    (void)state;
    syn(40000, 1000);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, wt_span_of("\0", 2), 0);
    segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, 1001, wt_span_of("\0\0\0\0\0", 6), 0);
    struct flight *f = say(&d, WT_SERVER);
    server_key_exchange(f);
    server_hello_done(f);
    new_session_ticket(say(&d, WT_SERVER), "ticket");
    ccs_finished(say(&d, WT_SERVER));
    for (size_t i = 0, next = 6507; i < d.n; next += d.turns[i++].flight.b.n)
        segment(WT_SERVER, 40000, WT_TCP_ACK, (uint32_t)next, 1003, wt_buffer_span(&d.turns[i].flight.b), 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_string_equal(h.findings, "capture-gap ");
}

/* Times that a damaged file makes up: durations stay numbers, and idle connections end. */
static void test_times(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        stop(&h);
        hear(&h, "capture");
        now = turn ? INT64_MAX - 900000000 : INT64_MIN;
        handshake();
        syn(40000, 1000);
        pass(40000, 1000, 0, 100);
        now = turn ? INT64_MIN : INT64_MAX - 900000000;
        segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK, 1000 + 1 + 5000, 0, nothing, 0);
        segment(WT_SERVER, 40000, WT_TCP_ACK, 1000 + 1 + 5000, 0, nothing, 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_true(wt_observer_summary(h.observer)->seconds > 9e9);
    }
}

/* As tcp.stream counts: a SYN with another sequence number begins a new conversation, with the same it does not, and a
 * SYN-ACK never does. */
static void test_numbers(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    syn(40000, 1000);
    segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
    segment(WT_SERVER, 40000, WT_TCP_SYN | WT_TCP_ACK, 77777, 1001, nothing, 0);
    pass(40000, 1000, 0, 0);
    syn(40001, 1000);
    pass(40001, 1000, 0, 0);
    syn(40000, 900000);
    pass(40000, 900000, 0, 0);
    finish();
    assert_int_equal(h.told, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(h.streams[i], i);
}

/* Conversations that are no TLS count too. */
static void test_numbers_of_others(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    for (unsigned i = 0; i < 6; i++) {
        syn(40000 + i, 1000);
        if (i % 2)
            pass(40000 + i, 1000, 0, 0);
        else
            segment(WT_CLIENT, 40000 + i, WT_TCP_ACK, 1001, 6001, wt_span_text("GET / HTTP/1.1\r\n\r\n"), 0);
    }
    finish();
    assert_int_equal(h.told, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(h.streams[i], 2 * i + 1);
}

/* Told in the order of their first packets, whoever ends first; and each in its own time when all before it are told.
 */
static void test_order(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    for (unsigned i = 0; i < 4; i++)
        syn(40000 + i, 1000);
    for (unsigned i = 4; i-- > 0;) {
        pass(40000 + i, 1000, 0, 0);
        segment(WT_SERVER, 40000 + i, WT_TCP_RST, 6001, 0, nothing, 0);
        now += 10000000000;
        if (i)
            assert_int_equal(h.told, 0);
    }
    syn(50000, 1);
    assert_int_equal(h.told, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(h.streams[i], i);
    assert_int_equal(h.c.state, WT_FAILED);
    assert_true(h.c.reset);
}

static void test_reset(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    segment(WT_SERVER, 40000, WT_TCP_RST | WT_TCP_ACK, 6001, 1200, nothing, 0);
    finish();
    assert_int_equal(h.c.state, WT_FAILED);
    assert_true(h.c.reset);
}

/* Without its beginning: incomplete, never failed; with data of both sides it was evidently established once. */
static void test_starts_late(void **state)
{
    (void)state;
    handshake();
    data(say(&d, WT_CLIENT), 500);
    data(say(&d, WT_SERVER), 700);
    data(say(&d, WT_CLIENT), 500);
    pass(40000, 1000, 4, 0);
    segment(WT_CLIENT, 40000, WT_TCP_RST, 9000, 0, nothing, 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_INCOMPLETE);
    assert_false(h.c.client_hello_seen);
    assert_string_equal(h.findings, "capture-starts-late ");
    assert_int_equal(h.c.application_data[WT_CLIENT].records, 2);
}

/* Every segment one byte; every order of two neighbours; and every segment twice. */
static void test_disorder(void **state)
{
    (void)state;
    handshake();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    finish();
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    size_t messages = h.messages;
    for (size_t size = 1; size < 40; size += 13) {
        stop(&h);
        start(NULL);
        syn(40000, 1000);
        pass(40000, 1000, 0, size);
        pass(40000, 1000, 0, size);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.state, WT_ESTABLISHED);
        assert_int_equal(h.messages, messages);
        assert_string_equal(h.findings, size > 1 ? "capture-duplicates " : ""); /* a byte may be a keep-alive */
    }
}

/* A hole in what the server said: told with its size, and nobody is called a failure for it. */
static void test_hole(void **state)
{
    (void)state;
    handshake();
    data(say(&d, WT_CLIENT), 50);
    data(say(&d, WT_SERVER), 50);
    struct wt_buffer *b = &d.turns[1].flight.b;
    uint32_t lost = (uint32_t)b->n - 100;
    syn(40000, 1000);
    uint32_t client = 1001, server = 6001;
    for (size_t i = 0; i < d.n; i++) {
        struct wt_span s = wt_buffer_span(&d.turns[i].flight.b);
        uint32_t *next = d.turns[i].from == WT_CLIENT ? &client : &server;
        segment(d.turns[i].from, 40000, WT_TCP_ACK, *next, next == &client ? server : client,
                i == 1 ? wt_span_cut(s, 0, 100) : s, 0);
        *next += (uint32_t)s.n;
    }
    finish();
    assert_int_equal(h.c.missing[WT_SERVER], lost);
    assert_int_equal(h.c.missing[WT_CLIENT], 0);
    assert_int_not_equal(h.c.state, WT_FAILED);
    assert_string_equal(h.findings, "capture-gap ");
    char number[32];
    (void)snprintf(number, sizeof number, ": %u are missing", lost);
    assert_non_null(strstr(h.last_text, number));
}

/* Packets cut by the snaplen: all that is missing is told, not only what the first one lacks. */
static void test_cut(void **state)
{
    (void)state;
    handshake();
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    uint8_t record[105] = {23, 3, 3, 0, 100};
    uint32_t next = 1001 + (uint32_t)(d.turns[0].flight.b.n + d.turns[2].flight.b.n);
    for (unsigned i = 0; i < 3; i++, next += 105)
        segment(WT_CLIENT, 40000, WT_TCP_ACK, next, 0, wt_span_of(record, 105), 60);
    finish();
    assert_int_equal(h.c.missing[WT_CLIENT], 180);
    assert_int_equal(h.c.application_data[WT_CLIENT].records, 3);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_non_null(strstr(h.findings, "capture-truncated-packets "));
    static const char sum[] = "snaplen: 180 bytes are missing";
    assert_non_null(memmem(h.json.p, h.json.n, sum, sizeof sum - 1));
}

/* Stream numbers begin again with each file, and what was open has ended. */
static void test_files(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    for (unsigned i = 0; i < 3; i++) {
        if (i)
            wt_observer_file(h.observer, "next");
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        assert_int_equal(h.told, i);
    }
    finish();
    assert_int_equal(h.told, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(h.streams[i], 0);
    assert_int_equal(wt_observer_summary(h.observer)->files, 3);
    assert_int_equal(wt_observer_summary(h.observer)->incomplete, 3);
}

/* What cannot be decoded is counted by its reason. */
static void test_undecoded(void **state)
{
    static const uint8_t bytes[4] = {0x45};
    struct wt_packet packet = {.frame = 1, .link = LINKTYPE_RAW, .data = bytes, .length = 4, .original = 60};
    (void)state;
    wt_observer_packet(h.observer, &packet);
    packet.link = 65000;
    wt_observer_packet(h.observer, &packet);
    wt_observer_packet(h.observer, &packet);
    finish();
    const struct wt_summary *s = wt_observer_summary(h.observer);
    assert_int_equal(s->packets, 3);
    assert_int_equal(s->undecoded_count, 2);
    assert_string_equal(s->undecoded[0].reason, wt_packet_reason_name(WT_PACKET_TRUNCATED));
    assert_int_equal(s->undecoded[0].count, 1);
    assert_int_equal(s->undecoded[1].count, 2);
}

static void close_all_at(int64_t moment, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        now = moment;
        syn(first + i, 1000);
        pass(first + i, 1000, 0, 0);
        segment(WT_SERVER, first + i, WT_TCP_RST,
                6001 + (uint32_t)d.turns[1].flight.b.n + (uint32_t)d.turns[3].flight.b.n, 0, nothing, 0);
    }
}

/* More closed connections than wait for stragglers: the oldest are told early, none is lost. */
static void test_many_closed(void **state)
{
    enum { MANY = 4000 };
    const struct wt_observer_options options = {.size = sizeof options, .connection = on_connection, .context = &h};
    (void)state;
    stop(&h);
    memset(&h, 0, sizeof h);
    h.observer = wt_observer_new(&options, NULL);
    assert_non_null(h.observer);
    wt_observer_file(h.observer, "capture");
    handshake();
    close_all_at(now, 1024, MANY);
    assert_in_range(h.told, MANY - 500, MANY - 100); /* by WT_LIMIT_CLOSING_BYTES */
    assert_int_equal(h.told, MANY - h.observer->closing_count);
    now += WT_LIMIT_CLOSING_NS; /* then nobody waits any longer, and none was forgotten */
    syn(1023, 1000);
    assert_int_equal(h.told, MANY);
    finish();
    assert_int_equal(h.told, MANY);
    assert_int_equal(wt_observer_summary(h.observer)->established, MANY);
}

/* What holds nothing waits by number alone. */
static void test_many_without_tls(void **state)
{
    const int64_t moment = now;
    (void)state;
    for (unsigned i = 1; i <= WT_LIMIT_CLOSING + 2; i++) {
        now = moment;
        syn(1024 + i, 1000);
        segment(WT_CLIENT, 1024 + i, WT_TCP_FIN | WT_TCP_ACK, 1001, 6001, nothing, 0);
        segment(WT_SERVER, 1024 + i, WT_TCP_FIN | WT_TCP_ACK, 6001, 1002, nothing, 0);
        assert_int_equal(h.observer->closing_count, i < WT_LIMIT_CLOSING ? i : WT_LIMIT_CLOSING);
    }
    finish();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one),
        TEST(test_crossed),
        TEST(test_acknowledged),
        TEST(test_no_hello),
        TEST(test_retry_that_is_missing),
        TEST(test_change_that_is_missing),
        TEST(test_clear_again_in_one_direction),
        TEST(test_empty_hello),
        TEST(test_times),
        TEST(test_numbers),
        TEST(test_numbers_of_others),
        TEST(test_order),
        TEST(test_reset),
        TEST(test_starts_late),
        TEST(test_disorder),
        TEST(test_hole),
        TEST(test_cut),
        TEST(test_files),
        TEST(test_undecoded),
        TEST(test_many_closed),
        TEST(test_many_without_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
