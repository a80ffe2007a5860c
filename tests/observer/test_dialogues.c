/* Upgrades that are refused, in each protocol's own words, clients that go on in the clear, and what is said where TLS
 * should begin. */
#include "observer/state.h"

#include "streams.h"

static struct heard h;
static struct dialogue d;

#define BYTES(text) text, sizeof(text) - 1
#define LDAP_REQUEST "\60\35\2\1\1\167\30\200\0261.3.6.1.4.1.1466.20037"
#define POSTGRESQL_REQUEST "\0\0\0\10\4\322\26\57"
#define MYSQL_GREETING "\17\0\0\0\0128.0.36\0\13\0\0\0abc"
#define MYSQL_REQUEST "\40\0\0\1\5\256\3\2\0\0\0\1\55\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* Who speaks ('S' or 'C'), and the finding that is told; NULL where no TLS connection is told of at all. */
struct talk {
    const char *finding, *word; /* word: the server's, which the sentence must have */
    struct {
        char who;
        const char *bytes;
        size_t n;
    } said[7];
};

static void hear_talk(const struct talk *t)
{
    for (size_t i = 0; i < 7 && t->said[i].who; i++)
        wt_buffer_add(&say(&d, t->said[i].who == 'S' ? WT_SERVER : WT_CLIENT)->b, t->said[i].bytes, t->said[i].n);
    hear_alone(&h, &d, FIN);
    if (h.told != (t->finding != NULL) || (t->finding && strcmp(h.cause, t->finding) != 0))
        fail_msg("%u told, \"%s\", of %02x%02x%02x ...", h.told, h.cause, t->said[0].bytes[0], t->said[0].bytes[1],
                 t->said[0].bytes[2]);
    if (t->finding) {
        assert_int_equal(h.c.state, WT_FAILED);
        if (t->word && !strstr(h.cause_text, t->word))
            fail_msg("\"%s\" is not in \"%s\"", t->word, h.cause_text);
        /* what to do is not the same when a proxy refuses */
        assert_int_equal(strstr(h.advice, "proxy-user") != NULL, strstr(h.cause_text, "asked a proxy") != NULL);
    }
    stop(&h);
}

static void test_refused(void **state)
{
    static const struct talk talks[] = {
        /* RFC 3207, 4: 454; an answer of several lines; lower case */
        {"starttls-refused",
         "454 4.7.0 no",
         {{'S', BYTES("220 mail\r\n")},
          {'C', BYTES("EHLO me\r\n")},
          {'S', BYTES("250-mail\r\n250 STARTTLS\r\n")},
          {'C', BYTES("starttls\r\n")},
          {'S', BYTES("454-4.7.0 TLS\r\n454 4.7.0 no\r\n")},
          {'C', BYTES("QUIT\r\n")}}},
        /* RFC 4217, 4: the client asks in each of two ways */
        {"starttls-refused",
         "534 two",
         {{'S', BYTES("220 ftp\r\n")},
          {'C', BYTES("AUTH TLS\r\n")},
          {'S', BYTES("500 one\r\n")},
          {'C', BYTES("AUTH SSL\r\n")},
          {'S', BYTES("534 two\r\n")}}},
        {"starttls-refused",
         "-ERR no",
         {{'S', BYTES("+OK\r\n")}, {'C', BYTES("STLS\r\n")}, {'S', BYTES("-ERR no\r\n")}, {'C', BYTES("QUIT\r\n")}}},
        {"starttls-refused",
         "x1 BAD what",
         {{'S', BYTES("* OK ready\r\n")},
          {'C', BYTES("x1 STARTTLS\r\n")},
          {'S', BYTES("x1 BAD what\r\n")},
          {'C', BYTES("x2 LOGOUT\r\n")},
          {'S', BYTES("* BYE\r\nx2 OK\r\n")}}},
        /* RFC 4511, 4.14.2: with lengths of one byte, and of four as some servers write them; then unbind */
        {"starttls-refused",
         "protocolError (2)",
         {{'C', BYTES(LDAP_REQUEST)},
          {'S', BYTES("\60\14\2\1\1\170\7\12\1\2\4\0\4\0")},
          {'C', BYTES("\60\5\2\1\2\102\0")}}},
        {"starttls-refused",
         "unavailable (52)",
         {{'C', BYTES(LDAP_REQUEST)}, {'S', BYTES("\60\204\0\0\0\20\2\1\1\170\204\0\0\0\7\12\1\64\4\0\4\0")}}},
        {"starttls-refused", "\"N\"", {{'C', BYTES(POSTGRESQL_REQUEST)}, {'S', BYTES("N")}, {'C', BYTES("X\0\0\0\4")}}},
        {"starttls-refused",
         "Bad handshake",
         {{'S', BYTES(MYSQL_GREETING)},
          {'C', BYTES(MYSQL_REQUEST)},
          {'S', BYTES("\26\0\0\2\377\23\4#08S01Bad handshake")}}},
        /* MS-RDPBCGR, 2.2.1.2.2 */
        {"starttls-refused",
         "SSL_NOT_ALLOWED_BY_SERVER",
         {{'C', BYTES("\3\0\0\23\16\340\0\0\0\0\0\1\0\10\0\3\0\0\0")},
          {'S', BYTES("\3\0\0\23\16\320\0\0\22\64\0\3\0\10\0\2\0\0\0")}}},
        /* RFC 9110, 9.3.6 */
        {"starttls-refused",
         "HTTP/1.1 403 Forbidden",
         {{'C', BYTES("CONNECT www.example.org:443 HTTP/1.1\r\n\r\n")},
          {'S', BYTES("HTTP/1.1 403 Forbidden\r\n\r\n")}}},
        /* RFC 1928, 6; with RFC 1929 before it; SOCKS 4 */
        {"starttls-refused",
         "Connection refused",
         {{'C', BYTES("\5\1\0")},
          {'S', BYTES("\5\0")},
          {'C', BYTES("\5\1\0\1\300\0\2\1\1\273")},
          {'S', BYTES("\5\5\0\1\0\0\0\0\0\0")}}},
        {"starttls-refused",
         "Host unreachable",
         {{'C', BYTES("\5\1\2")},
          {'S', BYTES("\5\2")},
          {'C', BYTES("\1\1u\1p")},
          {'S', BYTES("\1\0")},
          {'C', BYTES("\5\1\0\3\1x\1\273")},
          {'S', BYTES("\5\4\0\1\0\0\0\0\0\0")}}},
        {"starttls-refused",
         "request rejected",
         {{'C', BYTES("\4\1\1\273\300\0\2\1user\0")}, {'S', BYTES("\0\133\0\0\0\0\0\0")}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++)
        hear_talk(&talks[i]);
}

/* The client takes no for an answer and goes on without TLS, which is its right; or what was refused was no way to TLS.
 */
static void test_goes_on(void **state)
{
    static const struct talk talks[] = {
        {NULL,
         NULL,
         {{'S', BYTES("220 mail\r\n")},
          {'C', BYTES("STARTTLS\r\n")},
          {'S', BYTES("454 no\r\n")},
          {'C', BYTES("MAIL FROM:<a@example.org>\r\n")},
          {'S', BYTES("250 ok\r\n")}}},
        {NULL,
         NULL,
         {{'S', BYTES("220 ftp\r\n")},
          {'C', BYTES("AUTH TLS\r\n")},
          {'S', BYTES("500 no\r\n")},
          {'C', BYTES("USER anonymous\r\n")},
          {'S', BYTES("331 go on\r\n")}}},
        {NULL,
         NULL,
         {{'S', BYTES("* OK\r\n")},
          {'C', BYTES("a STARTTLS\r\n")},
          {'S', BYTES("a NO\r\n")},
          {'C', BYTES("b LOGIN u p\r\n")},
          {'S', BYTES("b OK\r\n")}}},
        {NULL,
         NULL,
         {{'C', BYTES(LDAP_REQUEST)},
          {'S', BYTES("\60\14\2\1\1\170\7\12\1\2\4\0\4\0")},
          {'C', BYTES("\60\14\2\1\2\140\7\2\1\3\4\0\200\0")},
          {'S', BYTES("\60\14\2\1\2\141\7\12\1\0\4\0\4\0")}}},
        {NULL,
         NULL,
         {{'C', BYTES(POSTGRESQL_REQUEST)},
          {'S', BYTES("N")},
          {'C', BYTES("\0\0\0\20\0\3\0\0user\0a\0\0")},
          {'S', BYTES("R\0\0\0\10\0\0\0\0")}}},
        {NULL,
         NULL, /* another request of the client's is what this LDAP server did not grant */
         {{'C', BYTES("\60\14\2\1\1\140\7\2\1\3\4\0\200\0"
                      "\60\35\2\1\2\167\30\200\0261.3.6.1.4.1.1466.20037")},
          {'S', BYTES("\60\14\2\1\1\141\7\12\1\61\4\0\4\0"
                      "\60\14\2\1\2\170\7\12\1\0\4\0\4\0")}}},
        {NULL,
         NULL,
         {{'C', BYTES("CONNECT host.example.org:22 HTTP/1.1\r\n\r\n")}, {'S', BYTES("HTTP/1.1 503 No\r\n\r\n")}}},
        {NULL,
         NULL, /* asked for its password, and granted what it wanted */
         {{'C', BYTES("CONNECT example.org:443 HTTP/1.1\r\n\r\n")},
          {'S', BYTES("HTTP/1.1 407 Who\r\n\r\n")},
          {'C', BYTES("CONNECT example.org:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n")},
          {'S', BYTES("HTTP/1.1 200 Go\r\n\r\n")}}},
        {NULL,
         NULL,
         {{'C', BYTES("\5\1\0")},
          {'S', BYTES("\5\0")},
          {'C', BYTES("\5\1\0\1\300\0\2\1\0\26")},
          {'S', BYTES("\5\5\0\1\0\0\0\0\0\0")}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++)
        hear_talk(&talks[i]);
}

/* Behind a ClientHello: RFC 8446, 5.1 has the first byte of a record between 20 and 24, and 3 behind it. */
static void test_peers(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *word, *advice;
    } rows[] = {
        {BYTES("N"), "\"N\""},
        {BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP", "http://"},
        /* RFC 9113, 3.4: SETTINGS, of none and of one; GOAWAY; PING is no beginning, and 7 bytes are no settings */
        {BYTES("\0\0\0\4\0\0\0\0\0"), "HTTP/2", "http://"},
        {BYTES("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144"), "HTTP/2", "http://"},
        {BYTES("\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\1"), "HTTP/2", "http://"},
        {BYTES("\0\0\10\6\0\0\0\0\0\0\0\0\0\0\0\0\1"), "00 00 08 06"},
        {BYTES("\0\0\7\4\0\0\0\0\0\0\3\0\0\0\144\0"), "00 00 07 04"},
        {BYTES("\0\0\6\4\0\0\0\0\1\0\3\0\0\0\144"), "00 00 06 04"},
        {BYTES("554 go away\r\n"), "numeric reply codes", "-starttls"},
        {BYTES("200 news\r\n"), "NNTP"},
        {BYTES("-ERR what\r\n"), "Redis"},
        {BYTES("RTSP/1.0 400 Bad Request\r\n\r\n"), "RTSP"},
        {BYTES(":irc.example.org NOTICE AUTH :hello\r\n"), "IRC"},
        {BYTES("\17\0\0\0\0128.0.36\0\13\0\0\0abc"), "MySQL", "-starttls"},
        {BYTES("E\0\0\0\20SFATAL\0C0A000\0\0"), "PostgreSQL", "-starttls"},
        {BYTES("\377\375\30\377\375\40"), "Telnet", "does not serve TLS"},
        {BYTES("\0\0\0\1\2\3"), "00 00 00 01 02 03"},
        {BYTES("\26\2"), "16 02"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
        wt_buffer_add(&say(&d, WT_SERVER)->b, rows[i].bytes, rows[i].n);
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.cause, "peer-not-tls");
        assert_int_equal(h.c.state, WT_FAILED);
        if (!strstr(h.cause_text, rows[i].word))
            fail_msg("\"%s\" is not in \"%s\"", rows[i].word, h.cause_text);
        if (rows[i].advice && !strstr(h.advice, rows[i].advice))
            fail_msg("\"%s\" is not in \"%s\"", rows[i].advice, h.advice);
        stop(&h);
    }
}

/* The beginning of a record is no other protocol; neither is the dialogue that the server answered before TLS. */
static void test_no_other_protocol(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
    wt_buffer_add(&say(&d, WT_SERVER)->b, "\26\3\3\0", 4);
    hear_alone(&h, &d, FIN);
    assert_null(strstr(h.cause, "peer-not-tls"));
    stop(&h);
    wt_buffer_add(&say(&d, WT_SERVER)->b, BYTES("220 mail\r\n"));
    wt_buffer_add(&say(&d, WT_CLIENT)->b, BYTES("STARTTLS\r\n"));
    wt_buffer_add(&say(&d, WT_SERVER)->b, BYTES("220 go\r\n"));
    client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
    hear_alone(&h, &d, FIN);
    assert_null(strstr(h.cause, "peer-not-tls"));
    stop(&h);
}

/* The same dialogue, and then no TLS. */
static void test_text_behind_upgrade(void **state)
{
    (void)state;
    wt_buffer_add(&say(&d, WT_SERVER)->b, BYTES("220 mail\r\n"));
    wt_buffer_add(&say(&d, WT_CLIENT)->b, BYTES("STARTTLS\r\n"));
    wt_buffer_add(&say(&d, WT_SERVER)->b, BYTES("220 go\r\n"));
    client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
    wt_buffer_add(&say(&d, WT_SERVER)->b, BYTES("500 what?\r\n"));
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "peer-not-tls");
    assert_non_null(strstr(h.cause_text, "500 what?"));
    stop(&h);
}

/* A PROXY protocol header before the ClientHello, which the server answers in the clear, or not as a TLS server who
 * expects one would. */
static void test_header(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } answers[] = {
        {BYTES("HTTP/1.1 400 Bad Request\r\n\r\n")},
        {BYTES("\25\3\3\0\2\2\12")}, /* unexpected_message */
        {BYTES("\25\3\3\0\2\2\26")}, /* record_overflow */
    };
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        wt_buffer_add(&say(&d, WT_CLIENT)->b, BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n"));
        client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
        wt_buffer_add(&say(&d, WT_SERVER)->b, answers[i].bytes, answers[i].n);
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.cause, "client-not-tls");
        assert_non_null(strstr(h.advice, "accept-proxy"));
        assert_int_equal(h.c.state, WT_FAILED);
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
        cmocka_unit_test_teardown(test_refused, clean),
        cmocka_unit_test_teardown(test_goes_on, clean),
        cmocka_unit_test_teardown(test_peers, clean),
        cmocka_unit_test_teardown(test_no_other_protocol, clean),
        cmocka_unit_test_teardown(test_text_behind_upgrade, clean),
        cmocka_unit_test_teardown(test_header, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
