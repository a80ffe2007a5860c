/* How connections end that came to nothing: by what TCP shows, and by what the capture has lost. */
#include "../observer/segments.h"

enum { PADDED = 16 };

static const struct hello tls13 = {.tls13 = true, .session = 7};
static uint32_t sent[2]; /* by side: what it has said */

static void hellos(struct hello hello, bool answered)
{
    start(NULL);
    client_hello(say(&d, WT_CLIENT), hello);
    if (answered)
        server_hello(say(&d, WT_SERVER), hello);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
    sent[WT_SERVER] = 6001 + (answered ? (uint32_t)d.turns[1].flight.b.n : 0);
}

static void control(enum wt_side from, unsigned flags)
{
    segment(from, 40000, flags, sent[from], sent[!from], nothing, 0);
}

static void wait_ms(int64_t ms)
{
    now += ms * 1000000;
}

static void expect(enum wt_state state, const char *cause)
{
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, state);
    assert_string_equal(h.cause, cause);
    forget(&d);
    stop(&h);
}

/* Bytes that were acknowledged and are not here: what they said is not known, nor whether it was a FIN. */
static void test_unseen(void **state)
{
    (void)state;
    for (uint32_t unseen = 0; unseen < 80; unseen += 40) {
        hellos((struct hello){0}, true);
        segment(WT_SERVER, 40000, WT_TCP_FIN | WT_TCP_ACK, sent[WT_SERVER], sent[WT_CLIENT] + unseen, nothing, 0);
        expect(unseen ? WT_INCOMPLETE : WT_FAILED, unseen ? "" : "closed-during-handshake");
        /* RFC 9293, 3.10.7.4: the sequence number of a RST is that of the next byte */
        hellos((struct hello){0}, true);
        segment(WT_CLIENT, 40000, WT_TCP_RST, sent[WT_CLIENT] + unseen, 0, nothing, 0);
        expect(unseen ? WT_INCOMPLETE : WT_FAILED, unseen ? "" : "closed-during-handshake");
    }
}

/* What OpenSSL says to who has closed; the FIN itself is not in the capture, but its acknowledgment is. */
static void test_unseen_close(void **state)
{
    static const uint8_t decode_error[] = {21, 3, 3, 0, 2, 2, 50}, unknown_ca[] = {21, 3, 3, 0, 2, 2, 48};
    (void)state;
    for (unsigned unseen = 0; unseen < 2; unseen++) {
        hellos((struct hello){0}, true);
        segment(WT_SERVER, 40000, WT_TCP_ACK, sent[WT_SERVER], sent[WT_CLIENT] + unseen,
                wt_span_of(decode_error, sizeof decode_error), 0);
        expect(unseen ? WT_INCOMPLETE : WT_FAILED, unseen ? "" : "malformed-message");
    }
    /* an alert that tells of something else is believed */
    hellos((struct hello){0}, true);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, sent[WT_CLIENT], sent[WT_SERVER] + 1,
            wt_span_of(unknown_ca, sizeof unknown_ca), 0);
    finish();
    assert_int_equal(h.c.state, WT_FAILED);
    forget(&d);
    stop(&h);
}

/* The client acknowledges nothing of what stands behind a hole, and leaves: the hole is the wire's, not the capture's.
 */
static void test_unreached(void **state)
{
    uint8_t bytes[300] = {0};
    (void)state;
    for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++) {
        hellos((struct hello){0}, false);
        segment(WT_SERVER, 40000, WT_TCP_ACK, sent[WT_SERVER] + 1448, sent[WT_CLIENT], wt_span_of(bytes, sizeof bytes),
                0);
        if (acknowledged)
            sent[WT_SERVER] += 1448 + sizeof bytes;
        control(WT_CLIENT, WT_TCP_ACK);
        wait_ms(4000);
        control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
        expect(acknowledged ? WT_INCOMPLETE : WT_FAILED, acknowledged ? "" : "handshake-stalled");
    }
}

/* RFC 6298, 5.5: sent again at 0.2, 0.6 and 1.4 s; the capture ends with the last of them or after the first. */
static void test_repeated_hello(void **state)
{
    (void)state;
    for (unsigned repeats = 1; repeats <= 4; repeats++) {
        hellos(tls13, false);
        for (unsigned i = 0; i < repeats; i++) {
            wait_ms(200 << i);
            pass(40000, 1000, 0, 0);
        }
        expect(repeats < 4 ? WT_INCOMPLETE : WT_FAILED, repeats < 4 ? "" : "no-answer-to-client-hello");
    }
}

/* The server's flight never reaches the client, who leaves when its time is up. */
static void test_in_vain(void **state)
{
    (void)state;
    for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++) {
        hellos((struct hello){0}, true);
        uint32_t seen = acknowledged ? sent[WT_SERVER] : 6001;
        for (unsigned i = 0; i < 3; i++) {
            wait_ms(200 << i);
            pass(40000, 1000, 1, 0);
        }
        wait_ms(1000);
        segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK, sent[WT_CLIENT], seen, nothing, 0);
        finish();
        assert_string_equal(h.cause, "handshake-stalled");
        assert_int_equal(h.fault, acknowledged ? WT_FAULT_SERVER : WT_FAULT_BETWEEN);
        forget(&d);
        stop(&h);
    }
}

/* RFC 5246, 7.3: after ServerHelloDone it is the client's turn, whatever it said last beside the handshake. */
static void test_turn(void **state)
{
    uint8_t heartbeat[5 + 3 + 16] = {WT_CONTENT_HEARTBEAT, 3, 3, 0, 19, 1, 0, 0};
    (void)state;
    for (unsigned done = 0; done < 2; done++) {
        start(NULL);
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        struct flight *f = say(&d, WT_SERVER);
        server_hello(f, (struct hello){.session = 9});
        certificate(f);
        server_key_exchange(f);
        if (done)
            server_hello_done(f);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
        sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
        segment(WT_CLIENT, 40000, WT_TCP_ACK, sent[WT_CLIENT], sent[WT_SERVER], wt_span_of(heartbeat, sizeof heartbeat),
                0);
        sent[WT_CLIENT] += sizeof heartbeat;
        control(WT_SERVER, WT_TCP_ACK);
        wait_ms(7500);
        control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
        finish();
        assert_string_equal(h.cause, done ? "closed-during-handshake" : "handshake-stalled");
        assert_int_equal(h.fault, done ? WT_FAULT_CLIENT : WT_FAULT_SERVER);
        forget(&d);
        stop(&h);
    }
}

/* The server answers when the client has left: to the client it has not. */
static void test_too_late(void **state)
{
    (void)state;
    start(NULL);
    client_hello(say(&d, WT_CLIENT), tls13);
    server_hello(say(&d, WT_SERVER), tls13);
    syn(40000, 1000);
    struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, hello, 0);
    sent[WT_CLIENT] = 1001 + (uint32_t)hello.n;
    sent[WT_SERVER] = 6001;
    control(WT_SERVER, WT_TCP_ACK);
    wait_ms(3000);
    control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
    wait_ms(1000);
    pass(40000, 1000, 1, 0);
    finish();
    assert_string_equal(h.cause, "no-answer-to-client-hello");
    assert_non_null(strstr(h.cause_text, "only after the client had given up"));
    forget(&d);
    stop(&h);
}

/* --- TLS 1.3, without keys ------------------------------------------------------------------------------------------
 */

static void flight13(void)
{
    client_hello(say(&d, WT_CLIENT), tls13);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, tls13);
    change_cipher_spec(f);
    data(f, 6 + 1 + 16);
    data(f, 900);
    data(f, FINISHED13);
}

/* RFC 8446, 5.4: an alert may be padded; the JDK's has 16 zeros. As the only answer to the client's Finished, before a
 * close, it refuses. A ticket before it, no close, or a client that has closed before make it something else. */
static void test_padded(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        start(NULL);
        flight13();
        struct flight *f = say(&d, WT_CLIENT);
        data(f, FINISHED13);
        data(f, how == 4 ? ALERT13 : 100);
        f = say(&d, WT_SERVER);
        if (how == 1)
            data(f, 250);
        data(f, ALERT13 + PADDED);
        if (how == 2)
            data(f, ALERT13);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        uint32_t server = 6001;
        for (size_t i = 0; i < d.n; i++)
            server += d.turns[i].from == WT_SERVER ? (uint32_t)d.turns[i].flight.b.n : 0;
        if (how != 3)
            segment(WT_SERVER, 40000, WT_TCP_FIN | WT_TCP_ACK, server, 1001, nothing, 0);
        expect(how ? WT_ESTABLISHED : WT_FAILED, how ? "" : "rejected-by-server");
    }
}

/* Where an alert stands before the server's Finished, or before the client's, the server has refused. */
static void test_amid_flight(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), tls13);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, tls13);
    data(f, ALERT13);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "rejected-by-server");
    stop(&h);
    /* the client's Certificate is answered before its Finished comes */
    flight13();
    data(say(&d, WT_CLIENT), 4 + 4 + 1 + 16);
    data(say(&d, WT_SERVER), ALERT13);
    data(say(&d, WT_CLIENT), FINISHED13);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "rejected-by-server");
    stop(&h);
    /* the client says its hello twice */
    client_hello(say(&d, WT_CLIENT), tls13);
    flight13();
    data(say(&d, WT_SERVER), ALERT13);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "malformed-message");
    assert_int_equal(h.fault, WT_FAULT_CLIENT);
    stop(&h);
    /* the client's alert answers the server's */
    flight13();
    data(say(&d, WT_CLIENT), FINISHED13);
    data(say(&d, WT_SERVER), ALERT13);
    data(say(&d, WT_CLIENT), ALERT13);
    hear_alone(&h, &d, FIN);
    assert_string_equal(h.cause, "rejected-by-server");
    stop(&h);
}

/* The server closes amid its flight; what the client says to that is no reason. */
static void test_echo(void **state)
{
    (void)state;
    for (unsigned closes = 0; closes < 2; closes++) {
        start(NULL);
        client_hello(say(&d, WT_CLIENT), tls13);
        struct flight *f = say(&d, WT_SERVER);
        server_hello(f, tls13);
        data(f, 23);
        data(f, 900);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
        sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
        if (closes) {
            control(WT_SERVER, WT_TCP_FIN | WT_TCP_ACK);
            sent[WT_SERVER]++;
        }
        static const uint8_t alert[5 + ALERT13] = {23, 3, 3, 0, ALERT13};
        segment(WT_CLIENT, 40000, WT_TCP_ACK, sent[WT_CLIENT], sent[WT_SERVER], wt_span_of(alert, sizeof alert), 0);
        sent[WT_CLIENT] += sizeof alert;
        control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
        expect(WT_FAILED, closes ? "closed-during-handshake" : "rejected-by-client");
    }
}

/* EncryptedExtensions alone is less than any flight: it is the server's turn, however long the client waits. */
static void test_short_flight(void **state)
{
    (void)state;
    start(NULL);
    client_hello(say(&d, WT_CLIENT), tls13);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, tls13);
    data(f, 40);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
    sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
    control(WT_CLIENT, WT_TCP_ACK);
    wait_ms(3000);
    control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
    finish();
    assert_string_equal(h.cause, "handshake-stalled");
    assert_int_equal(h.fault, WT_FAULT_SERVER);
}

/* A capture that begins behind the ClientHello does not know what was said before. */
static void test_late_start(void **state)
{
    (void)state;
    start(NULL);
    client_hello(say(&d, WT_CLIENT), tls13);
    server_hello(say(&d, WT_SERVER), tls13);
    pass(40000, 1000, 1, 0);
    sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
    sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
    control(WT_SERVER, WT_TCP_FIN | WT_TCP_ACK);
    control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
    expect(WT_INCOMPLETE, "");
}

/* RFC 5246, 7.4.6: "If the client does not send any certificates, the server MAY at its discretion either continue the
 * handshake without client authentication, or respond with a fatal handshake_failure alert." Some leave instead; a
 * server that asked for none leaves for another reason. */
static void test_empty_certificate(void **state)
{
    static const uint8_t request[] = {1, 1, 0, 2, 4, 3, 0, 0}, none[] = {0, 0, 0};
    (void)state;
    for (unsigned asked = 0; asked < 2; asked++) {
        start(NULL);
        struct flight *f = say(&d, WT_CLIENT);
        client_hello(f, (struct hello){0});
        f = say(&d, WT_SERVER);
        server_hello(f, (struct hello){0});
        certificate(f);
        server_key_exchange(f);
        if (asked)
            add_handshake(f, 13, request, sizeof request);
        server_hello_done(f);
        f = say(&d, WT_CLIENT);
        if (asked)
            add_handshake(f, 11, none, sizeof none);
        client_key_exchange(f);
        ccs_finished(f);
        syn(40000, 1000);
        pass(40000, 1000, 0, 0);
        sent[WT_CLIENT] = 1001 + (uint32_t)(d.turns[0].flight.b.n + d.turns[2].flight.b.n);
        sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
        control(WT_SERVER, WT_TCP_FIN | WT_TCP_ACK);
        expect(WT_FAILED, asked ? "client-certificate-missing" : "closed-during-handshake");
        assert_int_equal(h.fault, asked ? WT_FAULT_CLIENT : WT_FAULT_SERVER);
    }
}

/* An alert is all that a client says: it had nothing to offer. Where the capture may lack what stood before it, nothing
 * is concluded. */
static void test_alert_alone(void **state)
{
    static const uint8_t internal_error[] = {21, 3, 1, 0, 2, 2, 80}, unexpected[] = {21, 3, 1, 0, 2, 2, 10};
    (void)state;
    for (unsigned whole = 0; whole < 2; whole++) {
        start(NULL);
        if (whole)
            syn(40000, 1000);
        segment(WT_CLIENT, 40000, WT_TCP_ACK | WT_TCP_PSH, 1001, 6001,
                wt_span_of(internal_error, sizeof internal_error), 0);
        segment(WT_SERVER, 40000, WT_TCP_ACK | WT_TCP_PSH, 6001, 1008, wt_span_of(unexpected, sizeof unexpected), 0);
        sent[WT_CLIENT] = 1008;
        sent[WT_SERVER] = 6008;
        control(WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK);
        expect(whole ? WT_FAILED : WT_INCOMPLETE, whole ? "peer-internal-error" : "");
        assert_true(!whole || strstr(h.cause_text, "before any hello"));
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

/* --- TLS 1.3 without keys: what a record answers, by its acknowledgment --------------------------------------------
 */

/* Hellos and the server's flight, all acknowledged. */
static void server_flight13(void)
{
    start(NULL);
    client_hello(say(&d, WT_CLIENT), tls13);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, tls13);
    data(f, 6 + 1 + 16);
    data(f, 900);
    data(f, FINISHED13);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    sent[WT_CLIENT] = 1001 + (uint32_t)d.turns[0].flight.b.n;
    sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
}

/* A record of n bytes under keys, in a packet that acknowledges so much. */
static void record13(enum wt_side from, size_t n, uint32_t acknowledged, unsigned flags)
{
    struct flight f = {{0}};
    data(&f, n);
    segment(from, 40000, WT_TCP_ACK | flags, sent[from], acknowledged, wt_buffer_span(&f.b), 0);
    sent[from] += (uint32_t)f.b.n + (flags & WT_TCP_FIN ? 1 : 0);
    wt_buffer_free(&f.b);
}

/* RFC 8446, 6.1: "Each party MUST send a 'close_notify' alert before closing its write side"; what acknowledges the
 * client's FIN answers it, what acknowledges no more than its Finished answers that (6.2). */
static void test_answers_fin(void **state)
{
    (void)state;
    for (unsigned answers = 0; answers < 2; answers++) {
        server_flight13();
        record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], 0);
        const uint32_t finished = sent[WT_CLIENT];
        segment(WT_CLIENT, 40000, WT_TCP_ACK | WT_TCP_FIN, sent[WT_CLIENT]++, sent[WT_SERVER], nothing, 0);
        record13(WT_SERVER, ALERT13, answers ? sent[WT_CLIENT] : finished, WT_TCP_FIN);
        expect(answers ? WT_ESTABLISHED : WT_FAILED, answers ? "" : "rejected-by-server");
    }
}

/* The same for its close_notify, which another record of an alert's length may be: earlier in the capture need not be
 * earlier for the server. */
static void test_answers_close(void **state)
{
    (void)state;
    for (unsigned answers = 0; answers < 2; answers++)
        for (unsigned together = 0; together < 2; together++) {
            server_flight13();
            record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], 0);
            const uint32_t finished = sent[WT_CLIENT];
            record13(WT_CLIENT, ALERT13, sent[WT_SERVER], together ? WT_TCP_FIN : 0);
            record13(WT_SERVER, ALERT13, answers ? sent[WT_CLIENT] : finished, WT_TCP_FIN);
            expect(answers ? WT_ESTABLISHED : WT_FAILED, answers ? "" : "rejected-by-server");
        }
}

/* RFC 8446, 4.4.2: an empty Certificate, of 25 bytes with content type and tag; 4.4.2.4: the server may answer it with
 * certificate_required. */
static void test_empty_certificate13(void **state)
{
    const size_t empty = 4 + 1 + 3 + 1 + 16;
    (void)state;
    for (unsigned refused = 0; refused < 2; refused++)
        for (unsigned together = 0; together < 2; together++) {
            server_flight13();
            if (!together)
                record13(WT_CLIENT, empty, sent[WT_SERVER], 0);
            record13(WT_CLIENT, together ? FINISHED13 + 8 : FINISHED13, sent[WT_SERVER], 0);
            record13(WT_SERVER, refused ? ALERT13 : 200, sent[WT_CLIENT], WT_TCP_FIN);
            control(WT_CLIENT, WT_TCP_ACK | WT_TCP_FIN);
            finish();
            assert_string_equal(h.cause, refused ? "client-certificate-missing" : "");
            if (refused) {
                assert_int_equal(h.fault, WT_FAULT_CLIENT);
                assert_true(h.probable);
                assert_non_null(strstr(h.cause_text, "an empty Certificate"));
            }
            forget(&d);
            stop(&h);
        }
    /* one byte more is another message */
    server_flight13();
    record13(WT_CLIENT, empty + 1, sent[WT_SERVER], 0);
    record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], 0);
    record13(WT_SERVER, ALERT13, sent[WT_CLIENT], WT_TCP_FIN);
    expect(WT_FAILED, "rejected-by-server");
}

/* RFC 8446, 4.4.4: the handshake needs the client's Finished; a server that has left before it came never got it. */
static void test_left_unfinished(void **state)
{
    (void)state;
    for (unsigned got = 0; got < 2; got++)
        for (unsigned reset = 0; reset < 2; reset++) {
            server_flight13();
            const uint32_t hello = sent[WT_CLIENT];
            segment(WT_SERVER, 40000, WT_TCP_ACK | WT_TCP_FIN, sent[WT_SERVER]++, hello, nothing, 0);
            record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], 0);
            if (got) /* it closed its own direction alone, and reads on */
                control(WT_SERVER, WT_TCP_ACK);
            else if (reset)
                segment(WT_SERVER, 40000, WT_TCP_RST, sent[WT_SERVER], 0, nothing, 0);
            control(WT_CLIENT, WT_TCP_ACK | WT_TCP_FIN);
            finish();
            assert_int_equal(h.c.state, got ? WT_ESTABLISHED : WT_FAILED);
            assert_string_equal(h.cause, got ? "" : "closed-during-handshake");
            if (!got) {
                assert_int_equal(h.fault, WT_FAULT_SERVER);
                assert_non_null(strstr(h.cause_text, "FIN (packet 6)"));
            }
            forget(&d);
            stop(&h);
        }
}

/* A client that closes right after its Finished is answered by a RST that acknowledges neither, as proxies on phones
 * do: the server did not leave first. */
static void test_left_after_close(void **state)
{
    (void)state;
    server_flight13();
    const uint32_t hello = sent[WT_CLIENT];
    record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], WT_TCP_FIN);
    segment(WT_SERVER, 40000, WT_TCP_RST | WT_TCP_ACK, sent[WT_SERVER], hello + 1, nothing, 0);
    expect(WT_ESTABLISHED, "");
}

/* The same where a second tap's packets come behind the first one's: whatever the place of the RST in the capture, by
 * its time it came after the FIN. */
static void test_left_after_close_late(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 2; before++) {
        start(NULL);
        flight13();
        const uint32_t hello = 1001 + (uint32_t)d.turns[0].flight.b.n;
        const int64_t begun = now;
        now += 2000000;
        segment(WT_SERVER, 40000, WT_TCP_SYN | WT_TCP_ACK, 6000, 1001, nothing, 0);
        sent[WT_SERVER] = 6001 + (uint32_t)d.turns[1].flight.b.n;
        segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, hello, wt_buffer_span(&d.turns[1].flight.b), 0);
        now += before ? 0 : 20000000;
        segment(WT_SERVER, 40000, WT_TCP_RST | WT_TCP_ACK, sent[WT_SERVER], hello + 1, nothing, 0);
        now = begun;
        segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
        now += 2000000;
        segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
        sent[WT_CLIENT] = hello;
        now += 5000000;
        record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], WT_TCP_FIN);
        expect(before ? WT_FAILED : WT_ESTABLISHED, before ? "closed-during-handshake" : "");
    }
}

/* RFC 8446, 4.4.4: "servers MAY send data after sending their first flight", which says nothing of the client's. */
static void test_data_before_finished(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 2; before++) {
        server_flight13();
        const uint32_t hello = sent[WT_CLIENT];
        record13(WT_CLIENT, FINISHED13, sent[WT_SERVER], 0);
        record13(WT_SERVER, 200, before ? hello : sent[WT_CLIENT], 0);
        record13(WT_SERVER, ALERT13, sent[WT_CLIENT], WT_TCP_FIN);
        expect(before ? WT_FAILED : WT_ESTABLISHED, before ? "rejected-by-server" : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unseen),
        TEST(test_unseen_close),
        TEST(test_unreached),
        TEST(test_repeated_hello),
        TEST(test_in_vain),
        TEST(test_too_late),
        TEST(test_padded),
        TEST(test_amid_flight),
        TEST(test_echo),
        TEST(test_short_flight),
        TEST(test_late_start),
        TEST(test_empty_certificate),
        TEST(test_alert_alone),
        TEST(test_turn),
        TEST(test_answers_fin),
        TEST(test_answers_close),
        TEST(test_empty_certificate13),
        TEST(test_left_unfinished),
        TEST(test_left_after_close_late),
        TEST(test_data_before_finished),
        TEST(test_left_after_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
