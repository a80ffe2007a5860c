/* What is concluded of connections that came up, and what never became TLS: each with a near miss. */
#include "../observer/streams.h"

static struct heard h;
static struct dialogue d;

static void expect(const char *wanted, const char *unwanted)
{
    assert_int_equal(h.told, 1);
    if (wanted && !strstr(h.conclusions, wanted))
        fail_msg("%s is not among %s", wanted, h.conclusions);
    if (unwanted && strstr(h.conclusions, unwanted))
        fail_msg("%s is among %s", unwanted, h.conclusions);
    stop(&h);
}

/* RFC 5246, 7.3, figure 1, with the server's choice of suite. */
static void full12(uint16_t suite, uint32_t ticket_lifetime)
{
    struct hello hello = {.ticket_extension = true, .sni = "example.org"};
    uint8_t ticket[] = {(uint8_t)(ticket_lifetime >> 24),
                        (uint8_t)(ticket_lifetime >> 16),
                        (uint8_t)(ticket_lifetime >> 8),
                        (uint8_t)ticket_lifetime,
                        0,
                        1,
                        'x'};
    client_hello(say(&d, WT_CLIENT), hello);
    struct flight *f = say(&d, WT_SERVER);
    hello.session = 9;
    hello.suite = suite;
    server_hello(f, hello);
    certificate(f);
    if (!suite || suite == 0xc011)
        server_key_exchange(f);
    server_hello_done(f);
    f = say(&d, WT_CLIENT);
    client_key_exchange(f);
    ccs_finished(f);
    f = say(&d, WT_SERVER);
    add_handshake(f, WT_HANDSHAKE_NEW_SESSION_TICKET, ticket, sizeof ticket);
    ccs_finished(f);
    data(say(&d, WT_CLIENT), 100);
}

/* RFC 9325, 4.1; RFC 7465, 2: "TLS servers MUST NOT select an RC4 cipher suite" */
static void test_suites(void **state)
{
    static const struct {
        uint16_t suite;
        bool weak, secret;
    } rows[] = {
        {0, false, true}, {0x0005, true, false}, {0x000a, true, false}, {0x0001, true, false}, {0x002f, false, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        full12(rows[i].suite, 3600);
        hear_alone(&h, &d, OPEN_END);
        assert_int_equal(strstr(h.conclusions, "weak-cipher-suite") != NULL, rows[i].weak);
        expect(rows[i].secret ? NULL : "no-forward-secrecy", rows[i].secret ? "no-forward-secrecy" : NULL);
    }
}

/* RFC 8446, 6.1: "Each party MUST send a 'close_notify' alert before closing its write side" */
static void test_close(void **state)
{
    (void)state;
    full12(0, 3600);
    hear_alone(&h, &d, FIN);
    expect("truncated-close", NULL);
    full12(0, 3600);
    hidden(say(&d, WT_CLIENT), WT_CONTENT_ALERT, 26);
    hear_alone(&h, &d, FIN);
    expect(NULL, "truncated-close");
    full12(0, 3600);
    hear_alone(&h, &d, OPEN_END);
    expect(NULL, "truncated-close");
}

/* RFC 8446, 4.6.1: "Servers MUST NOT use any value greater than 604800 seconds (7 days)" */
static void test_ticket(void **state)
{
    (void)state;
    full12(0, 604801);
    hear_alone(&h, &d, OPEN_END);
    expect("ticket-lifetime-excessive", NULL);
    full12(0, 604800);
    hear_alone(&h, &d, OPEN_END);
    expect(NULL, "ticket-lifetime-excessive");
}

/* RFC 6520, 4: "If the payload_length of a received HeartbeatMessage is too large, the received HeartbeatMessage MUST
 * be discarded silently." */
static void test_heartbeat(void **state)
{
    uint8_t message[40] = {1, 0x40, 0};
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    add_record(say(&d, WT_CLIENT), WT_CONTENT_HEARTBEAT, wt_span_of(message, 3));
    message[0] = 2;
    message[1] = 0;
    message[2] = 20;
    add_record(say(&d, WT_SERVER), WT_CONTENT_HEARTBEAT, wt_span_of(message, sizeof message));
    hear(&h, "whole");
    tell_stream(&h, &d, 0, OPEN_END);
    forget(&d);
    assert_non_null(strstr(h.conclusions, "heartbleed-leak"));
    expect("heartbleed-attempt", NULL);
    message[0] = 1;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    add_record(say(&d, WT_CLIENT), WT_CONTENT_HEARTBEAT, wt_span_of(message, sizeof message));
    message[0] = 2;
    add_record(say(&d, WT_SERVER), WT_CONTENT_HEARTBEAT, wt_span_of(message, sizeof message));
    hear(&h, "whole");
    tell_stream(&h, &d, 0, OPEN_END);
    forget(&d);
    expect(NULL, "heartbleed");
}

/* RFC 6520, 4: "The padding_length MUST be at least 16"; OpenSSL 1.0.1g discards a request without it. */
static void test_heartbeat_padding(void **state)
{
    uint8_t message[3 + 20 + 16] = {1, 0, 20};
    (void)state;
    for (unsigned padding = 15; padding <= 16; padding++)
        for (unsigned answered = 0; answered < 2; answered++) {
            message[0] = 1;
            client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
            add_record(say(&d, WT_CLIENT), WT_CONTENT_HEARTBEAT, wt_span_of(message, 23 + padding));
            message[0] = 2;
            if (answered)
                add_record(say(&d, WT_SERVER), WT_CONTENT_HEARTBEAT, wt_span_of(message, sizeof message));
            hear(&h, "whole");
            tell_stream(&h, &d, 0, OPEN_END);
            forget(&d);
            assert_null(strstr(h.conclusions, "heartbleed-leak"));
            assert_int_equal(answered && padding < 16,
                             strstr((char *)h.json.p, "probably lacks the fix for Heartbleed") != NULL);
            if (padding < 16)
                assert_non_null(strstr((char *)h.json.p, "20 bytes of payload and only 15 of the 16 bytes of padding"));
            expect(padding < 16 ? "heartbleed-attempt" : NULL, padding < 16 ? NULL : "heartbleed");
        }
}

/* RFC 6520, 4, of what nobody can read: TLS_RSA_WITH_AES_128_CBC_SHA of TLS 1.2 takes 16 bytes of IV, 20 of MAC and one
 * of padding; a heartbeat has 3 bytes and 16 of padding at the least. */
static void test_hidden_heartbeat(void **state)
{
    static const struct {
        uint16_t asked, answered;
        const char *has, *lacks;
    } rows[] = {
        {48, 8192, "heartbleed-attempt", NULL},
        {48, 8192, "heartbleed-leak", NULL},
        {48, 64, "heartbleed-attempt", "heartbleed-leak"},
        {64, 64, NULL, "heartbleed"},
        {64, 8192, NULL, "heartbleed"}, /* padding may be longer */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        full12(0x002f, 3600);
        hidden(say(&d, WT_CLIENT), WT_CONTENT_HEARTBEAT, rows[i].asked);
        hidden(say(&d, WT_SERVER), WT_CONTENT_HEARTBEAT, rows[i].answered);
        hear(&h, "whole");
        tell_stream(&h, &d, 0, OPEN_END);
        forget(&d);
        expect(rows[i].has, rows[i].lacks);
    }
}

static void test_name(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
    hear_alone(&h, &d, OPEN_END);
    expect("sni-missing", NULL);
    client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true, .sni = "example.org"});
    hear_alone(&h, &d, OPEN_END);
    expect(NULL, "sni-missing");
}

/* RFC 8446, 4.1.4: the server asks for secp256r1, for which there is no key share. */
static void test_retry(void **state)
{
    struct hello hello = {.tls13 = true, .sni = "example.org"};
    (void)state;
    client_hello(say(&d, WT_CLIENT), hello);
    hello.retry = true;
    server_hello(say(&d, WT_SERVER), hello);
    hear_alone(&h, &d, OPEN_END);
    assert_non_null(strstr((char *)h.json.p, "secp256r1 and sent a HelloRetryRequest"));
    expect("hello-retry", NULL);
}

static void dialogue(const char *const *lines)
{
    for (unsigned i = 0; lines[i]; i++)
        text(say(&d, i % 2 ? WT_CLIENT : WT_SERVER), lines[i]);
}

/* RFC 3207, 4.2: what was said before TLS is forgotten; CVE-2011-0411. */
static void test_upgrade(void **state)
{
    static const char *const refused[] = {
        "220 mail\r\n", "EHLO me\r\n", "250-mail\r\n250 OK\r\n", "STARTTLS\r\n", "454 4.7.0 not now\r\n",
        "QUIT\r\n",     NULL};
    static const char *const granted[] = {"220 mail\r\n", "EHLO me\r\n", "250-mail\r\n250 OK\r\n",
                                          "STARTTLS\r\n", "220 go\r\n",  NULL};
    static const char *const injected[] = {"220 mail\r\n",         "EHLO me\r\n", "250-mail\r\n250 OK\r\n",
                                           "STARTTLS\r\nRSET\r\n", "220 go\r\n",  NULL};
    (void)state;
    dialogue(refused);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.starttls, "smtp");
    assert_int_equal(h.c.state, WT_FAILED);
    expect("starttls-refused", NULL);
    dialogue(granted);
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_alone(&h, &d, OPEN_END);
    assert_null(strstr(h.conclusions, "starttls-refused"));
    expect(NULL, "plaintext-before-starttls");
    dialogue(injected);
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_alone(&h, &d, OPEN_END);
    expect("plaintext-before-starttls", NULL);
}

static void test_not_tls(void **state)
{
    (void)state;
    text(say(&d, WT_CLIENT), "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    text(say(&d, WT_SERVER), "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port");
    hear(&h, "whole");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    assert_int_equal(h.c.state, WT_FAILED);
    expect("client-not-tls", NULL);
    text(say(&d, WT_CLIENT), "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    text(say(&d, WT_SERVER), "HTTP/1.1 400 Bad Request\r\n\r\nno");
    hear(&h, "whole");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    assert_int_equal(h.told, 0);
    stop(&h);
    text(say(&d, WT_CLIENT), "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    alert(say(&d, WT_SERVER), 2, WT_ALERT_UNEXPECTED_MESSAGE);
    hear(&h, "whole");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    assert_int_equal(h.c.state, WT_FAILED);
    expect("client-not-tls", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_ticket),
        cmocka_unit_test(test_heartbeat),
        cmocka_unit_test(test_heartbeat_padding),
        cmocka_unit_test(test_hidden_heartbeat),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_not_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
