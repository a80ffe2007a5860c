/* Records and messages that break a rule, and odd ones that do not: told of who sent them, in whatever pieces they
 * come. */
#include "streams.h"

static struct heard h;
static struct dialogue d;

static const struct hello tls12 = {.ticket_extension = true, .sni = "example.org"};

static void expect(enum wt_state state, const char *findings)
{
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, state);
    assert_string_equal(h.findings, findings);
    stop(&h);
}

static struct flight *from_client(void)
{
    return say(&d, WT_CLIENT);
}

static struct flight *from_server(void)
{
    return say(&d, WT_SERVER);
}

/* RFC 8446, 5.1: a hello may be cut into records of a byte each, as tools do that hide its name from filters. */
static void test_hello_in_pieces(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 6; size++) {
        struct flight whole = {{0}};
        client_hello(&whole, tls12);
        struct flight *f = from_client();
        struct wt_span rest = wt_span_cut(wt_buffer_span(&whole.b), 5, SIZE_MAX);
        for (; rest.n; rest = wt_span_cut(rest, size, SIZE_MAX))
            add_record(f, WT_CONTENT_HANDSHAKE, wt_span_cut(rest, 0, size));
        wt_buffer_free(&whole.b);
        server_hello(from_server(), (struct hello){.ticket_extension = true, .session = 9});
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.sni, "example.org");
        assert_true(h.c.client_hello_seen && h.c.server_hello_seen);
        expect(WT_FAILED, "");
    }
}

/* A server's first record may be half an alert (RFC 5246, 6.2.1), or empty: RFC 8446, 5.1, "Zero-length fragments of
 * Application Data MAY be sent"; what comes after them is read. */
static void test_odd_first_records(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    struct flight *f = from_server();
    add_record(f, WT_CONTENT_ALERT, wt_span_of("\2", 1));
    add_record(f, WT_CONTENT_ALERT, wt_span_of("\50", 1));
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.alerts, 1);
    assert_int_equal(h.alert_description, 40);
    expect(WT_FAILED, "");
    for (uint8_t type = WT_CONTENT_ALERT; type <= WT_CONTENT_APPLICATION_DATA; type++) {
        client_hello(from_client(), tls12);
        f = from_server();
        add_record(f, type, wt_span_of("", 0));
        server_hello(f, (struct hello){.ticket_extension = true, .session = 9});
        hear_alone(&h, &d, FIN);
        assert_true(h.c.server_hello_seen);
        expect(WT_FAILED, "");
    }
    /* what gives back the client's first bytes speaks no TLS */
    client_hello(from_client(), tls12);
    text(from_server(), "\26\3\1");
    wt_buffer_add(&d.turns[1].flight.b, "\0\0\0\1\2\3\4\5", 8);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "peer-not-tls");
    assert_false(h.c.server_hello_seen);
    stop(&h);
}

/* RFC 5246, 7.4.1.4, where the answer comes before its question, as from two taps: it is held against that when both
 * are there. */
static void test_breach_before_question(void **state)
{
    (void)state;
    for (unsigned asked = 0; asked < 2; asked++) {
        struct flight *f = from_server();
        server_hello(f, tls12);
        certificate(f);
        server_key_exchange(f);
        server_hello_done(f);
        client_hello(from_client(), (struct hello){.ticket_extension = asked});
        hear_alone(&h, &d, OPEN_END);
        assert_int_equal(!asked, strstr((char *)h.json.p, "The value is session_ticket. The receiver must answer with "
                                                          "alert unsupported_extension.") != NULL);
        expect(WT_INCOMPLETE, asked ? "" : "malformed-message ");
    }
}

/* RFC 5246, 7.4 and A.4: nothing is protected before ChangeCipherSpec, and 65 is no HandshakeType: what is left of the
 * record is an entry of its own, in the clear. */
static void test_alien_rest(void **state)
{
    uint8_t rest[300];
    (void)state;
    memset(rest, 'A', sizeof rest);
    for (unsigned first = 0; first < 2; first++) {
        client_hello(from_client(), tls12);
        struct flight *f = from_server();
        server_hello(f, (struct hello){.ticket_extension = true, .session = 9});
        if (first) {
            add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of(rest, sizeof rest));
        } else {
            size_t n = f->b.n - 5 + sizeof rest;
            wt_buffer_add(&f->b, rest, sizeof rest);
            f->b.p[3] = (uint8_t)(n >> 8);
            f->b.p[4] = (uint8_t)n;
        }
        alert(from_client(), 2, WT_ALERT_UNEXPECTED_MESSAGE);
        hear(&h, "rest");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(h.messages, 4);
        assert_null(strstr((char *)h.json.p, "\"encrypted\""));
        assert_non_null(strstr((char *)h.json.p, "\"length\":300"));
        assert_non_null(strstr((char *)h.json.p, "no handshake message (type 65)"));
        assert_string_equal(h.cause, "malformed-message");
        assert_non_null(strstr(h.cause_text, "(type 65)"));
        assert_int_equal(h.fault, WT_FAULT_SERVER);
        stop(&h);
    }
}

/* RFC 5246, 6.2.3: "The length MUST NOT exceed 2^14 + 2048.": held against the record, not the last message before it.
 */
static void test_overlong_record(void **state)
{
    static uint8_t record[5 + 18433] = {WT_CONTENT_HANDSHAKE, 3, 3, 0x48, 0x01, WT_HANDSHAKE_CERTIFICATE};
    (void)state;
    for (unsigned cut = 0; cut < 2; cut++) {
        client_hello(from_client(), tls12);
        struct flight *f = from_server();
        server_hello(f, (struct hello){.ticket_extension = true, .session = 9});
        wt_buffer_add(&f->b, record, cut ? 4000 : sizeof record);
        alert(from_client(), 2, WT_ALERT_RECORD_OVERFLOW);
        hear(&h, "overlong");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_string_equal(h.cause, "malformed-message");
        assert_non_null(
            strstr(h.cause_text, "A handshake record from the server has 18433 bytes, more than the 16384"));
        assert_int_equal(h.fault, WT_FAULT_SERVER);
        assert_int_equal(h.probable, 0);
        expect(WT_FAILED, "malformed-message ");
    }
}

/* Offsets of errors count from the message's body, those within extensions as well (RFC 7301, 3.1: a ProtocolName has a
 * byte at least). */
static void test_extension_offset(void **state)
{
    char at[40];
    (void)state;
    client_hello(from_client(), (struct hello){.sni = "a"});
    struct flight *f = &d.turns[0].flight;
    const uint8_t alpn[] = {0, 16, 0, 6, 0, 4, 0, 2, 'z', 'y'};
    const size_t block =
        5 + 4 + 2 + 32 + 1 + 2 + 6 + 2; /* session id empty, three suites, one method; see add_hello() */
    (void)snprintf(at, sizeof at, "protocol_name at byte %zu:", f->b.n - 9 + 6);
    wt_buffer_add(&f->b, alpn, sizeof alpn);
    f->b.p[4] = (uint8_t)(f->b.p[4] + sizeof alpn);
    f->b.p[8] = (uint8_t)(f->b.p[8] + sizeof alpn);
    f->b.p[block + 1] = (uint8_t)(f->b.p[block + 1] + sizeof alpn);
    hear_alone(&h, &d, OPEN_END);
    assert_non_null(strstr(h.last_text, at));
    expect(WT_INCOMPLETE, "malformed-message ");
}

/* RFC 8446, 4.1.2: a second ClientHello has a place after a HelloRetryRequest alone. Which of two the server answers is not
 * known: what the second lacks, the first asked for. */
static void test_two_hellos(void **state)
{
    (void)state;
    for (unsigned twice = 0; twice < 2; twice++) {
        if (twice)
            client_hello(from_client(), (struct hello){.tls13 = true, .session = 7});
        client_hello(from_client(), (struct hello){.session = 7});
        server_hello(from_server(), (struct hello){.tls13 = true, .session = 7});
        hear_alone(&h, &d, OPEN_END);
        assert_int_equal(twice, strstr((char *)h.json.p, "unsupported_extension") == NULL);
        expect(WT_INCOMPLETE, twice ? "unexpected-message " : "malformed-message malformed-message ");
    }
}

/* RFC 8446, 3.4: "the actual length precedes the vector's contents in the byte stream": a list that must not be as long as
 * it is hides nothing of what follows, and a hello that is there to its end has its fingerprints. */
static void test_read_on(void **state)
{
    (void)state;
    for (unsigned cut = 0; cut < 2; cut++) {
        client_hello(from_client(), (struct hello){.sni = "a"});
        struct flight *f = &d.turns[0].flight;
        const size_t suites = 5 + 4 + 2 + 32 + 1; /* three of them, then one method; see add_hello() */
        f->b.p[suites + 1] = cut ? 0xff : 7;
        f->b.p[suites + 8] = 0; /* the method's number of bytes is a suite's half now, and the method that of none */
        hear_alone(&h, &d, OPEN_END);
        assert_non_null(strstr(h.last_text, "cipher_suites at byte "));
        assert_int_equal(h.c.ja3 != NULL, !cut);
        assert_int_equal(h.c.sni.n, cut ? 0 : 1);
        expect(WT_INCOMPLETE, "malformed-message ");
    }
}

/* RFC 8446, 4.1.3: another legacy_session_id_echo than was sent MUST be refused: also where the alert is encrypted, or
 * the client just leaves. Who broke the rule does not leave because of it. */
static void test_breach_without_alert(void **state)
{
    static const struct hello asked = {.tls13 = true, .session = 7}, other = {.tls13 = true, .session = 8};
    (void)state;
    for (unsigned hidden_alert = 0; hidden_alert < 2; hidden_alert++)
        for (unsigned broken = 0; broken < 2; broken++) {
            client_hello(from_client(), asked);
            struct flight *f = from_server();
            server_hello(f, broken ? other : asked);
            data(f, 6 + 1 + 16);
            data(f, 900);
            data(f, FINISHED13);
            if (hidden_alert)
                data(from_client(), ALERT13);
            hear(&h, "whole");
            tell_stream(&h, &d, 0, FIN);
            forget(&d);
            assert_int_equal(broken, strcmp(h.cause, "malformed-message") == 0);
            if (broken) {
                assert_int_equal(h.fault, WT_FAULT_SERVER);
                assert_true(h.probable);
                assert_non_null(strstr(h.cause_text, "legacy_session_id_echo"));
            }
            stop(&h);
        }
}

static int clean(void **state)
{
    (void)state;
    forget(&d);
    stop(&h);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_hello_in_pieces, clean),
        cmocka_unit_test_teardown(test_odd_first_records, clean),
        cmocka_unit_test_teardown(test_breach_before_question, clean),
        cmocka_unit_test_teardown(test_breach_without_alert, clean),
        cmocka_unit_test_teardown(test_alien_rest, clean),
        cmocka_unit_test_teardown(test_overlong_record, clean),
        cmocka_unit_test_teardown(test_extension_offset, clean),
        cmocka_unit_test_teardown(test_two_hellos, clean),
        cmocka_unit_test_teardown(test_read_on, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
