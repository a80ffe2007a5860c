/* Long headers that say less than usual: of a version that nobody knows, or cut off by the capture. */
#include "wire.h"

static uint8_t hello[ROOM];
/* of a connection whose server shows no certificate */
static const char cut_off[] = "capture-truncated-packets ",
                  usual[] = "handshake-step-skipped quantum-vulnerable-key-exchange ";

/* The next packet with the client's first message. */
static size_t seal_hello(void)
{
    uint8_t message[1024], frames[2048];
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const size_t n = client_hello(message, sizeof message, 0);
    const size_t all = put_crypto(frames, sizeof frames, 0, wt_span_of(message, n));
    return seal(hello, WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, all));
}

static void expect_established(bool cut)
{
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.version, V1);
    const size_t before = strlen(cut_off);
    assert_int_equal(strncmp(told.findings, cut_off, before) == 0, cut);
    assert_string_equal(told.findings + (cut ? before : 0), usual);
}

/* --- a version that nobody knows ---------------------------------------------------------------------------------- */

/* RFC 8999, 5.1: ids of up to 255 bytes; what follows them is the version's own. As version 1 has the bits, it would
 * be an Initial packet. */
static size_t put_unknown(uint8_t *out, unsigned length)
{
    enum { ALL = 1200 };
    uint8_t id[255];
    struct wt_writer w = wt_writer_start(out, ALL);
    memset(out, 0, ALL);
    memset(id, 0xaa, sizeof id);
    wt_write_u8(&w, 0xc1);
    wt_write_u32(&w, 0xe61fce95);
    wt_write_opaque(&w, wt_span_of(id, length), 1, 0, 255, "dcid");
    wt_write_opaque(&w, wt_span_of(id, length), 1, 0, 255, "scid");
    return ALL;
}

/* Alone, and behind a packet that is the connection's. */
static void send_unknown(unsigned from, unsigned length)
{
    static uint8_t packet[ROOM];
    const struct how plain = {0};
    const uint8_t ping[4] = {1};
    const size_t n = seal(packet, from, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, sizeof ping));
    send_datagram(from, packet, n + put_unknown(packet + n, length));
    send_datagram(from, packet + n, put_unknown(packet + n, length));
}

static void unknown_in_a_connection(unsigned from, unsigned length)
{
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    if (from == WT_SERVER)
        send_unknown(from, length);
    answer(&p);
    send_unknown(from, length);
    client_finishes();
    send_unknown(from, length);
    expect_established(false);
}

static void an_unknown_version_from_the_client(void **state)
{
    (void)state;
    unknown_in_a_connection(WT_CLIENT, 0);
}

static void an_unknown_version_from_the_server(void **state)
{
    (void)state;
    unknown_in_a_connection(WT_SERVER, 0);
}

static void an_unknown_version_with_long_ids(void **state)
{
    (void)state;
    unknown_in_a_connection(WT_SERVER, 255);
}

/* --- cut off by the capture --------------------------------------------------------------------------------------- */

/* The first byte, the version, and each id of 8 bytes behind its length. */
enum { BEFORE_IDS = 5, IDS = 18 };

static void again(void)
{
    (void)stop(NULL);
    (void)start(NULL);
}

/* The client repeats what the capture has cut. */
static void a_hello_cut_within_its_header(void **state)
{
    (void)state;
    for (size_t captured = BEFORE_IDS + 3; captured <= BEFORE_IDS + IDS + 4; captured++) {
        again();
        send_as(WT_CLIENT, hello, seal_hello(), captured);
        shake_hands();
        expect_established(true);
        assert_int_equal(told.packets[WT_CLIENT], 3);
    }
}

/* What the server says of the client's ids can be held to nothing. */
static void the_only_hello_is_cut_within_its_header(void **state)
{
    (void)state;
    for (size_t captured = BEFORE_IDS + 3; captured < BEFORE_IDS + IDS; captured++) {
        const struct parameters p = right_parameters();
        again();
        send_as(WT_CLIENT, hello, seal_hello(), captured);
        answer(&p);
        client_finishes();
        finish();
        assert_int_equal(told.count, 1);
        assert_int_equal(told.packets[WT_CLIENT], 2);
        assert_null(strstr(told.findings, "quic-connection-id-mismatch"));
    }
}

/* RFC 9000, 6.2: the client begins anew, and may use other ids. */
static void one_before_a_negotiation_is_cut(void **state)
{
    (void)state;
    for (size_t captured = BEFORE_IDS + 3; captured < BEFORE_IDS + IDS; captured++) {
        again();
        version = V2;
        send_as(WT_CLIENT, hello, seal_hello(), captured);
        send_negotiation(V1);
        version = V1;
        shake_hands();
        finish();
        assert_int_equal(told.count, 1);
        assert_int_equal(told.state, WT_ESTABLISHED);
        assert_null(strstr(told.findings, "quic-connection-id-mismatch"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unknown_version_from_the_client, start, stop),
        cmocka_unit_test_setup_teardown(an_unknown_version_from_the_server, start, stop),
        cmocka_unit_test_setup_teardown(an_unknown_version_with_long_ids, start, stop),
        cmocka_unit_test_setup_teardown(a_hello_cut_within_its_header, start, stop),
        cmocka_unit_test_setup_teardown(the_only_hello_is_cut_within_its_header, start, stop),
        cmocka_unit_test_setup_teardown(one_before_a_negotiation_is_cut, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
