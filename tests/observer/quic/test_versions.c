/* Version Negotiation: whether the client finds another version, and where. */
#include "wire.h"

static bool found(const char *id)
{
    const char *at = strstr(told.findings, id);
    return at && at[strlen(id)] == ' ';
}

/* RFC 9000, 6.2. */
static void negotiate_from(uint32_t offered)
{
    version = V2;
    say_client_hello((struct wt_span){0}, 0);
    send_negotiation(offered);
}

static void negotiate(void)
{
    negotiate_from(V1);
}

/* 6.2: "A client MUST discard a Version Negotiation packet that lists the QUIC version selected by the client." */
static void a_negotiation_that_is_discarded(void **state)
{
    (void)state;
    negotiate_from(V2);
    finish();
    assert_int_equal(told.state, WT_INCOMPLETE);
    assert_false(found("version-negotiation-failed"));
    assert_false(found("quic-version-negotiation"));
}

static void no_version_in_common(void **state)
{
    (void)state;
    negotiate();
    finish();
    assert_int_equal(told.state, WT_FAILED);
    assert_true(found("version-negotiation-failed"));
    assert_true(told.probable);
}

/* A client that goes on does so at once: what comes later shows that it has not. */
static void no_version_for_certain(void **state)
{
    (void)state;
    negotiate();
    now += 3000000000;
    ends[WT_CLIENT].port = 1;
    send_datagram(WT_CLIENT, (const uint8_t *)"something else", 14);
    finish();
    assert_int_equal(told.state, WT_FAILED);
    assert_true(found("version-negotiation-failed"));
    assert_false(told.probable);
}

/* What is told of the first of two connections: `hear` keeps the last. */
static struct told first;

static void hear_first(void *context, const struct wt_connection *c)
{
    hear(context, c);
    if (told.count == 1)
        first = told;
}

/* The client begins anew, from another port; `address` is that of its host. */
static void anew(uint32_t address, int64_t after, uint32_t with, bool expected)
{
    wt_observer_free(o);
    const struct wt_observer_options options = {.size = sizeof options, .connection = hear_first, .keys = keys};
    o = wt_observer_new(&options, NULL);
    assert_non_null(o);
    wt_observer_file(o, "capture");
    negotiate();
    now += after;
    version = with;
    ends[WT_CLIENT].port++;
    ends[WT_CLIENT].address = address;
    memset(first_id, 0xe1, sizeof first_id);
    memset(ends[WT_CLIENT].id, 0xe2, sizeof ends[WT_CLIENT].id);
    shake_hands();
    finish();
    assert_int_equal(told.count, 2);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_false(found("quic-version-negotiation"));
    told = first;
    assert_int_equal(first.state, expected ? WT_INCOMPLETE : WT_FAILED);
    assert_int_equal(found("quic-version-negotiation"), expected);
    assert_int_equal(found("version-negotiation-failed"), !expected);
}

static void anew_from_another_port(void **state)
{
    (void)state;
    anew(1, 0, V1, true);
}

static void anew_from_another_host(void **state)
{
    (void)state;
    anew(7, 0, V1, false);
}

static void anew_much_later(void **state)
{
    (void)state;
    anew(1, 20000000000, V1, false);
}

static void anew_with_what_was_refused(void **state)
{
    (void)state;
    anew(1, 0, V2, false);
}

/* Google's Q050: packets of the drafts with frames of its own, of which CRYPTO (0x08) has the client's hello. */
static void a_host_in_an_initial_packet(void **state)
{
    static const char frames[] = "\x08\0\x23"
                                 "CHLO\1\0\0\0SNI\0\x0f\0\0\0www.example.org"
                                 "\0\0\0\0";
    const struct how how = {.to = first_id, .to_length = first_id_length};
    (void)state;
    version = 0x51303530;
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, sizeof frames - 1));
    finish();
    assert_int_equal(told.count, 1);
    assert_string_equal(told.sni, "www.example.org");
    assert_int_equal(told.opened[WT_CLIENT], 1);
    assert_int_equal(told.state, WT_INCOMPLETE);
    assert_string_equal(told.findings, "");
}

/* TLCP's is a version of TLS records in a stream: a hello that offers it is QUIC's nonetheless. */
static void a_hello_of_tlcp(void **state)
{
    static const uint8_t offers_tls13[] = {0, WT_EXT_SUPPORTED_VERSIONS, 0, 3, 2, 3, 4};
    const struct how how = {.to = first_id, .to_length = first_id_length};
    uint8_t hello[1024];
    (void)state;
    const size_t n = client_hello(hello, sizeof hello, 0);
    uint8_t *versions = memmem(hello, n, offers_tls13, sizeof offers_tls13);
    assert_non_null(versions);
    versions[0] = 0xff; /* an extension that nobody knows; then legacy_version is what it offers */
    hello[4] = hello[5] = 1;
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(hello, n));
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.opened[WT_CLIENT], 1);
    assert_int_equal(told.protocol, WT_PROTOCOL_QUIC);
}

/* Google's Q035: its Version Negotiation packet has the version flag of a client's first packets. */
static void who_sent_the_first_packet(void **state)
{
    static const uint8_t negotiation[] = "\x09"
                                         "12345678"
                                         "Q035Q034Q033Q032";
    static const uint8_t hello[] = "\x09"
                                   "12345678"
                                   "Q035"
                                   "\1CHLO\0\0\0\0";
    static const struct {
        const uint8_t *packet;
        size_t n;
        unsigned from;
        uint16_t client_port;
    } rows[] = {{negotiation, sizeof negotiation - 1, WT_SERVER, 50000},
                {negotiation, sizeof negotiation - 1, WT_CLIENT, 50000},
                {hello, sizeof hello - 1, WT_SERVER, 443}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        send_datagram(rows[i].from, rows[i].packet, rows[i].n);
        finish();
        assert_int_equal(told.count, 1);
        assert_int_equal(told.client_port, rows[i].client_port);
        (void)stop(state), (void)start(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_negotiation_that_is_discarded, start, stop),
        cmocka_unit_test_setup_teardown(no_version_in_common, start, stop),
        cmocka_unit_test_setup_teardown(no_version_for_certain, start, stop),
        cmocka_unit_test_setup_teardown(anew_from_another_port, start, stop),
        cmocka_unit_test_setup_teardown(anew_from_another_host, start, stop),
        cmocka_unit_test_setup_teardown(anew_much_later, start, stop),
        cmocka_unit_test_setup_teardown(anew_with_what_was_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_host_in_an_initial_packet, start, stop),
        cmocka_unit_test_setup_teardown(a_hello_of_tlcp, start, stop),
        cmocka_unit_test_setup_teardown(who_sent_the_first_packet, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
