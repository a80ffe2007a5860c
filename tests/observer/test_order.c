/* Messages in orders that the RFCs forbid are reported, on connections that came up as well; what an observer cannot
 * see is nobody's breach. */
#include "segments.h"

static void handshake(struct flight *f, uint8_t type, const char *body, size_t n)
{
    add_handshake(f, type, body, n);
}

/* A message each: capitals are the client's, H its hello, K and R its ClientKeyExchange (ECDHE, RSA); x
 * ChangeCipherSpec, f what is hidden after it, blanks nothing. */
static void say_one(struct flight *f, char what, const struct hello *client, const struct hello *server)
{
    switch (what) {
    case 'H':
        client_hello(f, *client);
        break;
    case 'h':
        server_hello(f, *server);
        break;
    case 'c':
    case 'C':
        certificate(f);
        break;
    case 'E':
        handshake(f, WT_HANDSHAKE_CERTIFICATE, "\0\0\0", 3);
        break;
    case 's':
        server_key_exchange(f);
        break;
    case 'q':
        handshake(f, WT_HANDSHAKE_CERTIFICATE_REQUEST, "\1\1\0\2\4\3\0\0", 8);
        break;
    case 'd':
        server_hello_done(f);
        break;
    case 'K':
        client_key_exchange(f);
        break;
    case 'R':
        handshake(f, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, "\0\4sent", 6);
        break;
    case 'V':
        handshake(f, WT_HANDSHAKE_CERTIFICATE_VERIFY, "\4\3\0\4sign", 8);
        break;
    case 't':
        new_session_ticket(f, "t");
        break;
    case 'x':
    case 'X':
        change_cipher_spec(f);
        break;
    case 'f':
    case 'F':
        hidden(f, WT_CONTENT_HANDSHAKE, 40);
        break;
    default:
        fail_msg("no message %c", what);
    }
}

static bool is_client(char what)
{
    return what >= 'A' && what <= 'Z';
}

static void say_all(const char *script, const struct hello *client, const struct hello *server)
{
    struct flight *f = NULL;
    char before = 0;
    for (; *script; script++) {
        if (*script == ' ')
            continue;
        if (!before || is_client(before) != is_client(*script))
            f = say(&d, is_client(*script) ? WT_CLIENT : WT_SERVER);
        say_one(f, *script, client, server);
        before = *script;
    }
}

struct row {
    const char *script;
    struct hello client, server;
    const char *findings, *text; /* of the last finding: a part */
};

static void expect_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        say_all(rows[i].script, &rows[i].client, &rows[i].server);
        hear_alone(&h, &d, FIN);
        if (strcmp(h.findings, rows[i].findings) != 0)
            print_message("%s: %s%s\n", rows[i].script, h.findings, h.last_text);
        assert_string_equal(h.findings, rows[i].findings);
        if (rows[i].text && !strstr(h.last_text, rows[i].text))
            fail_msg("%s: %s", rows[i].script, h.last_text);
        stop(&h);
    }
}

#define SKIPPED "handshake-step-skipped "
#define UNEXPECTED "unexpected-message "

/* RFC 5246, 7.4: "sending handshake messages in an unexpected order results in a fatal error". */
static void test_breaches(void **state)
{
    static const struct hello plain = {.sni = "example.org"}, ticket = {.ticket_extension = true},
                              rsa = {.suite = 0x009c};
    const struct row rows[] = {
        {"H hxf XF", plain, plain, SKIPPED, "The server sent change_cipher_spec as if it resumed a session"},
        {"H htxf XF", ticket, ticket, SKIPPED, "new_session_ticket as if it resumed a session"},
        {"H hsd KXF xf", plain, plain, SKIPPED,
         "server_key_exchange without certificate, which must be sent before it (RFC "
         "5246, 7.4.2)"},
        {"H hd RXF xf", rsa, rsa, SKIPPED, "server_hello_done without certificate,"},
        {"H hcd KXF xf", plain, plain, SKIPPED, "server_hello_done without server_key_exchange"},
        {"H hcs KXF xf", plain, plain, SKIPPED, "change_cipher_spec without server_hello_done"},
        {"H hcsqd KXF xf", plain, plain, SKIPPED, "client_key_exchange without certificate,"},
        {"H hcsqd CKXF xf", plain, plain, SKIPPED, "change_cipher_spec without certificate_verify"},
        {"H hcsd XF xf", plain, plain, SKIPPED, "change_cipher_spec without client_key_exchange"},
        {"H hcsd KXF xf", ticket, ticket, SKIPPED,
         "change_cipher_spec without new_session_ticket, which must be sent before "
         "it (RFC 5077, 3.3)"},
        {"H hcsd KXF txf", plain, plain, UNEXPECTED,
         "The server sent new_session_ticket; here it may send only: change_cipher_spec (RFC 5246, 7.4)."},
        {"H hcsd CKVXF xf", plain, plain, UNEXPECTED, "certificate"},
        {"H hcsqd EKVXF xf", plain, plain, UNEXPECTED, "certificate_verify"},
        {"H hcsdd KXF xf", plain, plain, UNEXPECTED, "The server sent server_hello_done; here it may send only: "},
        {"H hcsd KXF xf x", plain, plain, UNEXPECTED, "change_cipher_spec"},
        {"H hcsd KXF xf X", plain, plain, UNEXPECTED, "change_cipher_spec"},
        {"H H hcsd KXF xf", plain, plain, UNEXPECTED, "client_hello was sent where"},
        {"H hcsd KXF xf", {.session = 7}, {.session = 7}, UNEXPECTED, "certificate"}, /* it is to be resumed */
    };
    (void)state;
    expect_rows(rows, sizeof rows / sizeof *rows);
}

/* A session that nobody offered is not said to be resumed. */
static void test_not_resumed(void **state)
{
    static const struct hello plain = {.sni = "example.org"};
    (void)state;
    say_all("H hxf XF", &plain, &plain);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.resumption, WT_RESUMPTION_NONE);
    stop(&h);
}

/* Whose ClientHello is not in the capture may have offered anything; what the server seems to leave out may be missing
 * as well, and who sends its ClientKeyExchange resumes nothing. */
static void test_resumed_without_a_hello(void **state)
{
    static const struct hello plain = {.sni = "example.org"};
    static const struct {
        const char *before, *after; /* of the server's flight: "csd", which `lost` leaves out */
        bool lost;
        int resumption;
        uint8_t session; /* the server's */
    } rows[] = {
        {"h", "xf XF", false, WT_RESUMPTION_TICKET},  /* RFC 5077, 3.4: without an id nothing else is resumed */
        {"h", "xf XF", false, WT_RESUMPTION_NONE, 7}, /* by its id or a ticket */
        {"h", "xf XF", true, WT_RESUMPTION_NONE},     {"h", "txf XF", true, WT_RESUMPTION_NONE},
        {"h KXF", "xf", false, WT_RESUMPTION_NONE},   {"h KXF", "txf", false, WT_RESUMPTION_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t next[2] = {1001, 6001};
        (void)start(NULL);
        for (unsigned part = 0; part < 2; part++) {
            const struct hello server = {.session = rows[i].session};
            say_all(part ? rows[i].after : rows[i].before, &plain, &server);
            for (size_t k = 0; k < d.n; k++)
                pass_turn(40000, k, next, false);
            forget(&d);
            next[WT_SERVER] += rows[i].lost ? 100 : 0;
        }
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.resumption, rows[i].resumption);
        (void)clean(NULL);
    }
}

static void test_well(void **state)
{
    static const struct hello plain = {.sni = "example.org"}, ticket = {.ticket_extension = true};
    const struct row rows[] = {
        {"H hcsd KXF xf", plain, plain, "", NULL},
        {"H hcd RXF xf", {.suite = 0x009c}, {.suite = 0x009c}, "", NULL},
        {"H hcsqd EKXF xf", plain, plain, "", NULL},
        {"H hcsqd CKVXF xf", plain, plain, "", NULL},
        {"H hcsd KXF txf", ticket, ticket, "", NULL},
        {"H hxf XF", {.session = 7}, {.session = 7}, "", NULL},
        {"H htxf XF", {.session = 7, .ticket = "t"}, {.session = 7, .ticket_extension = true}, "", NULL},
        {"H hcsd KXF xf", {.session = 7}, {.session = 8}, "", NULL},               /* a new session */
        {"H hcsd KXF txf", {.ticket = "t"}, {.ticket_extension = true}, "", NULL}, /* the ticket was not taken */
        {"H hxf XF", {.ticket = "t"}, plain, "", NULL}, /* RFC 5077, 3.4: no id to be echoed */
        {"H hxf XF", {.ticket = "t"}, {.session = 8}, "", NULL},
        {"H hxf XF", {.session = 7, .ticket = "t"}, {.session = 8}, "", NULL}, /* an id of its own, though */
        {"H hcsd KXF xf FfXFxf", plain, plain, "", NULL},                      /* a renegotiation under keys */
    };
    (void)state;
    expect_rows(rows, sizeof rows / sizeof *rows);
}

/* The streams need not interleave as they were sent. */
static void test_not_interleaved(void **state)
{
    static const struct hello plain = {.sni = "example.org"};
    static const char *const scripts[] = {"H CKVXF hcsqdxf", "hcsd H KXF xf", "HKXF hcsdxf", "hcsqdxf HCKVXF"};
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        say_all(scripts[i], &plain, &plain);
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.findings, "");
        stop(&h);
    }
}

/* Where bytes are missing or the beginning is, what was not seen was perhaps sent. */
static void test_no_evidence(void **state)
{
    static const struct hello plain = {.sni = "example.org"};
    static const struct {
        bool begun;
        size_t lost; /* bytes of the server's flight, from the 40th */
        bool told;
    } rows[] = {{true, 0, true}, {false, 0, false}, {true, 3, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        say_all("H hsd KXF xf", &plain, &plain);
        (void)start(NULL);
        if (rows[i].begun)
            syn(40000, 1000);
        uint32_t next[2] = {1001, 6001};
        for (size_t k = 0; k < d.n; k++) {
            const enum wt_side from = d.turns[k].from;
            const struct wt_span all = wt_buffer_span(&d.turns[k].flight.b);
            const size_t lost = k == 1 ? rows[i].lost : 0;
            segment(from, 40000, WT_TCP_ACK, next[from], next[!from], wt_span_cut(all, 0, 40), 0);
            segment(from, 40000, WT_TCP_ACK, next[from] + 40 + (uint32_t)lost, next[!from],
                    wt_span_cut(all, 40 + lost, all.n), 0);
            next[from] += (uint32_t)all.n;
        }
        finish();
        assert_int_equal(strstr(h.findings, SKIPPED) != NULL, rows[i].told);
        assert_null(strstr(h.findings, UNEXPECTED));
        (void)clean(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaches),    cmocka_unit_test(test_not_resumed),
        cmocka_unit_test(test_well),        cmocka_unit_test(test_not_interleaved),
        cmocka_unit_test(test_no_evidence), cmocka_unit_test(test_resumed_without_a_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
