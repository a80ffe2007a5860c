/* Where TLS begins: at the start, behind a dialogue of every protocol that has one, in whatever pieces; and what is
 * something else. */
#include "observer/state.h"

#include "streams.h"

static struct heard h;
static struct dialogue d;

static void handshake(void)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    complete12(&d, (struct hello){.session = 9});
}

#define BYTES(text) text, sizeof(text) - 1

/* What passes before TLS; 'S' or 'C' says who speaks. */
static const struct {
    const char *name;
    struct {
        char who;
        const char *bytes;
        size_t n;
    } said[6];
} dialogues[] = {
    /* RFC 3207, 5 */
    {"smtp",
     {{'S', BYTES("220 mail.example.org ESMTP\r\n")},
      {'C', BYTES("EHLO client\r\n")},
      {'S', BYTES("250-mail\r\n250 STARTTLS\r\n")},
      {'C', BYTES("STARTTLS\r\n")},
      {'S', BYTES("220 Go ahead\r\n")}}},
    /* RFC 2033 */
    {"lmtp",
     {{'S', BYTES("220 mail LMTP\r\n")},
      {'C', BYTES("LHLO client\r\n")},
      {'S', BYTES("250 STARTTLS\r\n")},
      {'C', BYTES("STARTTLS\r\n")},
      {'S', BYTES("220 go\r\n")}}},
    /* RFC 2595, 4 */
    {"pop3", {{'S', BYTES("+OK ready\r\n")}, {'C', BYTES("STLS\r\n")}, {'S', BYTES("+OK Begin TLS negotiation\r\n")}}},
    /* RFC 9051, 6.2.1 */
    {"imap",
     {{'S', BYTES("* OK [CAPABILITY IMAP4rev2 STARTTLS] ready\r\n")},
      {'C', BYTES("a002 STARTTLS\r\n")},
      {'S', BYTES("a002 OK Begin TLS negotiation now\r\n")}}},
    /* RFC 4217, 12.1 */
    {"ftp", {{'S', BYTES("220 ftp ready\r\n")}, {'C', BYTES("AUTH TLS\r\n")}, {'S', BYTES("234 Proceed\r\n")}}},
    /* RFC 4642, 2.2.2 */
    {"nntp", {{'S', BYTES("200 news ready\r\n")}, {'C', BYTES("STARTTLS\r\n")}, {'S', BYTES("382 Continue\r\n")}}},
    /* RFC 5804, 2.2 */
    {"sieve",
     {{'S', BYTES("\"IMPLEMENTATION\" \"x\"\r\n\"SIEVE\" \"fileinto\"\r\n\"STARTTLS\"\r\nOK\r\n")},
      {'C', BYTES("STARTTLS\r\n")},
      {'S', BYTES("OK \"Begin TLS negotiation now.\"\r\n")}}},
    /* RFC 6120, 5.4.2 */
    {"xmpp",
     {{'C', BYTES("<?xml version='1.0'?><stream:stream to='x' xmlns='jabber:client'>")},
      {'S', BYTES("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")},
      {'C', BYTES("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")},
      {'S', BYTES("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}}},
    /* RFC 4511, 4.14.1 */
    {"ldap",
     {{'C', BYTES("\60\35\2\1\1\167\30\200\26"
                  "1.3.6.1.4.1.1466.20037")},
      {'S', BYTES("\60\14\2\1\1\170\7\12\1\0\4\0\4\0")}}},
    {"postgresql", {{'C', BYTES("\0\0\0\10\4\322\26\57")}, {'S', BYTES("S")}}},
    {"mysql",
     {{'S', BYTES("\112\0\0\0\12"
                  "8.0.32\0xxxxxxxxxxxxxxxxxx")},
      {'C', BYTES("\40\0\0\1\5\256\3\2\0\0\0\1\55\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}}},
    /* RFC 1928, 3 to 6; with username and password: RFC 1929 */
    {"socks",
     {{'C', BYTES("\5\1\0")},
      {'S', BYTES("\5\0")},
      {'C', BYTES("\5\1\0\1\300\0\2\1\1\273")},
      {'S', BYTES("\5\0\0\1\0\0\0\0\0\0")}}},
    {"socks",
     {{'C', BYTES("\5\1\2")},
      {'S', BYTES("\5\2")},
      {'C', BYTES("\1\1u\1p")},
      {'S', BYTES("\1\0")},
      {'C', BYTES("\5\1\0\3\1x\1\273")},
      {'S', BYTES("\5\0\0\1\0\0\0\0\0\0")}}},
    {"socks", {{'C', BYTES("\4\1\1\273\300\0\2\1user\0")}, {'S', BYTES("\0\132\0\0\0\0\0\0")}}},
    /* RFC 9110, 9.3.6 */
    {"http_connect",
     {{'C', BYTES("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n")},
      {'S', BYTES("HTTP/1.1 200 Connection established\r\n\r\n")}}},
    {"proxy", {{'C', BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n")}}},
    {"proxy", {{'C', BYTES("\15\12\15\12\0\15\12QUIT\12\41\21\0\14\300\0\2\1\300\0\2\2\234\100\1\273")}}},
    /* MS-RDPBCGR, 2.2.1.1 and 2.2.1.2 */
    {"rdp",
     {{'C', BYTES("\3\0\0\23\16\340\0\0\0\0\0\1\0\10\0\3\0\0\0")},
      {'S', BYTES("\3\0\0\23\16\320\0\0\22\64\0\2\0\10\0\1\0\0\0")}}},
    /* MS-TDS, 2.2.6.5 */
    {"tds", {{'C', BYTES("\22\1\0\16\0\0\1\0\377abcde")}, {'S', BYTES("\4\1\0\16\0\0\1\0\377abcde")}}},
    {"irc", {{'C', BYTES("STARTTLS\r\n")}, {'S', BYTES(":irc 670 * :STARTTLS successful\r\n")}}},
    {"irc", {{'C', BYTES("CAP LS 302\r\nSTARTTLS\r\n")}, {'S', BYTES(":irc CAP * LS :tls\r\n:irc 670 * :go\r\n")}}},
    {NULL, {{'S', BYTES("what nobody knows\r\n")}, {'C', BYTES("what nobody knows either\r\n")}}},
};

static void prelude(size_t row)
{
    for (size_t i = 0; i < 6 && dialogues[row].said[i].who; i++)
        wt_buffer_add(&say(&d, dialogues[row].said[i].who == 'S' ? WT_SERVER : WT_CLIENT)->b,
                      dialogues[row].said[i].bytes, dialogues[row].said[i].n);
}

static void test_dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        prelude(i);
        handshake();
        hear_alone(&h, &d, FIN);
        assert_int_equal(h.told, 1);
        assert_string_equal(h.starttls, dialogues[i].name ? dialogues[i].name : "");
        assert_int_equal(h.c.state, WT_ESTABLISHED);
        assert_string_equal(h.findings, "");
        assert_string_equal(h.sni, "example.org");
        stop(&h);
    }
}

/* A dialogue that comes to nothing is no TLS connection. */
static void test_dialogue_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        prelude(i);
        hear_alone(&h, &d, FIN);
        assert_int_equal(h.told, 0);
        stop(&h);
    }
}

static void test_plain(void **state)
{
    (void)state;
    handshake();
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.starttls, "");
    stop(&h);
}

/* A server that speaks something else is named. */
static void test_not_tls(void **state)
{
    static const struct {
        const char *said, *name;
    } rows[] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"}, {"<html>no</html>", "HTTP"}, {"SSH-2.0-OpenSSH_9.2\r\n", "SSH"},
        {"220 mail ESMTP\r\n", "SMTP or FTP"},        {"+OK ready\r\n", "POP3"},   {"* OK ready\r\n", "IMAP"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        text(say(&d, WT_SERVER), rows[i].said);
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.findings, "peer-not-tls ");
        assert_non_null(strstr(h.last_text, rows[i].name));
        assert_int_equal(h.c.state, WT_FAILED);
        stop(&h);
    }
    /* RFC 8446, 5.1: no handshake record is empty; Modbus answers with the numbers that the ClientHello begins with */
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    wt_buffer_add(&say(&d, WT_SERVER)->b, "\26\3\1\0\0\3\0\200\1", 9);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.findings, "peer-not-tls ");
    stop(&h);
}

/* Much that is nothing known. */
static void test_long_nonsense(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    struct flight *f = say(&d, WT_SERVER);
    for (unsigned i = 0; i < 200; i++)
        text(f, "nonsense without end ");
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.findings, "peer-not-tls ");
    assert_int_equal(h.c.state, WT_FAILED);
    stop(&h);
}

/* RFC 8446, 5.1: a ClientHello may be split over records as well as over segments. */
static void test_split_over_records(void **state)
{
    struct flight whole = {0};
    (void)state;
    client_hello(&whole, (struct hello){.sni = "example.org", .tls13 = true});
    for (size_t size = 6; size < 60; size += 7) {
        struct flight *f = say(&d, WT_CLIENT);
        for (size_t at = 5; at < whole.b.n; at += size)
            add_record(f, WT_CONTENT_HANDSHAKE, wt_span_cut(wt_buffer_span(&whole.b), at, size));
        hear_alone(&h, &d, OPEN_END);
        assert_int_equal(h.told, 1);
        assert_int_equal(h.messages, 1);
        assert_string_equal(h.sni, "example.org");
        stop(&h);
    }
    wt_buffer_free(&whole.b);
}

/* A client of a version to come, or of one that never was: its hello is read, whatever the server makes of it. */
static void test_any_version(void **state)
{
    static const uint8_t major[] = {2, 4, 0x7f};
    (void)state;
    for (size_t i = 0; i < sizeof major; i++) {
        handshake();
        d.turns[0].flight.b.p[9] = major[i];
        hear_alone(&h, &d, FIN);
        assert_int_equal(h.told, 1);
        assert_string_equal(h.sni, "example.org");
        assert_int_equal(h.c.state, WT_ESTABLISHED);
        stop(&h);
    }
}

/* A server that sends a record of data before it has read anything: it belongs to what is read. */
static void test_data_first(void **state)
{
    (void)state;
    add_record(say(&d, WT_SERVER), WT_CONTENT_APPLICATION_DATA, wt_span_text("too early"));
    handshake();
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.told, 1);
    assert_string_equal(h.sni, "example.org");
    assert_int_equal(h.c.application_data[WT_SERVER].bytes, 9);
    assert_string_equal(h.starttls, "");
    stop(&h);
}

/* Random bytes, and random damage to a good connection: nothing falls over, everything is told once. */
static void test_garbage(void **state)
{
    uint32_t x = 1;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        handshake();
        for (size_t i = 0; i < d.n; i++)
            for (unsigned k = 0; k < round % 5 + 1; k++) {
                x = x * 1664525u + 1013904223u;
                struct wt_buffer *b = &d.turns[i].flight.b;
                if (round % 3 == 0)
                    wt_buffer_drop(b, x >> 28);
                if (b->n)
                    b->p[(x >> 8) % b->n] = (uint8_t)(x >> 24);
            }
        hear(&h, "garbage");
        tell_stream(&h, &d, round % 7, (enum ending)(round % 3));
        assert_true(h.told <= 1);
        forget(&d);
        stop(&h);
    }
}

/* A dialogue longer than is looked at: given up, and all that was held is free again. */
static void test_too_long(void **state)
{
    struct wt_time time = {1, 0};
    static const char line[] = "a line of an endless dialogue, of sixty-four bytes with its end\n";
    (void)state;
    hear(&h, "long");
    struct wt_stream *s = wt_observer_stream(h.observer, &client_address, &server_address);
    for (size_t n = 0; n < WT_LIMIT_DIALOGUE + 200; n += 64)
        wt_stream_bytes(s, WT_CLIENT, time, line, 64);
    assert_int_equal(h.observer->dialogue_bytes, 0);
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    wt_stream_bytes(s, WT_CLIENT, time, d.turns[0].flight.b.p, d.turns[0].flight.b.n);
    wt_stream_close(s, time, false);
    assert_int_equal(h.told, 0);
    stop(&h);
}

static const uint8_t filler[WT_LIMIT_DIALOGUE + 1];

/* TLS is found after so many bytes of a side at most. */
static void test_longest(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        wt_buffer_add(&say(&d, WT_CLIENT)->b, filler, WT_LIMIT_DIALOGUE + more);
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        hear(&h, "capture");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(h.told, !more);
        stop(&h);
    }
}

/* What a server answers to TLS is TLS after so many bytes at most. */
static void test_held_of_a_server(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        wt_buffer_add(&say(&d, WT_SERVER)->b, filler, WT_LIMIT_DIALOGUE_HELD + more);
        server_hello(say(&d, WT_SERVER), (struct hello){0});
        hear(&h, "capture");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.version, more ? 0 : WT_TLS12);
        assert_int_equal(strcmp(h.cause, "peer-not-tls") == 0, more);
        stop(&h);
    }
}

/* The keyword by which a dialogue is named (RFC 4642, 2.2.2) is among the first bytes that a side says. */
static void test_held_for_a_name(void **state)
{
    static const char hello[] = "MODE READER\r\n", keyword[] = "STARTTLS", rest[] = "\r\nDATE\r\nDATE\r\n";
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        text(say(&d, WT_SERVER), "200 news ready\r\n");
        struct flight *f = say(&d, WT_CLIENT);
        text(f, hello);
        for (size_t n = WT_LIMIT_DIALOGUE_HELD - strlen(hello) - strlen(keyword) + more; n; n--)
            text(f, n > 2 ? "x" : n == 2 ? "\r" : "\n");
        text(f, keyword);
        text(f, rest);
        text(say(&d, WT_SERVER), "200 reader\r\n");
        text(say(&d, WT_CLIENT), rest);
        text(say(&d, WT_SERVER), "382 Continue\r\n");
        handshake();
        hear(&h, "capture");
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(h.told, 1);
        assert_string_equal(h.starttls, more ? "" : "nntp");
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
        cmocka_unit_test_teardown(test_dialogues, clean),
        cmocka_unit_test_teardown(test_dialogue_alone, clean),
        cmocka_unit_test_teardown(test_plain, clean),
        cmocka_unit_test_teardown(test_not_tls, clean),
        cmocka_unit_test_teardown(test_long_nonsense, clean),
        cmocka_unit_test_teardown(test_split_over_records, clean),
        cmocka_unit_test_teardown(test_any_version, clean),
        cmocka_unit_test_teardown(test_data_first, clean),
        cmocka_unit_test_teardown(test_garbage, clean),
        cmocka_unit_test_teardown(test_longest, clean),
        cmocka_unit_test_teardown(test_held_of_a_server, clean),
        cmocka_unit_test_teardown(test_held_for_a_name, clean),
        cmocka_unit_test_teardown(test_too_long, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
