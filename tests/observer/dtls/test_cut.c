/* Captures that begin late, or lack some of what was said: who is who, in which version, and what was not seen to fail.
 */
#include "datagrams.h"

#include "registry/registry.h"

static struct world w;
static struct wt_buffer out, room;
static const struct wt_span none;

static int begin(void **state)
{
    (void)state;
    world_begin(&w, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_end(&w);
    wt_buffer_free(&out);
    wt_buffer_free(&room);
    return 0;
}

static void say(unsigned from, uint64_t sequence, uint8_t type, uint16_t message_seq, const void *body, size_t n)
{
    handshake(&out, sequence, type, message_seq, wt_span_of(body, n));
    send_buffer(&w, from, &out);
}

static void say_hellos(void)
{
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
    send_buffer(&w, WT_CLIENT, &out);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room, 0xc02b, none));
    send_buffer(&w, WT_SERVER, &out);
}

/* What the server says behind its hello. */
static void say_flight(void)
{
    static const uint8_t server_keys[4 + 32 + 8] = {3, 0, 0x1d, 32};
    say(WT_SERVER, 1, WT_HANDSHAKE_CERTIFICATE, 1, "\0\0\7\0\0\4\60\2\5\0", 10);
    say(WT_SERVER, 2, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, 2, server_keys, sizeof server_keys);
    say(WT_SERVER, 3, WT_HANDSHAKE_SERVER_HELLO_DONE, 3, "", 0);
}

/* RFC 5246, 7.4.6: a client without a certificate "MUST send a certificate message containing no certificates". */
static void a_message_shows_who_is_who(void **state)
{
    static const uint8_t key_exchange[33] = {32};
    (void)state;
    say(WT_SERVER, 4, WT_HANDSHAKE_SERVER_HELLO_DONE, 4, "", 0);
    say(WT_CLIENT, 2, WT_HANDSHAKE_CERTIFICATE, 2, "\0\0\0", 3);
    say(WT_CLIENT, 3, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, 3, key_exchange, sizeof key_exchange);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->c.client.port, CLIENT_PORT);
    assert_int_equal(finding(t, "malformed-message"), -1);
    assert_non_null(strstr(messages_of(t), ">certificate 2"));
    assert_non_null(strstr(messages_of(t), "<server_hello_done 4"));
}

/* RFC 4346, 7.4.4: a CertificateRequest of before 1.2 has no supported_signature_algorithms; a record says which it is.
 */
static void a_record_shows_its_version(void **state)
{
    static const uint8_t request[] = {1, 1, 0, 0};
    static const uint16_t versions[] = {WT_DTLS10, WT_DTLS_OLD};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        end(NULL);
        begin(NULL);
        struct wt_buffer content = {0};
        fragment(&content, WT_HANDSHAKE_CERTIFICATE_REQUEST, 3, wt_span_of(request, sizeof request), 0, sizeof request);
        record(&out, WT_CONTENT_HANDSHAKE, versions[i], 0, 3, wt_buffer_span(&content));
        send_buffer(&w, WT_SERVER, &out);
        wt_buffer_free(&content);
        assert_int_equal(finding(world_finish(&w), "malformed-message"), -1);
    }
}

/* `whole`: the server's flight is there; `number`: of the record under new keys in which the client closes. */
static uint8_t state_of(bool whole, uint64_t number)
{
    static const uint8_t key_exchange[33] = {32}, change = 1, close[2] = {1, 0}, sealed[40] = {0};
    end(NULL);
    begin(NULL);
    say_hellos();
    if (whole)
        say_flight();
    say(WT_CLIENT, 1, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, 1, key_exchange, sizeof key_exchange);
    record(&out, WT_CONTENT_CHANGE_CIPHER_SPEC, WT_DTLS12, 0, 2, wt_span_of(&change, 1));
    record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 1, number, wt_span_of(sealed, sizeof sealed));
    record(&out, WT_CONTENT_ALERT, WT_DTLS12, 0, 3, wt_span_of(close, sizeof close));
    send_buffer(&w, WT_CLIENT, &out);
    return (uint8_t)world_finish(&w)->c.state;
}

/* Who closes before both have finished has failed, where all that was said is there. */
static void what_is_missing_did_not_fail(void **state)
{
    (void)state;
    assert_int_equal(state_of(true, 0), WT_FAILED);
    assert_int_equal(state_of(false, 0), WT_INCOMPLETE);
    assert_int_equal(state_of(true, 1), WT_INCOMPLETE);
}

/* RFC 5246, 7.3: a server that changes its keys has got the client's Finished, which the capture lacks. */
static void a_server_closes_behind_what_is_missing(void **state)
{
    static const uint8_t change = 1, close[2] = {1, 0}, sealed[40] = {0};
    (void)state;
    for (unsigned changes = 0; changes < 2; changes++) {
        end(NULL);
        begin(NULL);
        say_hellos();
        say_flight();
        if (changes) {
            record(&out, WT_CONTENT_CHANGE_CIPHER_SPEC, WT_DTLS12, 0, 4, wt_span_of(&change, 1));
            record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 1, 0, wt_span_of(sealed, sizeof sealed));
        }
        record(&out, WT_CONTENT_ALERT, WT_DTLS12, 0, 5 - !changes, wt_span_of(close, sizeof close));
        send_buffer(&w, WT_SERVER, &out);
        assert_int_equal(world_finish(&w)->c.state, changes ? WT_INCOMPLETE : WT_FAILED);
    }
}

static void sealed_record(unsigned from, uint8_t type, uint64_t sequence)
{
    static const uint8_t sealed[40] = {0};
    record(&out, type, WT_DTLS12, 1, sequence, wt_span_of(sealed, sizeof sealed));
    send_buffer(&w, from, &out);
}

/* RFC 5246, 7.4.9: who sends application data has finished; the server has seen then that the client has. An alert
 * behind them rejects nothing. */
static void data_behind_what_is_missing(void **state)
{
    (void)state;
    for (unsigned answered = 0; answered < 2; answered++) {
        end(NULL);
        begin(NULL);
        handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
        send_buffer(&w, WT_CLIENT, &out);
        sealed_record(WT_SERVER, WT_CONTENT_HANDSHAKE, 0);
        if (answered)
            sealed_record(WT_SERVER, WT_CONTENT_APPLICATION_DATA, 1);
        sealed_record(WT_CLIENT, WT_CONTENT_ALERT, 2);
        w.now += 60000000000;
        sealed_record(WT_SERVER, WT_CONTENT_ALERT, 2);
        const struct told *t = world_finish(&w);
        assert_int_equal(t->c.state == WT_ESTABLISHED, answered);
        assert_int_equal(finding(t, "rejected-by-client"), -1);
    }
}

/* RFC 792: type 3, code 3 about a datagram of that side's, by the other's host. */
static void send_unreachable(unsigned about)
{
    uint8_t packet[56] = {0x45, [3] = 56, [8] = 64, [9] = 1, [20] = 3, 3, [28] = 0x45, [31] = 100, [36] = 64, 17};
    const uint8_t hosts[2] = {1, 2};
    const uint16_t ports[2] = {CLIENT_PORT, SERVER_PORT};
    static const uint8_t net[4] = {192, 0, 2};
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *at = packet + (i ? 40 : 12);
        const unsigned from = i ? about : !about;
        memcpy(at, net, 4);
        memcpy(at + 4, net, 4);
        at[3] = hosts[from];
        at[7] = hosts[!from];
    }
    for (unsigned i = 0; i < 2; i++) {
        packet[48 + 2 * i] = (uint8_t)(ports[i ? !about : about] >> 8);
        packet[49 + 2 * i] = (uint8_t)ports[i ? !about : about];
    }
    packet[53] = 80;
    const struct wt_packet p = {.frame = ++w.frame,
                                .link = 101,
                                .time = {w.now += 1000000, 6},
                                .length = sizeof packet,
                                .original = sizeof packet,
                                .data = packet};
    wt_observer_packet(w.observer, &p);
}

enum after { NOTHING, DATA, ALERT, OTHERS, AFTERS };

/* Of a capture of one direction. What a host reports behind its own data or alert comes too late for it, and what it
 * reports where others share the ports may be about them. */
static void errors_that_end_no_handshake(void **state)
{
    static const uint8_t rtp[40] = {0x80, 0x6f, 0, 1};
    (void)state;
    for (enum after after = NOTHING; after < AFTERS; after++) {
        end(NULL);
        begin(NULL);
        handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
        send_buffer(&w, WT_CLIENT, &out);
        if (after == DATA)
            sealed_record(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1);
        if (after == ALERT)
            sealed_record(WT_CLIENT, WT_CONTENT_ALERT, 1);
        if (after == OTHERS)
            send_bytes(&w, WT_CLIENT, wt_span_of(rtp, sizeof rtp));
        send_unreachable(WT_SERVER);
        assert_int_equal(world_finish(&w)->c.state, after == NOTHING ? WT_FAILED : WT_INCOMPLETE);
    }
}

/* A client that repeats its hello and sends data then has got what the capture of one direction lacks. */
static void data_behind_what_was_sent_again(void **state)
{
    (void)state;
    for (unsigned data = 0; data < 2; data++) {
        end(NULL);
        begin(NULL);
        for (uint64_t i = 0; i < 4; i++) {
            w.now += 2000000000;
            handshake(&out, i, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
            send_buffer(&w, WT_CLIENT, &out);
        }
        if (data)
            sealed_record(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1);
        w.now += 60000000000;
        w.client_port++;
        handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x44, "", none));
        send_buffer(&w, WT_CLIENT, &out);
        assert_int_equal(world_finish(&w)->c.state, data ? WT_INCOMPLETE : WT_FAILED);
    }
}

/* RFC 8446, 4.1.4: a HelloRetryRequest that the capture lacks, and which the numbers of messages tell, asked for the
 * group that the ServerHello answers with. */
static void a_retry_that_is_missing(void **state)
{
    static const uint8_t offered[] = {0,    0x2b, 0, 3, 2, 0xfe, 0xfc, 0, 0x0a, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, 0,
                                      0x0d, 0,    4, 0, 2, 4,    3,    0, 0x33, 0, 7, 0, 5, 0, 0x1d, 0, 1,    9};
    static const uint8_t chosen[] = {0, 0x2b, 0, 2, 0xfe, 0xfc, 0, 0x33, 0, 5, 0, 0x17, 0, 1, 9};
    (void)state;
    for (unsigned lost = 0; lost < 2; lost++) {
        end(NULL);
        begin(NULL);
        handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0,
                  client_hello(&room, 0x43, "", wt_span_of(offered, sizeof offered)));
        send_buffer(&w, WT_CLIENT, &out);
        handshake(&out, lost, WT_HANDSHAKE_SERVER_HELLO, (uint16_t)lost,
                  server_hello(&room, 0x1301, wt_span_of(chosen, sizeof chosen)));
        send_buffer(&w, WT_SERVER, &out);
        const struct told *t = world_finish(&w);
        assert_true(t->c.server_hello_seen);
        assert_int_equal(finding(t, "malformed-message") >= 0, !lost);
    }
}

/* Nobody answers what the client says again and again; or the answer is in the packet that the snapshot length cut. */
static void silence_behind_a_cut_packet(void **state)
{
    static const uint8_t key_exchange[33] = {32};
    for (int cut = 0; cut < 2; cut++) {
        say_hellos();
        say_flight();
        handshake(&out, 4, WT_HANDSHAKE_SERVER_HELLO_DONE, 4, none);
        if (cut)
            send_cut(&w, WT_SERVER, wt_buffer_span(&out), 15);
        wt_buffer_free(&out);
        for (uint64_t i = 0; i < 5; i++) {
            w.now += 2000000000;
            say(WT_CLIENT, 1 + i, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, 1, key_exchange, sizeof key_exchange);
        }
        const struct told *t = world_finish(&w);
        assert_int_equal(t->c.state, cut ? WT_INCOMPLETE : WT_FAILED);
        assert_int_equal(finding(t, "handshake-stalled") >= 0, !cut);
        (void)end(state), (void)begin(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_shows_who_is_who, begin, end),
        cmocka_unit_test_setup_teardown(silence_behind_a_cut_packet, begin, end),
        cmocka_unit_test_setup_teardown(a_record_shows_its_version, begin, end),
        cmocka_unit_test_setup_teardown(what_is_missing_did_not_fail, begin, end),
        cmocka_unit_test_setup_teardown(a_server_closes_behind_what_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(data_behind_what_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(errors_that_end_no_handshake, begin, end),
        cmocka_unit_test_setup_teardown(data_behind_what_was_sent_again, begin, end),
        cmocka_unit_test_setup_teardown(a_retry_that_is_missing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
