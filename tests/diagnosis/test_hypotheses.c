/* Causes that are weighed by evidence: for each the situation in which it is concluded, and one as like as can be in
 * which it is not. Advice, certainty and alternatives belong to the reason. */
#include "diagnosis/servers.h"

#include "../observer/streams.h"

static struct heard h;
static struct dialogue d;

/* What a ClientHello offers; 0 ends a list. */
struct offer {
    const char *name; /* NULL: example.org */
    uint16_t legacy;  /* 0: TLS 1.2 */
    uint16_t versions[6], suites[8], groups[4], schemes[6];
    bool master_secret, renegotiation_info;
    uint8_t max_fragment_length;
};

static void put_list(struct wt_writer *w, uint16_t id, const uint16_t *list, size_t most, unsigned prefix)
{
    uint8_t body[64];
    struct wt_writer e = wt_writer_start(body, sizeof body);
    size_t open = wt_write_open(&e, prefix);
    for (size_t i = 0; i < most && list[i]; i++)
        wt_write_u16(&e, list[i]);
    wt_write_close(&e, open, prefix, 0, 255, "list");
    if (list[0])
        put_extension(w, id, body, e.n);
}

static void hello(struct flight *f, const struct offer *o)
{
    uint8_t room[512], random[32];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    memset(random, 0xc1, sizeof random);
    wt_write_u16(&w, o->legacy ? o->legacy : WT_TLS12);
    wt_write_bytes(&w, wt_span_of(random, sizeof random));
    wt_write_u8(&w, 0);
    size_t open = wt_write_open(&w, 2);
    for (size_t i = 0; i < 8 && o->suites[i]; i++)
        wt_write_u16(&w, o->suites[i]);
    wt_write_close(&w, open, 2, 0, 64, "suites");
    wt_write_bytes(&w, wt_span_of("\1\0", 2));
    open = wt_write_open(&w, 2);
    put_server_name(&w, o->name ? o->name : "example.org");
    put_list(&w, WT_EXT_SUPPORTED_GROUPS, o->groups, 4, 2);
    put_list(&w, WT_EXT_SIGNATURE_ALGORITHMS, o->schemes, 6, 2);
    put_list(&w, WT_EXT_SUPPORTED_VERSIONS, o->versions, 6, 1);
    if (o->master_secret)
        put_extension(&w, WT_EXT_EXTENDED_MASTER_SECRET, "", 0);
    if (o->renegotiation_info)
        put_extension(&w, WT_EXT_RENEGOTIATION_INFO, "\0", 1);
    if (o->max_fragment_length)
        put_extension(&w, WT_EXT_MAX_FRAGMENT_LENGTH, &o->max_fragment_length, 1);
    wt_write_close(&w, open, 2, 0, 65535, "extensions");
    assert_int_equal(w.error.code, WT_OK);
    add_handshake(f, WT_HANDSHAKE_CLIENT_HELLO, room, w.n);
}

/* TLS 1.2 with ECDHE_RSA and AES_128_GCM; each extension only if it is wanted. */
static void answer(struct flight *f, uint16_t version, bool master_secret, bool renegotiation_info)
{
    uint8_t room[128], random[32];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    memset(random, 0x5e, sizeof random);
    wt_write_u16(&w, version);
    wt_write_bytes(&w, wt_span_of(random, sizeof random));
    wt_write_u8(&w, 0);
    wt_write_u16(&w, version == WT_TLS12 ? 0xc02f : 0xc013);
    wt_write_u8(&w, 0);
    size_t open = wt_write_open(&w, 2);
    if (master_secret)
        put_extension(&w, WT_EXT_EXTENDED_MASTER_SECRET, "", 0);
    if (renegotiation_info)
        put_extension(&w, WT_EXT_RENEGOTIATION_INFO, "\0", 1);
    wt_write_close(&w, open, 2, 0, 65535, "extensions");
    add_handshake(f, WT_HANDSHAKE_SERVER_HELLO, room, w.n);
}

static struct offer usual(void)
{
    return (struct offer){.suites = {0xc02b, 0xc02f, 0xc030, 0xcca8, 0xc013},
                          .groups = {0x1d, 0x17, 0x18},
                          .schemes = {0x0403, 0x0804, 0x0401, 0x0503},
                          .master_secret = true,
                          .renegotiation_info = true};
}

static void refused(const struct offer *o, uint8_t description)
{
    hello(say(&d, WT_CLIENT), o);
    alert(say(&d, WT_SERVER), 2, description);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.state, WT_FAILED);
    assert_int_equal(h.causes, 1);
}

static bool says(const char *words)
{
    return strstr((const char *)h.json.p, words);
}

static void expect(const char *cause, enum wt_fault fault, bool probable)
{
    assert_string_equal(h.cause, cause);
    assert_int_equal(h.fault, fault);
    assert_int_equal(h.probable, probable);
}

/* Nothing usual is missing but TLS 1.3; near miss: one group alone, which is more unusual, and the version beside it.
 */
static void test_all_usual(void **state)
{
    (void)state;
    struct offer o = usual();
    refused(&o, 40);
    expect("no-shared-version", WT_FAULT_BOTH, true);
    assert_true(says("what it lacks is TLS 1.3"));
    assert_true(says("-tls1_3"));
    stop(&h);

    o.groups[1] = 0;
    refused(&o, 40);
    expect("no-shared-group", WT_FAULT_BOTH, true);
    assert_true(says("\"alternatives\":[{\"id\":\"no-shared-version\",\"fault\":\"both\",\"settled_by\":") ||
                says("\"alternatives\": [{\"id\": \"no-shared-version\", \"fault\": \"both\", \"settled_by\":"));
    stop(&h);

    /* what is offered below TLS 1.3 is for ECDSA keys alone */
    o = usual();
    memcpy(o.suites, (uint16_t[8]){0xc02b, 0xc02c, 0xcca9}, sizeof o.suites);
    refused(&o, 40);
    expect("no-shared-cipher-suite", WT_FAULT_BOTH, true);
    stop(&h);
}

/* What is unusual decides, not the order of rules: a client that offers TLS 1.3 alone, with all else as usual. */
static void test_version_alone(void **state)
{
    (void)state;
    struct offer o = usual();
    o.versions[0] = WT_TLS13;
    memcpy(o.suites, (uint16_t[8]){0x1301, 0x1302, 0x1303}, sizeof o.suites);
    refused(&o, 40);
    expect("no-shared-version", WT_FAULT_BOTH, true);
    stop(&h);
    memcpy(o.groups, (uint16_t[4]){0x1e}, sizeof o.groups); /* x448 */
    refused(&o, 40);
    expect("no-shared-group", WT_FAULT_BOTH, true);
    stop(&h);
}

/* RFC 8446, 4.2.1: 0x7fxx is a draft; it "MUST NOT" be taken for the final version. */
static void test_drafts(void **state)
{
    static const struct {
        uint16_t versions[6];
        enum wt_fault fault;
        const char *says;
    } rows[] = {
        {{0x7f1c, WT_TLS12, WT_TLS11, WT_TLS10}, WT_FAULT_BOTH, "another draft of TLS 1.3 or its final version"},
        {{0x7f17, WT_TLS12}, WT_FAULT_BOTH, "another draft"},
        {{WT_TLS13, WT_TLS12, WT_TLS11}, WT_FAULT_SERVER, "RFC 8996"},
        {{WT_TLS13, 0x7f1c, WT_TLS12}, WT_FAULT_SERVER, "RFC 8996"},
        {{WT_TLS13, WT_TLS12, WT_TLS11, WT_TLS10}, WT_FAULT_SERVER, "all versions of TLS"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct offer o = usual();
        memcpy(o.versions, rows[i].versions, sizeof o.versions);
        o.suites[0] = 0x1301;
        refused(&o, 70);
        expect("no-shared-version", rows[i].fault, false);
        assert_true(says(rows[i].says));
        stop(&h);
    }
}

/* OpenSSL 3 allows TLS 1.0 and 1.1 only at security level 0; near miss: the same alert where TLS 1.2 is offered. */
static void test_security_level(void **state)
{
    (void)state;
    struct offer o = usual();
    o.legacy = WT_TLS11;
    o.schemes[0] = 0;
    refused(&o, 80);
    expect("peer-internal-error", WT_FAULT_BOTH, true);
    assert_true(says("security level 1") && says("SECLEVEL=0"));
    stop(&h);

    o = usual();
    refused(&o, 80);
    expect("peer-internal-error", WT_FAULT_SERVER, false);
    assert_false(says("SECLEVEL"));
    stop(&h);

    /* as a client, after the signature in the ServerKeyExchange */
    hello(say(&d, WT_CLIENT), &o);
    answer(say(&d, WT_SERVER), WT_TLS10, true, true);
    alert(say(&d, WT_CLIENT), 2, 80);
    hear_alone(&h, &d, FIN);
    expect("peer-internal-error", WT_FAULT_BOTH, true);
    assert_true(says("SECLEVEL=0"));
    stop(&h);
}

/* RFC 7627, 5.2: "If a client receives a ServerHello without the extension, it SHOULD abort the handshake if it does
 * not wish to interoperate with legacy servers"; RFC 5746, 4.1 for renegotiation_info. */
static void test_left_out_of_server_hello(void **state)
{
    static const struct {
        bool offered, master_secret, renegotiation_info;
        enum wt_fault fault;
        const char *says, *not ;
    } rows[] = {
        {true, false, true, WT_FAULT_SERVER, "FIPS", "UnsafeLegacyServerConnect"},
        {true, true, false, WT_FAULT_SERVER, "UnsafeLegacyServerConnect", "FIPS"},
        {true, false, false, WT_FAULT_SERVER, "UnsafeLegacyServerConnect", NULL},
        {true, true, true, WT_FAULT_NONE, "does not show what it objected to", "FIPS"},
        {false, false, true, WT_FAULT_NONE, "does not show what it objected to", "FIPS"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct offer o = usual();
        o.master_secret = rows[i].offered;
        hello(say(&d, WT_CLIENT), &o);
        answer(say(&d, WT_SERVER), WT_TLS12, rows[i].master_secret, rows[i].renegotiation_info);
        alert(say(&d, WT_CLIENT), 2, 40);
        hear_alone(&h, &d, FIN);
        expect("rejected-by-client", rows[i].fault, rows[i].fault != WT_FAULT_NONE);
        assert_true(says(rows[i].says));
        assert_false(rows[i].not &&says(rows[i].not ));
        stop(&h);
    }
}

/* RFC 6066, 3: "It is NOT RECOMMENDED to send a warning-level unrecognized_name(112) alert"; near miss: none was sent.
 */
static void test_name_warned(void **state)
{
    (void)state;
    for (unsigned warned = 0; warned < 2; warned++) {
        struct offer o = usual();
        hello(say(&d, WT_CLIENT), &o);
        struct flight *f = say(&d, WT_SERVER);
        if (warned)
            alert(f, 1, 112);
        answer(f, WT_TLS12, true, true);
        alert(say(&d, WT_CLIENT), 2, 40);
        hear_alone(&h, &d, FIN);
        if (warned)
            expect("unrecognized-server-name", WT_FAULT_SERVER, true);
        else
            expect("rejected-by-client", WT_FAULT_NONE, false);
        stop(&h);
    }
}

/* A reset does not say who sent it: probable, and the path as the alternative. */
static void test_reset(void **state)
{
    (void)state;
    struct offer o = usual();
    hello(say(&d, WT_CLIENT), &o);
    answer(say(&d, WT_SERVER), WT_TLS12, true, true);
    hear_alone(&h, &d, RST);
    if (*h.cause) {
        assert_string_equal(h.cause, "closed-during-handshake");
        assert_true(h.probable);
        assert_true(says("between"));
    }
    stop(&h);
}

/* A Certificate with one certificate, so that the message is `n` bytes long, in records of `each` bytes. */
static void long_certificate(struct flight *f, size_t n, size_t each)
{
    const size_t list = n - 3, one = n - 6;
    uint8_t *message = calloc(1, 4 + n);
    const uint8_t head[] = {WT_HANDSHAKE_CERTIFICATE, (uint8_t)(n >> 16),   (uint8_t)(n >> 8), (uint8_t)n,
                            (uint8_t)(list >> 16),    (uint8_t)(list >> 8), (uint8_t)list,     (uint8_t)(one >> 16),
                            (uint8_t)(one >> 8),      (uint8_t)one};
    assert_non_null(message);
    memcpy(message, head, sizeof head);
    for (size_t at = 0; at < 4 + n; at += each)
        add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of(message + at, 4 + n - at < each ? 4 + n - at : each));
    free(message);
}

static void rejected(const struct offer *o, size_t n, size_t each, uint8_t description)
{
    hello(say(&d, WT_CLIENT), o);
    struct flight *f = say(&d, WT_SERVER);
    answer(f, WT_TLS12, true, true);
    long_certificate(f, n, each);
    alert(say(&d, WT_CLIENT), 2, description);
    hear_alone(&h, &d, FIN);
    assert_int_equal(h.c.state, WT_FAILED);
}

/* RFC 6066, 4: the server need not accept max_fragment_length. A client that asked for it and then ends the handshake
 * had no room; near misses: records that keep to it all the same, an alert about the certificate (which is no DER here,
 * so that alerts that name no message would be about that, too), and a client that asked for nothing. */
static void test_fragment_ignored(void **state)
{
    (void)state;
    struct offer o = usual();
    o.max_fragment_length = 2; /* 2^10 */
    static const uint8_t alerts[] = {WT_ALERT_RECORD_OVERFLOW, WT_ALERT_ILLEGAL_PARAMETER, WT_ALERT_DECODE_ERROR};
    for (size_t i = 0; i < sizeof alerts; i++) {
        rejected(&o, 3000, 16384, alerts[i]);
        expect("rejected-by-client", WT_FAULT_BOTH, true);
        assert_true(says("at most 1024 bytes (max_fragment_length)"));
        assert_true(says("a record of 3004 bytes"));
        stop(&h);
    }
    rejected(&o, 3000, 1024, WT_ALERT_RECORD_OVERFLOW);
    assert_false(says("at most 1024 bytes"));
    stop(&h);
    rejected(&o, 3000, 16384, WT_ALERT_BAD_CERTIFICATE);
    assert_string_not_equal(h.cause, "rejected-by-client");
    stop(&h);
    o.max_fragment_length = 0;
    rejected(&o, 3000, 16384, WT_ALERT_RECORD_OVERFLOW);
    expect("malformed-message", WT_FAULT_SERVER, true);
    stop(&h);
}

/* Libraries bound what they keep for a peer; near misses: a byte less, and an alert about the certificate. */
static void test_message_long(void **state)
{
    static const struct {
        size_t n;
        uint8_t alert;
        const char *names; /* NULL: it is about something else */
    } rows[] = {
        {102401, WT_ALERT_ILLEGAL_PARAMETER, "OpenSSL"},
        {102400, WT_ALERT_DECODE_ERROR, "Go, rustls, s2n-tls"},
        {32769, WT_ALERT_UNEXPECTED_MESSAGE, "Java"},
        {32768, WT_ALERT_ILLEGAL_PARAMETER, NULL},
        {102401, WT_ALERT_UNKNOWN_CA, NULL},
        {102401, WT_ALERT_USER_CANCELED, NULL},
    };
    (void)state;
    struct offer o = usual();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rejected(&o, rows[i].n, 16384, rows[i].alert);
        if (rows[i].names) {
            expect("rejected-by-client", WT_FAULT_BOTH, true);
            assert_true(says(rows[i].names));
            assert_true(says("jdk.tls.maxHandshakeMessageSize"));
        } else {
            assert_false(says("bytes long, and the other side"));
        }
        stop(&h);
    }
}

/* A successful connection. */
static void succeeds(struct hello how)
{
    tls12_handshake_of(&d, how, how);
    tell_stream(&h, &d, 0, FIN);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    forget(&d);
}

/* After that the same server rejects this offer. Whether that is said. */
static bool fails(const struct offer *o, const char *words)
{
    hello(say(&d, WT_CLIENT), o);
    alert(say(&d, WT_SERVER), 2, WT_ALERT_HANDSHAKE_FAILURE);
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
    const bool is = says(words);
    stop(&h);
    return is;
}

/* None of the suites that the server chose is offered; near miss: so many that not all are remembered. */
static void test_suites(void **state)
{
    static const uint16_t chosen[] = {0xc011, 0xc012, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02c,
                                      0xc04c, 0xc04d, 0xc060, 0xc061, 0xc076, 0xc077, 0xc08a, 0xc08b};
    const size_t most = sizeof((struct wt_server_facts *)0)->suites / sizeof *chosen;
    const struct offer o = usual();
    (void)state;
    for (size_t n = most - 1; n <= most; n++) {
        hear(&h, "whole");
        for (size_t i = 0; i < n; i++)
            succeeds((struct hello){.sni = "example.org", .suite = chosen[i]});
        assert_int_equal(fails(&o, "in successful connections the server chose"), n < most);
    }
}

/* The server rejects a ClientHello that asks for `name`, after it accepted `n` others. Whether that is said to be
 * because of the name. */
static bool is_for_name(const char *name, const char *const *others, size_t n)
{
    struct offer o = usual();
    o.name = name;
    hear(&h, "whole");
    for (size_t i = 0; i < n; i++)
        succeeds((struct hello){.sni = others[i]});
    return fails(&o, "probably because of the server name");
}

/* None of the server's successful connections asked for the name; near misses: one did, or one asked for a name that is
 * too long to be remembered. */
static void test_name(void **state)
{
    char name[WT_LIMIT_SERVER_NAME + 2] = "";
    const char *const others[] = {"example.org", name};
    (void)state;
    memset(name, 'n', WT_LIMIT_SERVER_NAME);
    assert_true(is_for_name("other.example", others, 2));
    assert_false(is_for_name(name, others, 2));
    name[WT_LIMIT_SERVER_NAME] = 'n';
    assert_false(is_for_name("other.example", others, 2));
    assert_false(is_for_name(name, others, 2));
}

/* As many names as are remembered, and one more. */
static void test_names(void **state)
{
    static const char *const others[WT_SERVER_NAMES + 1] = {"a.example", "b.example", "c.example",
                                                            "d.example", "e.example", "f.example",
                                                            "g.example", "h.example", "i.example"};
    (void)state;
    assert_true(is_for_name("other.example", others, WT_SERVER_NAMES));
    assert_false(is_for_name("other.example", others, WT_SERVER_NAMES + 1));
    assert_false(is_for_name("i.example", others, WT_SERVER_NAMES + 1));
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
        cmocka_unit_test_teardown(test_all_usual, clean),
        cmocka_unit_test_teardown(test_version_alone, clean),
        cmocka_unit_test_teardown(test_drafts, clean),
        cmocka_unit_test_teardown(test_security_level, clean),
        cmocka_unit_test_teardown(test_left_out_of_server_hello, clean),
        cmocka_unit_test_teardown(test_name_warned, clean),
        cmocka_unit_test_teardown(test_reset, clean),
        cmocka_unit_test_teardown(test_fragment_ignored, clean),
        cmocka_unit_test_teardown(test_message_long, clean),
        cmocka_unit_test_teardown(test_suites, clean),
        cmocka_unit_test_teardown(test_name, clean),
        cmocka_unit_test_teardown(test_names, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
