/* How connections end: established, failed, incomplete; told the same in whatever pieces they come. */
#include "observer/state.h"

#include "streams.h"

static struct heard h;
static struct dialogue d;

static const struct hello tls12 = {.ticket_extension = true, .sni = "example.org"},
                          tls13 = {.tls13 = true, .session = 7};

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

/* ClientHello to ServerHelloDone. */
static void open12(struct hello hello)
{
    client_hello(from_client(), hello);
    struct flight *f = from_server();
    hello.session = 9;
    server_hello(f, hello);
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
}

static void full12(void)
{
    open12(tls12);
    struct flight *f = from_client();
    client_key_exchange(f);
    ccs_finished(f);
    f = from_server();
    new_session_ticket(f, "ticket");
    ccs_finished(f);
}

/* RFC 5246, 7.3, figure 1 */
static void test_tls12(void **state)
{
    (void)state;
    full12();
    data(from_client(), 100);
    data(from_server(), 200);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.version, WT_TLS12);
    assert_int_equal(h.c.cipher_suite, 0xc02f);
    assert_int_equal(h.c.group, 0x1d);
    assert_int_equal(h.c.signature_scheme, 0x0401);
    assert_int_equal(h.c.resumption, WT_RESUMPTION_NONE);
    assert_string_equal(h.sni, "example.org");
    assert_int_equal(h.c.application_data[WT_CLIENT].bytes, 100);
    assert_int_equal(h.c.application_data[WT_SERVER].bytes, 200);
    assert_int_equal(h.c.application_data[WT_SERVER].records, 1);
    assert_int_equal(h.messages, 13);
    assert_true(h.c.ready.ns > h.c.start.ns && h.c.ready.ns < h.c.end.ns);
    expect(WT_ESTABLISHED, "");
}

static void test_tls12_open_end(void **state)
{
    (void)state;
    full12();
    hear_alone(&h, &d, OPEN_END);
    expect(WT_ESTABLISHED, "");
}

/* Everything but the server's Finished. */
static void test_tls12_unfinished(void **state)
{
    static const struct {
        enum ending ending;
        enum wt_state state;
    } rows[] = {{OPEN_END, WT_INCOMPLETE}, {FIN, WT_FAILED}, {RST, WT_FAILED}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        open12(tls12);
        struct flight *f = from_client();
        client_key_exchange(f);
        ccs_finished(f);
        f = from_server();
        new_session_ticket(f, "t");
        change_cipher_spec(f);
        hear_alone(&h, &d, rows[i].ending);
        assert_int_equal(h.c.ready.ns, 0);
        assert_int_equal(h.c.reset, rows[i].ending == RST);
        expect(rows[i].state, "");
    }
}

static void test_hello_then_end(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    hear_alone(&h, &d, RST);
    assert_true(h.c.reset && h.c.client_hello_seen && !h.c.server_hello_seen);
    assert_int_equal(h.c.version, 0);
    assert_int_equal(h.c.offered, WT_TLS12);
    expect(WT_FAILED, "");
    client_hello(from_client(), tls13);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.offered, WT_TLS13);
    expect(WT_FAILED, "");
    client_hello(from_client(), tls13);
    hear_alone(&h, &d, OPEN_END);
    expect(WT_INCOMPLETE, "");
}

/* RFC 5246, 7.2.2: "Upon transmission or receipt of a fatal alert message, both parties immediately close the
 * connection." */
static void test_fatal_alert(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    alert(from_server(), 2, 40);
    hear_alone(&h, &d, OPEN_END);
    assert_int_equal(h.alerts, 1);
    assert_true(h.alert_readable);
    assert_int_equal(h.alert_level, 2);
    assert_int_equal(h.alert_description, 40);
    assert_int_equal(h.alert_from, WT_SERVER);
    expect(WT_FAILED, "");
    open12(tls12);
    alert(from_client(), 2, 48);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.alert_from, WT_CLIENT);
    expect(WT_FAILED, "malformed-message "); /* the certificate of these dialogues is no DER */
}

/* RFC 5246, 6.2.1, allows it, and RFC 8446, 5.1 not: "Alert messages ... MUST NOT be fragmented across records". */
static void test_alert_in_two_records(void **state)
{
    (void)state;
    open12(tls12);
    struct flight *f = from_server();
    add_record(f, WT_CONTENT_ALERT, wt_span_of("\2", 1));
    add_record(f, WT_CONTENT_ALERT, wt_span_of("\50", 1));
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.alerts, 1);
    assert_int_equal(h.alert_description, 40);
    expect(WT_FAILED, "");
}

/* A warning that goes before a hello ends nothing. */
static void test_warning(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    struct flight *f = from_server();
    alert(f, 1, 112);
    server_hello(f, (struct hello){.ticket_extension = true, .session = 9});
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    f = from_client();
    client_key_exchange(f);
    ccs_finished(f);
    f = from_server();
    new_session_ticket(f, "t");
    ccs_finished(f);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.alerts, 1);
    expect(WT_ESTABLISHED, "");
}

/* Up to TLS 1.2 a server that leaves out its ServerKeyExchange: RFC 5246, 7.3. */
static void test_skipped(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    struct flight *f = from_server();
    server_hello(f, (struct hello){.session = 9});
    certificate(f);
    server_hello_done(f);
    hear_alone(&h, &d, FIN);
    assert_non_null(strstr(h.last_text, "sent server_hello_done without server_key_exchange"));
    expect(WT_FAILED, "handshake-step-skipped ");
}

static void test_malformed(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    add_handshake(from_server(), WT_HANDSHAKE_SERVER_HELLO, "\3\3too short", 11);
    hear_alone(&h, &d, FIN);
    assert_non_null(strstr(h.last_text, "random at byte 2: only 9 of 32 bytes present"));
    assert_null(strstr(h.conclusions, "weak-cipher-suite")); /* it had not come to its choice */
    expect(WT_FAILED, "malformed-message ");
}

/* A rule that a message breaks is reported where the connection came up all the same: RFC 5246, 7.4.1.4, "An extension
 * type MUST NOT appear in the ServerHello unless the same extension type appeared in the corresponding ClientHello." */
static void test_breach(void **state)
{
    (void)state;
    for (unsigned asked = 0; asked < 2; asked++) {
        client_hello(from_client(), (struct hello){.ticket_extension = asked});
        struct flight *f = from_server();
        server_hello(f, tls12);
        certificate(f);
        server_key_exchange(f);
        server_hello_done(f);
        f = from_client();
        client_key_exchange(f);
        ccs_finished(f);
        f = from_server();
        new_session_ticket(f, "ticket");
        ccs_finished(f);
        data(from_client(), 100);
        hear_alone(&h, &d, FIN);
        if (!asked) {
            assert_non_null(
                strstr(h.last_text, "server_hello from the server breaks a rule: extension_type at byte 4"));
            assert_non_null(strstr(h.last_text, "The value is session_ticket. The receiver must answer with alert "
                                                "unsupported_extension."));
        }
        expect(WT_ESTABLISHED, asked ? "" : "malformed-message ");
    }
}

/* --- TLS 1.3, without keys -----------------------------------------------------------------------------------------
 */

static void open13(struct hello client, struct hello server, bool certificates)
{
    client_hello(from_client(), client);
    struct flight *f = from_server();
    server_hello(f, server);
    change_cipher_spec(f);
    data(f, 6 + 1 + 16);
    if (certificates)
        data(f, 900);
    data(f, FINISHED13);
}

/* The client sends Finished only when it has verified the server's (RFC 8446, 4.4.4). */
static void test_tls13(void **state)
{
    (void)state;
    open13(tls13, tls13, true);
    struct flight *f = from_client();
    change_cipher_spec(f);
    data(f, FINISHED13);
    data(f, 300);
    data(from_server(), 500);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.version, WT_TLS13);
    assert_int_equal(h.c.resumption, WT_RESUMPTION_NONE);
    assert_int_equal(h.c.group, 0x1d);
    assert_true(h.c.ready.ns != 0);
    expect(WT_ESTABLISHED, "");
}

/* A server that answers the client's Finished with nothing but what has an alert's length refused (RFC 8446, 6.2). */
/* What is kept of a handshake to open its records goes with the first data, where no secrets may come. */
static void test_nothing_to_open(void **state)
{
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    (void)state;
    assert_non_null(keys);
    open13(tls13, tls13, true);
    struct flight *f = from_client();
    data(f, FINISHED13);
    data(f, 300);
    data(from_server(), 500);
    for (unsigned more = 0; more < 2; more++) {
        hear_with(&h, (struct wt_observer_options){.keys = keys}, "file");
        wt_keys_await(keys, more);
        struct wt_stream *s = wt_observer_stream(h.observer, &client_address, &server_address);
        for (size_t i = 0; i < d.n; i++)
            wt_stream_bytes(s, d.turns[i].from, (struct wt_time){0}, d.turns[i].flight.b.p, d.turns[i].flight.b.n);
        const struct wt_conversation *c = wt_conversations_first(h.observer->conversations, WT_LIST_OPEN);
        assert_non_null(c->tls);
        assert_int_equal(c->tls->handshake != NULL, more);
        wt_stream_close(s, (struct wt_time){0}, false);
        assert_int_equal(h.c.state, WT_ESTABLISHED);
        stop(&h);
    }
    forget(&d);
    wt_keys_free(keys);
}

static void test_tls13_refused(void **state)
{
    (void)state;
    open13(tls13, tls13, true);
    data(from_client(), FINISHED13);
    data(from_server(), ALERT13);
    hear_alone(&h, &d, FIN);
    expect(WT_FAILED, "");
    /* the client refuses the server's certificate */
    open13(tls13, tls13, true);
    data(from_client(), ALERT13);
    hear_alone(&h, &d, FIN);
    expect(WT_FAILED, "");
    /* what comes before the alert shows that the handshake was done: a ticket, say */
    open13(tls13, tls13, true);
    data(from_client(), FINISHED13);
    struct flight *f = from_server();
    data(f, 250);
    data(f, ALERT13);
    hear_alone(&h, &d, FIN);
    expect(WT_ESTABLISHED, "");
    /* RFC 8446, 6.1: a client that closes in order says so first */
    open13(tls13, tls13, true);
    f = from_client();
    data(f, FINISHED13);
    data(f, ALERT13);
    data(from_server(), ALERT13);
    hear_alone(&h, &d, FIN);
    expect(WT_ESTABLISHED, "");
}

static void test_tls13_early_end(void **state)
{
    (void)state;
    open13(tls13, tls13, true);
    hear_alone(&h, &d, RST);
    expect(WT_FAILED, "");
    open13(tls13, tls13, true);
    hear_alone(&h, &d, OPEN_END);
    expect(WT_INCOMPLETE, "");
}

static void test_tls13_retry(void **state)
{
    struct hello retry = tls13;
    (void)state;
    retry.retry = true;
    client_hello(from_client(), tls13);
    struct flight *f = from_server();
    server_hello(f, retry);
    change_cipher_spec(f);
    f = from_client();
    change_cipher_spec(f);
    retry.second = true;
    client_hello(f, retry);
    f = from_server();
    retry.retry = false;
    server_hello(f, retry);
    data(f, 23);
    data(f, 900);
    data(f, FINISHED13);
    f = from_client();
    data(f, FINISHED13);
    data(f, 99);
    hear_alone(&h, &d, FIN);
    assert_true(h.c.retried);
    assert_int_equal(h.c.version, WT_TLS13);
    assert_non_null(memmem(h.json.p, h.json.n, "hello_retry_request", 19));
    expect(WT_ESTABLISHED, "");
}

/* RFC 8446, 2.3: 0-RTT data behind the ClientHello; EndOfEarlyData is sent only when it was accepted (4.5). */
static void test_tls13_early_data(void **state)
{
    struct hello early = tls13;
    (void)state;
    early.psk = early.early_data = true;
    for (int accepted = 0; accepted < 2; accepted++) {
        struct flight *f = from_client();
        client_hello(f, early);
        change_cipher_spec(f);
        data(f, 700);
        f = from_server();
        server_hello(f, early);
        data(f, accepted ? 31 : 23);
        data(f, FINISHED13);
        f = from_client();
        if (accepted)
            data(f, END_OF_EARLY_DATA13);
        data(f, FINISHED13);
        data(from_server(), 400);
        hear_alone(&h, &d, FIN);
        assert_int_equal(h.c.resumption, WT_RESUMPTION_PSK);
        if (accepted)
            assert_int_equal(h.c.early_data, WT_EARLY_ACCEPTED);
        else
            assert_int_not_equal(h.c.early_data, WT_EARLY_ACCEPTED);
        expect(WT_ESTABLISHED, "");
    }
}

/* --- captures that do not hold everything ----------------------------------------------------------------------------
 */

/* SSL 2.0's hello, answered in TLS: RFC 5246, E.2. */
static void test_ssl2_hello(void **state)
{
    (void)state;
    wt_buffer_add(&from_client()->b,
                  "\200\37\1\3\3\0\6\0\0\0\20\0\300\57\0\0\57"
                  "0123456789abcdef",
                  33);
    struct flight *f = from_server();
    server_hello(f, (struct hello){.session = 9});
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    f = from_client();
    client_key_exchange(f);
    ccs_finished(f);
    ccs_finished(from_server());
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.version, WT_TLS12);
    assert_int_equal(h.c.protocol, WT_PROTOCOL_TLS);
    assert_int_equal(h.c.suites_offered, 2);
    expect(WT_ESTABLISHED, "");
}

static void test_garbage(void **state)
{
    (void)state;
    full12();
    text(from_server(), "this is no record at all, whatever it may be");
    data(from_client(), 10);
    hear(&h, "garbage");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    assert_int_equal(h.c.application_data[WT_CLIENT].records, 1);
    assert_non_null(strstr(h.last_text, "Where a TLS record should start, the server sent something else"));
    expect(WT_ESTABLISHED, "record-boundary-lost ");
}

/* RFC 5246, 7.2.1: behind both sides' close_notify what comes is no TLS any more, and need not be (RFC 4217, 12.3:
 * FTP's CCC); behind one side's it is told. */
static void test_clear_again(void **state)
{
    (void)state;
    for (unsigned both = 0; both < 2; both++) {
        full12();
        data(from_client(), 30);
        hidden(from_server(), WT_CONTENT_ALERT, 24);
        if (both)
            hidden(from_client(), WT_CONTENT_ALERT, 24);
        text(from_client(), "PASV\r\n");
        text(from_server(), "227 Entering Passive Mode (192,0,2,2,64,155).\r\n");
        hear(&h, "clear");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        expect(WT_ESTABLISHED, both ? "" : "record-boundary-lost record-boundary-lost ");
    }
}

/* RFC 5246, 7.3: application data of both sides comes behind both Finished, whether these could be read or not. */
static void test_end_unread(void **state)
{
    (void)state;
    open12(tls12);
    struct flight *f = from_client();
    client_key_exchange(f);
    text(f, "here was the client's ChangeCipherSpec");
    hidden(from_client(), WT_CONTENT_HANDSHAKE, 40);
    ccs_finished(from_server());
    data(from_client(), 30);
    data(from_server(), 30);
    hear(&h, "unread");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    assert_int_equal(h.causes, 0);
    expect(WT_ESTABLISHED, "record-boundary-lost malformed-message ");
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
        cmocka_unit_test_teardown(test_tls12, clean),
        cmocka_unit_test_teardown(test_tls12_open_end, clean),
        cmocka_unit_test_teardown(test_tls12_unfinished, clean),
        cmocka_unit_test_teardown(test_hello_then_end, clean),
        cmocka_unit_test_teardown(test_fatal_alert, clean),
        cmocka_unit_test_teardown(test_alert_in_two_records, clean),
        cmocka_unit_test_teardown(test_warning, clean),
        cmocka_unit_test_teardown(test_skipped, clean),
        cmocka_unit_test_teardown(test_malformed, clean),
        cmocka_unit_test_teardown(test_breach, clean),
        cmocka_unit_test_teardown(test_tls13, clean),
        cmocka_unit_test_teardown(test_nothing_to_open, clean),
        cmocka_unit_test_teardown(test_tls13_refused, clean),
        cmocka_unit_test_teardown(test_tls13_early_end, clean),
        cmocka_unit_test_teardown(test_tls13_retry, clean),
        cmocka_unit_test_teardown(test_tls13_early_data, clean),
        cmocka_unit_test_teardown(test_ssl2_hello, clean),
        cmocka_unit_test_teardown(test_clear_again, clean),
        cmocka_unit_test_teardown(test_end_unread, clean),
        cmocka_unit_test_teardown(test_garbage, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
