/* The one root cause of a failed handshake, by alert, by place and by how the stream ends; real peers' captures stand
 * in tests/failures. */
#include "../observer/streams.h"

static struct heard h;
static struct dialogue d;

static const struct hello tls12 = {.ticket_extension = true, .sni = "example.org"},
                          tls13 = {.tls13 = true, .session = 7};

static void expect(enum wt_state state, const char *cause, enum wt_fault fault, enum wt_noticed noticed)
{
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, state);
    assert_string_equal(h.cause, cause);
    assert_int_equal(h.causes, *cause ? 1 : 0);
    if (*cause) {
        assert_int_equal(h.fault, fault);
        assert_int_equal(h.noticed, noticed);
    }
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

static void open12(void)
{
    struct hello hello = tls12;
    client_hello(from_client(), hello);
    struct flight *f = from_server();
    hello.session = 9;
    server_hello(f, hello);
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
}

/* RFC 8446, 6.2: what a server may answer a ClientHello with. */
static void test_alerts_to_hello(void **state)
{
    static const struct {
        uint8_t alert;
        const char *cause;
        enum wt_fault fault;
    } rows[] = {
        {70, "no-shared-version", WT_FAULT_BOTH},           {120, "no-shared-alpn", WT_FAULT_BOTH},
        {112, "unrecognized-server-name", WT_FAULT_CLIENT}, {86, "downgrade-refused", WT_FAULT_CLIENT},
        {115, "psk-unknown-identity", WT_FAULT_BOTH},       {80, "peer-internal-error", WT_FAULT_SERVER},
        {50, "malformed-message", WT_FAULT_CLIENT},         {109, "malformed-message", WT_FAULT_CLIENT},
        {99, "rejected-by-server", WT_FAULT_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_hello(from_client(), tls12);
        alert(from_server(), 2, rows[i].alert);
        hear_alone(&h, &d, FIN);
        expect(WT_FAILED, rows[i].cause, rows[i].fault, WT_NOTICED_BY_SERVER);
    }
}

/* The alert names no reason: what stands out in the hello is told, as probable. */
static void test_handshake_failure(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    alert(from_server(), 2, 40);
    hear_alone(&h, &d, FIN);
    assert_true(h.probable);
    assert_non_null(strstr(h.cause_text, "probably"));
    assert_string_equal(h.cause, "no-shared-signature-scheme"); /* the one scheme that such a hello has */
    assert_int_equal(h.causes, 1);
    stop(&h);
}

/* A TLS 1.2 hello in which nothing is unusual, or but one suite; with a name or without. */
static void usual_hello(struct flight *f, const char *name, bool one_suite)
{
    static const char suites[] = "\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30\xcc\xa9\xcc\xa8",
                      groups[] = "\0\x0a\0\x08\0\x06\0\x1d\0\x17\0\x18",
                      schemes[] = "\0\x0d\0\x0e\0\x0c\4\3\x08\4\4\1\5\3\x08\5\5\1";
    uint8_t room[512] = {0}, extensions[256];
    struct wt_writer w = wt_writer_start(room, sizeof room), e = wt_writer_start(extensions, sizeof extensions);
    if (name) {
        const uint16_t n = (uint16_t)strlen(name);
        wt_write_u16(&e, WT_EXT_SERVER_NAME);
        wt_write_u16(&e, n + 5u);
        wt_write_u16(&e, n + 3u);
        wt_write_u8(&e, 0);
        wt_write_opaque(&e, wt_span_text(name), 2, 1, 200, "host_name");
    }
    wt_write_bytes(&e, wt_span_of(groups, sizeof groups - 1));
    wt_write_bytes(&e, wt_span_of(schemes, sizeof schemes - 1));
    wt_write_u16(&w, WT_TLS12);
    for (unsigned i = 0; i < 32; i++)
        wt_write_u8(&w, (uint8_t)(i + 1));
    wt_write_u8(&w, 0);
    wt_write_opaque(&w, wt_span_of(suites, one_suite ? 2 : sizeof suites - 1), 2, 2, 64, "cipher_suites");
    wt_write_opaque(&w, wt_span_of("", 1), 1, 1, 1, "compression_methods");
    wt_write_opaque(&w, wt_span_of(extensions, e.n), 2, 0, 256, "extensions");
    add_handshake(f, WT_HANDSHAKE_CLIENT_HELLO, room, w.n);
}

/* RFC 8446, 9.2: "Servers MAY require clients to send a valid "server_name" extension". Where all else is usual that is
 * likelier than a version, for which there is an alert; near misses: a name, and what is more unusual. */
static void test_no_name(void **state)
{
    static const struct {
        const char *name;
        bool one_suite;
        const char *cause;
    } rows[] = {
        {NULL, false, "unrecognized-server-name"},
        {"example.org", false, "no-shared-version"},
        {NULL, true, "no-shared-cipher-suite"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        usual_hello(from_client(), rows[i].name, rows[i].one_suite);
        alert(from_server(), 2, 40);
        hear_alone(&h, &d, FIN);
        assert_string_equal(h.cause, rows[i].cause);
        assert_true(h.probable);
        stop(&h);
        forget(&d);
    }
}

/* With several alerts the first counts. */
static void test_first_alert(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    alert(from_server(), 2, 70);
    alert(from_client(), 2, 80);
    hear_alone(&h, &d, FIN);
    expect(WT_FAILED, "no-shared-version", WT_FAULT_BOTH, WT_NOTICED_BY_SERVER);
}

/* No bytes come back: a RST is the server's; a FIN from both at once, in a stream, is a close. */
static void test_no_alert(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    hear_alone(&h, &d, OPEN_END);
    expect(WT_INCOMPLETE, "", WT_FAULT_NONE, WT_NOTICED_BY_NONE);
    open12();
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "closed-during-handshake");
    stop(&h);
    open12();
    hear_alone(&h, &d, OPEN_END);
    expect(WT_INCOMPLETE, "", WT_FAULT_NONE, WT_NOTICED_BY_NONE);
}

/* TLS 1.3 without keys: one record as long as an alert, and nothing else. */
static void test_hidden_alert(void **state)
{
    (void)state;
    client_hello(from_client(), tls13);
    struct flight *f = from_server();
    server_hello(f, tls13);
    data(f, 1000);
    data(from_client(), 19);
    hear_alone(&h, &d, FIN);
    assert_true(h.probable);
    expect(WT_FAILED, "rejected-by-client", WT_FAULT_NONE, WT_NOTICED_BY_CLIENT);
}

/* TLS 1.3 hides the certificate that the client rejects, but not its length: a record of each message, by bytes of the
 * message, or all in one. What may be two certificates, may have been compressed, or is a part is not counted. */
static void test_certificate_alone(void **state)
{
    enum { EE = 6, FINISHED = 36, ECDSA = 8 + 71, RSA = 8 + 256, ED25519 = 8 + 64, ML_DSA = 8 + 2420, UNKNOWN_CA = 48 };
    static const struct {
        uint16_t records[7];
        uint8_t alert;
        bool compresses;
        const char *cause, *says;
    } rows[] = {
        {{EE, 529, ECDSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 529 bytes"},
        {{EE, 200, 529, ECDSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 529 bytes"},
        {{EE, 529, ECDSA, FINISHED, 251, 251, 2}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 529 bytes"},
        {{EE, 773, ECDSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE, 530, ED25519, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 530 bytes"},
        {{EE, 643, ED25519, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE, 926, RSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 926 bytes"},
        {{EE, 1280, RSA, FINISHED}, UNKNOWN_CA, false, "certificate-chain-incomplete", "at most 1280 bytes"},
        {{EE, 1565, RSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE, 1280, RSA, FINISHED}, UNKNOWN_CA, true, "certificate-unknown-issuer", "nothing else"},
        {{512, 512, 256, RSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE, 1280, ML_DSA, FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE + 529 + ED25519 + FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "at most 529 bytes"},
        {{EE + 529 + RSA + FINISHED}, UNKNOWN_CA, false, "certificate-unknown-issuer", "nothing else"},
        {{EE, 529, ECDSA, FINISHED}, 45, false, "certificate-expired", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hello hello = tls13;
        hello.compresses = rows[i].compresses;
        client_hello(from_client(), hello);
        struct flight *f = from_server();
        server_hello(f, tls13);
        for (size_t j = 0; j < 7 && rows[i].records[j]; j++)
            data(f, rows[i].records[j] + 1u + 16u);
        alert(from_client(), 2, rows[i].alert);
        hear_alone(&h, &d, FIN);
        assert_non_null(strstr(h.cause_text, rows[i].says));
        assert_int_equal(strstr(h.cause_text, "a single certificate") != NULL, strstr(rows[i].says, "at most") != NULL);
        expect(WT_FAILED, rows[i].cause, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT);
    }
}

/* The near miss: a record that can be a Finished. */
static void test_finished(void **state)
{
    (void)state;
    client_hello(from_client(), tls13);
    struct flight *f = from_server();
    server_hello(f, tls13);
    data(f, 1000);
    data(from_client(), 53);
    data(from_server(), 200);
    hear_alone(&h, &d, FIN);
    expect(WT_ESTABLISHED, "", WT_FAULT_NONE, WT_NOTICED_BY_NONE);
}

/* RFC 5246, 7.2.2: user_canceled "is generally a warning"; it is the only word there is. */
static void test_canceled(void **state)
{
    (void)state;
    open12();
    alert(from_client(), 1, 90);
    alert(from_client(), 1, 0);
    hear_alone(&h, &d, FIN);
    expect(WT_FAILED, "peer-internal-error", WT_FAULT_CLIENT, WT_NOTICED_BY_CLIENT);
}

/* RFC 8446, 4.1.3, 4.2: what was not offered is not the server's to choose. What comes last is not blamed for it. */
static void test_choice(void **state)
{
    static const struct {
        uint16_t suite;
        bool extension, without_certificate;
        uint8_t alert;
        const char *says;
    } rows[] = {
        {0xc02b, false, false, 47, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, which the client does not offer"},
        {0xc02b, false, false, 40, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, which the client does not offer"},
        {0, true, false, 110, "the extension session_ticket, which the ClientHello does not have"},
        {0, true, false, 47, "the extension session_ticket, which the ClientHello does not have"},
        {0, false, true, 10, "sent no Certificate, although TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 requires one"},
        {0, false, false, 47, "the message is well-formed"},
        {0, false, false, 10, "the message is well-formed"},
        {0, true, false, 50, "the message is well-formed"}, /* the client did not mind it */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hello hello = {.sni = "example.org"};
        client_hello(from_client(), hello);
        struct flight *f = from_server();
        hello.suite = rows[i].suite;
        hello.ticket_extension = rows[i].extension;
        server_hello(f, hello);
        if (!rows[i].without_certificate)
            certificate(f);
        server_key_exchange(f);
        server_hello_done(f);
        alert(from_client(), 2, rows[i].alert);
        hear_alone(&h, &d, FIN);
        assert_non_null(strstr(h.cause_text, rows[i].says));
        expect(WT_FAILED, "malformed-message", WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT);
    }
}

/* What a peer claims and the other does not take: the lengths of a message and of a heartbeat's payload. */
static void test_claims(void **state)
{
    (void)state;
    client_hello(from_client(), tls12);
    struct flight *f = from_server();
    server_hello(f, tls12);
    add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of("\13\377\377\377", 4));
    alert(from_client(), 2, 47);
    hear_alone(&h, &d, FIN);
    assert_non_null(strstr(h.cause_text, "announced a handshake message of 16777215 bytes"));
    expect(WT_FAILED, "malformed-message", WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT);

    for (unsigned honest = 0; honest < 2; honest++) {
        open12();
        add_record(from_client(), WT_CONTENT_HEARTBEAT, wt_span_of(honest ? "\1\0\1xyz" : "\1\100\0xyz", 6));
        alert(from_server(), 2, 10);
        hear(&h, "whole"); /* of a heartbeat in pieces only its head is kept */
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(honest, strstr(h.cause_text, "a heartbeat that claims 16384 bytes but has 3") == NULL);
        expect(WT_FAILED, "malformed-message", WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER);
    }
}

static int clean(void **state)
{
    (void)state;
    forget(&d);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_alerts_to_hello, clean),
        cmocka_unit_test_teardown(test_handshake_failure, clean),
        cmocka_unit_test_teardown(test_no_name, clean),
        cmocka_unit_test_teardown(test_first_alert, clean),
        cmocka_unit_test_teardown(test_no_alert, clean),
        cmocka_unit_test_teardown(test_hidden_alert, clean),
        cmocka_unit_test_teardown(test_certificate_alone, clean),
        cmocka_unit_test_teardown(test_finished, clean),
        cmocka_unit_test_teardown(test_canceled, clean),
        cmocka_unit_test_teardown(test_choice, clean),
        cmocka_unit_test_teardown(test_claims, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
