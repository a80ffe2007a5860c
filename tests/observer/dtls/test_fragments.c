/* Handshake messages over datagrams: put together from fragments in any order, told once and in their turn, what comes
 * again counted; cookies; contradictions. */
#include "datagrams.h"

#include "registry/registry.h"

static struct world w;
static struct wt_buffer out, room[4];

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
    for (size_t i = 0; i < 4; i++)
        wt_buffer_free(&room[i]);
    return 0;
}

static const struct wt_span none;

static void client_says(uint64_t sequence, uint16_t message_seq, const char *cookie)
{
    handshake(&out, sequence, WT_HANDSHAKE_CLIENT_HELLO, message_seq, client_hello(&room[0], 0x43, cookie, none));
    send_buffer(&w, WT_CLIENT, &out);
}

/* The messages of a server's flight, of one value each, behind a ServerHello of number 0. */
static struct wt_span body_of(unsigned i)
{
    static uint8_t bodies[3][64] = {{0}};
    memset(bodies[i], 'a' + (int)i, sizeof bodies[i]);
    return wt_span_of(bodies[i], sizeof bodies[i]);
}

static void a_message_whole_in_its_record(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room[1], 0xc02b, none));
    handshake(&out, 1, WT_HANDSHAKE_SERVER_HELLO_DONE, 1, none);
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_non_null(t);
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0, <server_hello_done 1");
    assert_int_equal(t->c.protocol, WT_PROTOCOL_DTLS);
    assert_int_equal(t->c.version, WT_DTLS12);
    assert_int_equal(t->c.client.port, CLIENT_PORT);
    assert_int_equal(t->ja4[0], 'd');
    assert_int_equal(t->dtls.records, 3);
    assert_int_equal(t->dtls.fragments, 0);
    assert_int_equal(t->dtls.retransmissions, 0);
    assert_int_equal(t->messages[1].epoch, 0);
    assert_true(t->messages[1].flags & WT_MESSAGE_SEQUENCE);
    assert_int_equal(t->dtls.list_count, 3);
    assert_int_equal(t->list[2].sequence, 1);
    assert_int_equal(t->list[2].length, 12);
}

/* RFC 6347, 4.2.3: "When a DTLS implementation receives a handshake message fragment, it MUST buffer it until it has
 * the entire handshake message. DTLS implementations MUST be able to handle overlapping fragment ranges." */
static void fragments_come_in_any_order(void **state)
{
    static const uint8_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++) {
        struct world mine;
        world_begin(&mine, NULL);
        const struct wt_span hello = client_hello(&room[0], 0x43, "", none);
        for (size_t i = 0; i < 4; i++) {
            const size_t at = orders[o][i] * (hello.n / 4), most = hello.n - at;
            /* four bytes more than its part: they overlap */
            const size_t n = orders[o][i] == 3 || hello.n / 4 + 4 > most ? most : hello.n / 4 + 4;
            struct wt_buffer content = {0};
            fragment(&content, WT_HANDSHAKE_CLIENT_HELLO, 0, hello, at, n);
            record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS10, 0, i, wt_buffer_span(&content));
            send_buffer(&mine, WT_CLIENT, &out);
            wt_buffer_free(&content);
        }
        const struct told *t = world_finish(&mine);
        assert_non_null(t);
        assert_string_equal(messages_of(t), ">client_hello 0");
        assert_int_equal(t->messages[0].frame, 4);
        assert_int_equal(t->messages[0].length, hello.n);
        assert_int_equal(t->messages[0].records, 4);
        assert_int_equal(t->dtls.fragments, 4);
        assert_int_equal(finding(t, "dtls-fragment-conflict"), -1);
        world_end(&mine);
    }
}

/* 4.2.2: "If it is greater than next_receive_seq, the implementation SHOULD queue the message". Told in their turn, as
 * of the packets that brought them. */
static void messages_wait_for_their_turn(void **state)
{
    (void)state;
    client_says(0, 0, "");
    static const uint8_t types[] = {WT_HANDSHAKE_CERTIFICATE, WT_HANDSHAKE_SERVER_KEY_EXCHANGE};
    for (uint16_t i = 2; i > 0; i--) {
        handshake(&out, i, types[i - 1], i, body_of(i));
        send_buffer(&w, WT_SERVER, &out);
    }
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room[1], 0xc02b, none));
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0, <certificate 1, <server_key_exchange 2");
    assert_int_equal(t->messages[1].frame, 4);
    assert_int_equal(t->messages[2].frame, 3);
    assert_int_equal(t->messages[3].frame, 2);
}

/* What never comes is not waited for once the other messages are all that there is. */
static void a_lost_message_is_passed_over(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room[1], 0xc02b, none));
    handshake(&out, 2, WT_HANDSHAKE_SERVER_HELLO_DONE, 2, none);
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0, <server_hello_done 2");
}

/* 4.2.1, and RFC 6347, 4.2.2, figure: the cookie comes back under the next number. */
static void cookies_are_exchanged(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 0, WT_HANDSHAKE_HELLO_VERIFY_REQUEST, 0, verify_request(&room[1], "cake"));
    send_buffer(&w, WT_SERVER, &out);
    client_says(1, 1, "cake");
    handshake(&out, 1, WT_HANDSHAKE_SERVER_HELLO, 1, server_hello(&room[1], 0xc02b, none));
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <hello_verify_request 0, >client_hello 1, <server_hello 1");
    assert_string_equal(t->cookie, "63616b65");
    assert_int_equal(t->ja4[0], 'd');
    assert_int_equal(t->ja4_string[0], 'd'); /* of the second hello as well, whose strings are remembered */
    const int at = finding(t, "dtls-cookie-exchange");
    assert_true(at >= 0);
    assert_int_equal(t->finding_frame[at], 2);
    assert_int_equal(finding(t, "unexpected-message"), -1);
}

/* The two sides' datagrams may overtake each other on their way to the capture: hellos are told behind what they
 * answer. */
static void hellos_wait_for_what_they_answer(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 1, WT_HANDSHAKE_SERVER_HELLO, 1, server_hello(&room[1], 0xc02b, none));
    send_buffer(&w, WT_SERVER, &out);
    client_says(1, 1, "cake");
    handshake(&out, 0, WT_HANDSHAKE_HELLO_VERIFY_REQUEST, 0, verify_request(&room[1], "cake"));
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->message_count, 4);
    assert_int_equal(t->c.version, WT_DTLS12);
    assert_int_equal(t->c.renegotiations, 0);
    assert_string_equal(t->cookie, "63616b65");
}

/* Where one never comes, data show that it is not to be waited for. */
static void data_end_the_waiting(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 1, WT_HANDSHAKE_SERVER_HELLO, 1, server_hello(&room[1], 0xc02b, none));
    send_buffer(&w, WT_SERVER, &out);
    for (uint64_t i = 0; i < 10; i++) {
        record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, i, wt_span_text("sealed"));
        send_buffer(&w, WT_SERVER, &out);
    }
    client_says(9, 0, "");
    const struct told *t = world_finish(&w);
    assert_int_equal(t->c.version, WT_DTLS12);
    assert_int_equal(t->dtls.retransmissions, 1);
}

/* 4.2.4: by the timer, and by the other side's that was sent again. */
static void repeats_are_counted_with_their_timer(void **state)
{
    (void)state;
    client_says(0, 0, "");
    w.now += INT64_C(1000000000);
    client_says(1, 0, "");
    w.now += INT64_C(2000000000);
    client_says(2, 0, "");
    for (uint64_t i = 0; i < 2; i++) {
        handshake(&out, i, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room[1], 0xc02b, none));
        send_buffer(&w, WT_SERVER, &out);
        w.now += INT64_C(100000000);
        if (!i)
            client_says(3, 0, "");
    }
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0");
    assert_int_equal(t->dtls.retransmissions, 4);
    const int at = finding(t, "dtls-retransmissions");
    assert_true(at >= 0);
    assert_int_equal(t->finding_frame[at], 2);
    assert_non_null(strstr(t->text[at], "The client sent handshake messages again (messages: 3, rounds: 3)"));
    assert_non_null(strstr(t->text[at], "first after 1.001 s"));
    assert_non_null(strstr(t->text[at + 1], "The server sent handshake messages again (messages: 1, rounds: 1)"));
    assert_non_null(strstr(t->text[at + 1], "the other side had sent its own again"));
}

/* The first bytes win, of fragments as of whole messages. */
static void contradictions_are_found(void **state)
{
    (void)state;
    struct wt_buffer content = {0};
    client_says(0, 0, "");
    const struct wt_span a = body_of(0), b = body_of(1);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room[1], 0xc02b, none));
    fragment(&content, WT_HANDSHAKE_CERTIFICATE, 1, a, 16, 16);
    record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, 1, wt_buffer_span(&content));
    content.n = 0;
    fragment(&content, WT_HANDSHAKE_CERTIFICATE, 1, b, 8, 16);
    record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, 2, wt_buffer_span(&content));
    send_buffer(&w, WT_SERVER, &out);
    handshake(&out, 9, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room[0], 0x43, "another", none));
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    wt_buffer_free(&content);
    const int at = finding(t, "dtls-fragment-conflict");
    assert_true(at >= 0);
    assert_non_null(strstr(t->text[at], "The server sent parts of its handshake message 1 twice"));
    assert_non_null(strstr(t->text[at + 1], "The client sent parts of its handshake message 0 twice"));
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0");
}

/* A record once more: RFC 6347, 4.1.2.6. At once, it is the capture that has its packet twice. */
static void copies_are_told_once(void **state)
{
    (void)state;
    const uint8_t alert[2] = {2, 40};
    client_says(0, 0, "");
    for (int i = 0; i < 3; i++) {
        w.now += i == 1 ? 2 * WT_LIMIT_COPY_NS : 0;
        record(&out, WT_CONTENT_ALERT, WT_DTLS12, 0, 0, wt_span_of(alert, 2));
        send_buffer(&w, WT_SERVER, &out);
    }
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <alert");
    assert_int_equal(t->c.alert_count, 1);
    assert_int_equal(t->c.state, WT_FAILED);
    assert_int_equal(t->dtls.replays, 1);
    assert_true(t->list[2].again);
    const int at = finding(t, "dtls-replay");
    assert_true(at >= 0);
    assert_int_equal(t->finding_frame[at], 3);
    assert_int_equal(t->finding_frame[finding(t, "capture-duplicates")], 4);
}

/* 4.2.8: "it receives an epoch=0 ClientHello": another connection between the same ends. */
static void another_hello_is_another_connection(void **state)
{
    (void)state;
    client_says(0, 0, "");
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room[0], 0x44, "", none));
    send_buffer(&w, WT_CLIENT, &out);
    (void)world_finish(&w);
    assert_int_equal(w.told_count, 2);
    for (int i = 0; i < 2; i++)
        assert_string_equal(messages_of(&w.told[i]), ">client_hello 0");
}

/* What is no fragment, or lies about its length, says nothing and harms nothing. */
static void what_is_wrong_is_a_finding(void **state)
{
    (void)state;
    client_says(0, 0, "");
    const uint8_t lies[] = {WT_HANDSHAKE_SERVER_HELLO, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 2, 1, 2};
    record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, 5, wt_span_of(lies, sizeof lies));
    send_buffer(&w, WT_CLIENT, &out);
    record(&out, WT_CONTENT_ALERT, WT_DTLS12, 0, 6, wt_span_text("\2\50"));
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, >alert");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_whole_in_its_record, begin, end),
        cmocka_unit_test_setup_teardown(fragments_come_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(messages_wait_for_their_turn, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_message_is_passed_over, begin, end),
        cmocka_unit_test_setup_teardown(cookies_are_exchanged, begin, end),
        cmocka_unit_test_setup_teardown(hellos_wait_for_what_they_answer, begin, end),
        cmocka_unit_test_setup_teardown(data_end_the_waiting, begin, end),
        cmocka_unit_test_setup_teardown(repeats_are_counted_with_their_timer, begin, end),
        cmocka_unit_test_setup_teardown(contradictions_are_found, begin, end),
        cmocka_unit_test_setup_teardown(copies_are_told_once, begin, end),
        cmocka_unit_test_setup_teardown(another_hello_is_another_connection, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_a_finding, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
