/* What is kept of one connection, at its limit and just below. */
#include "segments.h"

static struct flight *from_client(void)
{
    return say(&d, WT_CLIENT);
}

static struct flight *from_server(void)
{
    return say(&d, WT_SERVER);
}

static void hellos(void)
{
    client_hello(from_client(), (struct hello){0});
    server_hello(from_server(), (struct hello){0});
}

static void hear_whole(void)
{
    hear(&h, "whole");
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
}

/* A handshake message of any length, in as many records as it takes. */
static void long_message(struct flight *f, uint8_t type, const uint8_t *body, size_t n)
{
    struct wt_buffer b = {0};
    const uint8_t head[4] = {type, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    wt_buffer_add(&b, head, sizeof head);
    wt_buffer_add(&b, body, n);
    for (struct wt_span rest = wt_buffer_span(&b); rest.n; rest = wt_span_cut(rest, 16384, rest.n))
        add_record(f, WT_CONTENT_HANDSHAKE, wt_span_cut(rest, 0, 16384));
    wt_buffer_free(&b);
}

static size_t occurrences(const char *text)
{
    size_t n = 0;
    for (const char *at = (const char *)h.json.p; (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* Bodies of messages: with what keeps them, a message in 16 of its limit does not fit. */
static void test_message_bytes(void **state)
{
    enum { BIG = WT_LIMIT_MESSAGE_BYTES / 16 - 256 };
    uint8_t *body = calloc(1, BIG);
    uint64_t said[2];
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        hellos();
        struct flight *f = from_server();
        for (unsigned i = 0; i < 15 + 2 * more; i++)
            long_message(f, WT_HANDSHAKE_CERTIFICATE_STATUS, body, BIG);
        hear_whole();
        assert_int_equal(h.messages, 2 + 15 + 2 * more);
        assert_int_equal(occurrences("\"cut\":true"), more);
        said[more] =
            undecoded(&h, "message_limit"); /* which counts what is not proved for want of a whole transcript, too */
        stop(&h);
    }
    assert_int_equal(said[1], said[0] + 1);
    free(body);
}

static void test_messages(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct wt_observer_options options = {.size = sizeof options, .keep_messages = true};
        h = (struct heard){.observer = wt_observer_new(&options, NULL)};
        hellos();
        struct flight *f = from_server();
        for (unsigned i = 0; i < WT_LIMIT_MESSAGES - 2 + more; i++)
            data(f, 0);
        tell_stream(&h, &d, 0, FIN);
        forget(&d);
        assert_int_equal(undecoded(&h, "message_limit"), more);
        stop(&h);
    }
}

static void test_alerts(void **state)
{
    (void)state;
    for (unsigned n = WT_LIMIT_ALERTS - 1; n <= WT_LIMIT_ALERTS + 1; n++) {
        hellos();
        struct flight *f = from_server();
        for (unsigned i = 0; i < n; i++)
            alert(f, 1, WT_ALERT_NO_RENEGOTIATION);
        hear_whole();
        assert_int_equal(h.alerts, n < WT_LIMIT_ALERTS ? n : WT_LIMIT_ALERTS);
        assert_int_equal(h.messages, 2 + n);
        stop(&h);
    }
}

static void test_chain(void **state)
{
    (void)state;
    for (unsigned n = WT_LIMIT_CHAIN - 1; n <= WT_LIMIT_CHAIN + 1; n++) {
        uint8_t body[3 + 7 * (WT_LIMIT_CHAIN + 1)];
        hellos();
        put(body, 7 * n, 3);
        for (unsigned i = 0; i < n; i++)
            memcpy(body + 3 + 7 * i, (uint8_t[]){0, 0, 4, 0x30, 2, 5, 0}, 7);
        long_message(from_server(), WT_HANDSHAKE_CERTIFICATE, body, 3 + 7 * n);
        hear_whole();
        assert_int_equal(h.c.certificate_count[WT_SERVER], n < WT_LIMIT_CHAIN ? n : WT_LIMIT_CHAIN);
        stop(&h);
    }
}

/* RFC 5246, 6.2.1: "The length MUST NOT exceed 2^14." */
static void test_plaintext(void **state)
{
    static const uint8_t body[WT_LIMIT_PLAINTEXT + 1];
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        hellos();
        struct wt_buffer one = {0};
        const uint8_t head[4] = {WT_HANDSHAKE_CERTIFICATE_STATUS, 0, (uint8_t)((WT_LIMIT_PLAINTEXT - 4 + more) >> 8),
                                 (uint8_t)(WT_LIMIT_PLAINTEXT - 4 + more)};
        wt_buffer_add(&one, head, 4);
        wt_buffer_add(&one, body, WT_LIMIT_PLAINTEXT - 4 + more);
        add_record(from_server(), WT_CONTENT_HANDSHAKE, wt_buffer_span(&one));
        hear_whole();
        assert_int_equal(strstr((const char *)h.json.p, "2^14") != NULL, more);
        stop(&h);
        wt_buffer_free(&one);
    }
}

/* RFC 5246, 6.2.3: "The length MUST NOT exceed 2^14 + 2048." */
static void test_record(void **state)
{
    static const uint8_t body[WT_LIMIT_RECORD + 1];
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        hellos();
        struct flight *f = from_server();
        ccs_finished(f);
        add_record(f, WT_CONTENT_APPLICATION_DATA, wt_span_of(body, WT_LIMIT_RECORD + more));
        hear_whole();
        assert_int_equal(strstr((const char *)h.json.p, "2^14") != NULL, more);
        stop(&h);
    }
}

/* Kinds of ICMP errors about one conversation, a code each. */
static void test_icmp_kinds(void **state)
{
    for (unsigned n = WT_LIMIT_ICMP_KINDS - 1; n <= WT_LIMIT_ICMP_KINDS + 1; n++) {
        (void)start(state);
        client_hello(from_client(), (struct hello){0});
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        for (unsigned i = 0; i < n; i++)
            icmp_error(WT_CLIENT, 40000, 3, (uint8_t)(9 + i), 0, 1001, 100, 40);
        finish();
        assert_int_equal(occurrences("\"sender\":\"203.0.113.9\""), n < WT_LIMIT_ICMP_KINDS ? n : WT_LIMIT_ICMP_KINDS);
        (void)clean(state);
    }
}

/* Conversations that have any. */
static void test_icmp_conversations(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        (void)start(state);
        client_hello(from_client(), (struct hello){0});
        for (unsigned i = 0; i < WT_LIMIT_ICMP_CONVERSATIONS + more; i++) {
            syn(1024 + i, 1000);
            pass(1024 + i, 1000, 0, 0);
            icmp_error(WT_CLIENT, 1024 + i, 3, 9, 0, 1001, 100, 40);
        }
        assert_int_equal(undecoded(&h, "icmp_limit"), more);
        finish();
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_bytes), cmocka_unit_test(test_messages),           cmocka_unit_test(test_alerts),
        cmocka_unit_test(test_chain),         cmocka_unit_test(test_plaintext),          cmocka_unit_test(test_record),
        cmocka_unit_test(test_icmp_kinds),    cmocka_unit_test(test_icmp_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
