/* Clients that speak something else on a TLS port, to servers that close on their first bytes. */
#include "observer/state.h"

#include "segments.h"

static void talk(const void *bytes, size_t n, enum wt_side first_to_leave)
{
    syn(40001, 100);
    segment(WT_CLIENT, 40001, WT_TCP_ACK | WT_TCP_PSH, 101, 5101, wt_span_of(bytes, n), 0);
    segment(WT_SERVER, 40001, WT_TCP_ACK, 5101, 101 + (uint32_t)n, nothing, 0);
    segment(first_to_leave, 40001, WT_TCP_FIN | WT_TCP_ACK, first_to_leave ? 5101 : 101 + (uint32_t)n,
            first_to_leave ? 101 + (uint32_t)n : 5101, nothing, 0);
    segment(!first_to_leave, 40001, WT_TCP_FIN | WT_TCP_ACK, first_to_leave ? 101 + (uint32_t)n : 5101,
            first_to_leave ? 5102 : 102 + (uint32_t)n, nothing, 0);
    finish();
}

#define BYTES(text) text, sizeof(text) - 1

/* What each protocol's client begins with, as its specification has it. */
static void test_first_bytes(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
    } rows[] = {
        {"Kafka", BYTES("\0\0\0\42\0\22\0\3\0\0\0\1\0\7rdkafka\0\13librdkafka\0062.3.0\0")},
        {"Kafka", BYTES("\0\0\0\12\0\22\0\0\0\0\0\1\377\377")},
        {"Redis", BYTES("*1\r\n$4\r\nPING\r\n")},
        {"MongoDB", BYTES("\72\0\0\0\1\0\0\0\0\0\0\0\335\7\0\0\0\0\0\0")},
        {"MongoDB", BYTES("\72\0\0\0\1\0\0\0\0\0\0\0\324\7\0\0\4\0\0\0")},
        {"MQTT", BYTES("\20\17\0\6MQIsdp\3\2\0\74\0\1a")},
        {"LDAP", BYTES("\60\14\2\1\1\140\7\2\1\3\4\0\200\0")},
        {"CQL", BYTES("\4\0\0\0\5\0\0\0\0")},
        {"Oracle TNS", BYTES("\0\42\0\0\1\0\0\0\1\72\1\54\0\0\40\0\177\377\177\10\0\0\1\0\0\0\0\0\0\0\0\0\0\0")},
        {"DRDA", BYTES("\0\12\320\101\0\1\0\4\20\101")},
        {"HTTP", BYTES("GET / HTTP/1.1\r\n\r\n")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        talk(rows[i].bytes, rows[i].n, WT_SERVER);
        assert_int_equal(h.told, 1);
        assert_string_equal(h.cause, "client-not-tls");
        if (!strstr(h.cause_text, rows[i].name))
            fail_msg("\"%s\" is not in \"%s\"", rows[i].name, h.cause_text);
        stop(&h);
        hear(&h, "capture");
    }
}

/* A server's answer to a ClientHello that is not TLS. Where the SYNs are not in the capture, that its first bytes are
 * those that the client had not got when it sent the ClientHello tells that they answer it. */
static void test_peer_without_syn(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 300; before += 100) {
        const struct wt_span odd = wt_span_of("\0\0\0\0\2\0\50", 7);
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
        const uint32_t end = 101 + (uint32_t)hello.n;
        segment(WT_CLIENT, 40001, WT_TCP_ACK, 101, 5101, nothing, 0);
        segment(WT_CLIENT, 40001, WT_TCP_ACK | WT_TCP_PSH, 101, 5101, hello, 0);
        segment(WT_SERVER, 40001, WT_TCP_ACK, 5101 + before, end, nothing, 0);
        if (before == 200) /* of which the client has got what the capture lacks */
            segment(WT_CLIENT, 40001, WT_TCP_ACK, end, 5101 + before, nothing, 0);
        segment(WT_SERVER, 40001, WT_TCP_ACK | WT_TCP_PSH, 5101 + before, end, odd, 0);
        segment(WT_SERVER, 40001, WT_TCP_FIN | WT_TCP_ACK, 5108 + before, end, nothing, 0);
        segment(WT_CLIENT, 40001, WT_TCP_FIN | WT_TCP_ACK, end, 5109 + before, nothing, 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(strcmp(h.cause, "peer-not-tls") == 0, !before);
        stop(&h), forget(&d);
        hear(&h, "capture");
    }
}

/* The capture begins in the middle of a connection: what is no record there is the rest of one, however much it is. */
static void test_peer_in_the_middle(void **state)
{
    (void)state;
    static uint8_t rest[1400];
    memset(rest, 0x11, sizeof rest);
    for (uint32_t segments = 1; segments <= 4; segments += 3) {
        data(say(&d, WT_CLIENT), 300);
        data(&d.turns[0].flight, 300);
        const struct wt_span records = wt_buffer_span(&d.turns[0].flight.b);
        const uint32_t end = 101 + (uint32_t)records.n, last = 5101 + segments * (uint32_t)sizeof rest;
        segment(WT_CLIENT, 40001, WT_TCP_ACK | WT_TCP_PSH, 101, 5101, records, 0);
        for (uint32_t at = 5101; at < last; at += (uint32_t)sizeof rest)
            segment(WT_SERVER, 40001, WT_TCP_ACK | WT_TCP_PSH, at, end, wt_span_of(rest, sizeof rest), 0);
        segment(WT_SERVER, 40001, WT_TCP_FIN | WT_TCP_ACK, last, end, nothing, 0);
        segment(WT_CLIENT, 40001, WT_TCP_FIN | WT_TCP_ACK, end, last + 1, nothing, 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_null(strstr(h.findings, "peer-not-tls"));
        stop(&h), forget(&d);
        hear(&h, "capture");
    }
}

/* What a server says in answer to the hello, whose beginning the capture lacks. */
static void test_answer_whose_beginning_is_missing(void **state)
{
    (void)state;
    static uint8_t rest[1400];
    memset(rest, 0x11, sizeof rest);
    for (uint32_t missing = 0; missing < 2; missing++) {
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
        const uint32_t end = 101 + (uint32_t)hello.n;
        segment(WT_CLIENT, 40001, WT_TCP_ACK | WT_TCP_PSH, 101, 5101, hello, 0);
        for (uint32_t i = missing; i < 5; i++)
            segment(WT_SERVER, 40001, WT_TCP_ACK, 5101 + i * (uint32_t)sizeof rest, end, wt_span_of(rest, sizeof rest),
                    0);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.state, missing ? WT_INCOMPLETE : WT_FAILED);
        stop(&h), forget(&d);
        hear(&h, "capture");
    }
}

/* A question that the capture lacks: its answer is not what was slipped in behind the answer to STLS. */
static void test_question_that_is_missing(void **state)
{
    static const char *const lines[] = {"+OK hi\r\n", "USER me\r\n", "+OK\r\n", "CAPA\r\n", "+OK list\r\nSTLS\r\n.\r\n",
                                        "STLS\r\n",   "+OK go\r\n"};
    (void)state;
    for (unsigned lost = 0; lost < 2; lost++) {
        uint32_t next[2] = {1001, 6001};
        for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++)
            text(say(&d, i % 2 ? WT_CLIENT : WT_SERVER), lines[i]);
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        syn(40000, 1000);
        for (size_t i = 0; i < d.n; i++) {
            const enum wt_side from = d.turns[i].from;
            segment(from, 40000, WT_TCP_ACK, next[from], next[!from], nothing, 0);
            pass_turn(40000, i, next, lost && i == 3);
        }
        finish();
        assert_int_equal(h.told, 1);
        assert_string_equal(h.starttls, "pop3");
        assert_null(strstr(h.conclusions, "plaintext-before-starttls"));
        stop(&h), forget(&d);
        hear(&h, "capture");
    }
}

/* Bytes of no protocol that we know, and a client that leaves by itself: nothing is concluded. */
static void test_nothing_known(void **state)
{
    (void)state;
    talk(BYTES("\0\0\0\42\0\22\0\3\0\0\0\1\0\7rd\1afka"), WT_SERVER); /* no client id is like that */
    assert_int_equal(h.told, 0);
    stop(&h), hear(&h, "capture");
    talk(BYTES("\0\0\0\42\377\22\0\3\0\0\0\1\0\7rdkafka"), WT_SERVER); /* no such request */
    assert_int_equal(h.told, 0);
    stop(&h), hear(&h, "capture");
    talk(BYTES("\0\0\0\42\0\22\0\3\0\0\0\1\0\7rdkafka\0\13librdkafka\0062.3.0\0"), WT_CLIENT);
    assert_int_equal(h.told, 0);
}

/* Whether they are told as failed TLS is known when the input is over, or with the first TLS: so many wait for that. */
static void test_refusals(void **state)
{
    (void)state;
    for (unsigned tls = 0; tls < 2; tls++)
        for (unsigned n = WT_LIMIT_REFUSALS - 1; n <= WT_LIMIT_REFUSALS + 2; n++) {
            const unsigned over = n > WT_LIMIT_REFUSALS ? n - WT_LIMIT_REFUSALS : 0;
            for (unsigned known = 0; known < 2; known++) {
                stop(&h), hear(&h, "capture");
                server_port = known ? 443 : 9000;
                for (unsigned i = 0; i < n; i++) {
                    segment(WT_CLIENT, 40001 + i, WT_TCP_SYN, 100, 0, nothing, 0);
                    segment(WT_SERVER, 40001 + i, WT_TCP_RST | WT_TCP_ACK, 0, 101, nothing, 0);
                }
                server_port = 443;
                syn(50000, 100);
                if (tls)
                    client_hello(say(&d, WT_CLIENT), (struct hello){0}), pass(50000, 100, 0, 0), forget(&d);
                finish();
                /* without TLS in the input it may have been about that at any port */
                assert_int_equal(h.told, tls + (known || !tls ? n - over : 0));
                assert_int_equal(undecoded(&h, "refusal_limit"), known || !tls ? over : 0);
            }
        }
}

static bool is_silent_for(int64_t delay)
{
    stop(&h), hear(&h, "capture");
    syn(40001, 100);
    now += delay;
    segment(WT_CLIENT, 40001, WT_TCP_FIN | WT_TCP_ACK, 101, 5101, nothing, 0);
    finish();
    return h.told == 1;
}

static void test_silent_limit(void **state)
{
    (void)state;
    holds_from(is_silent_for, (int64_t)WT_LIMIT_SILENT_MS * 1000000, 3);
}

/* A client that says nothing; one that leaves at once, one that spoke, one on a port for something else. */
static void test_silent(void **state)
{
    const int64_t second = 1000000000;
    (void)state;
    syn(40001, 100);
    now += 2 * second;
    segment(WT_SERVER, 40001, WT_TCP_FIN | WT_TCP_ACK, 5101, 101, nothing, 0);
    now += second;
    segment(WT_CLIENT, 40001, WT_TCP_FIN | WT_TCP_ACK, 101, 5102, nothing, 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_INCOMPLETE);
    assert_string_equal(h.cause, "");
    assert_non_null(strstr(h.findings, "client-silent"));
    stop(&h), hear(&h, "capture");
    syn(40001, 100); /* the capture goes on */
    now += 4 * second;
    segment(WT_CLIENT, 40002, WT_TCP_ACK, 1, 1, nothing, 0);
    finish();
    assert_int_equal(h.told, 1);
    stop(&h), hear(&h, "capture");
    syn(40001, 100);
    now += second / 10;
    segment(WT_CLIENT, 40001, WT_TCP_FIN | WT_TCP_ACK, 101, 5101, nothing, 0);
    finish();
    assert_int_equal(h.told, 0);
    stop(&h), hear(&h, "capture");
    syn(40001, 100); /* what it said is not in the capture, but was acknowledged */
    segment(WT_SERVER, 40001, WT_TCP_ACK, 5101, 301, nothing, 0);
    now += 2 * second;
    segment(WT_SERVER, 40001, WT_TCP_FIN | WT_TCP_ACK, 5101, 301, nothing, 0);
    finish();
    assert_int_equal(h.told, 0);
}

/* Headers alone were captured. */
static void test_cut(void **state)
{
    (void)state;
    syn(40001, 100);
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 101, 5101, wt_span_of((const uint8_t *)"hello", 5), 5);
    segment(WT_SERVER, 40001, WT_TCP_ACK, 5101, 106, wt_span_of((const uint8_t *)"hello", 5), 5);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_INCOMPLETE);
    assert_non_null(strstr(h.findings, "capture-truncated-packets"));
}

static void test_ports(void **state)
{
    static const uint16_t tls[] = {443, 2376, 2484, 4433, 5986, 6380, 6443, 8531, 8883, 9093, 10250, 27017, 50000};
    static const uint16_t none[] = {80, 6379, 9092, 5985, 2375};
    (void)state;
    for (size_t i = 0; i < sizeof tls / sizeof *tls; i++)
        assert_non_null(wt_port_service(tls[i]));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(wt_port_service(none[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_first_bytes),
                                       TEST(test_peer_without_syn),
                                       TEST(test_peer_in_the_middle),
                                       TEST(test_answer_whose_beginning_is_missing),
                                       TEST(test_question_that_is_missing),
                                       TEST(test_nothing_known),
                                       TEST(test_silent),
                                       TEST(test_refusals),
                                       TEST(test_silent_limit),
                                       TEST(test_cut),
                                       cmocka_unit_test(test_ports)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
