/* Packets that are in a capture after others which were sent later: the same is read as of those in order. What cannot
 * be waited for is said. */
#include "observer/state.h"

#include "segments.h"

enum { PORT = 40000, ISN = 1000 };

static void dialogue12(void)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "late.example"});
    complete12(&d, (struct hello){0});
}

/* One side's segments of the dialogue: what a tap on its direction writes. */
static void pass_side(enum wt_side side)
{
    uint32_t next[2] = {ISN + 1, ISN + 5001};
    for (size_t i = 0; i < d.n; i++)
        pass_turn(PORT, i, next, d.turns[i].from != side);
}

static uint32_t length_of(enum wt_side side)
{
    uint32_t n = 0;
    for (size_t i = 0; i < d.n; i++)
        if (d.turns[i].from == side)
            n += (uint32_t)d.turns[i].flight.b.n;
    return n;
}

static bool found(const char *id)
{
    return strstr(h.findings, id) != NULL;
}

static void expect_established(void)
{
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.client.port, PORT);
}

/* The capture begins after the SYNs, and each side's first segment comes after its second. */
static void middle_in_disorder(void **state)
{
    (void)state;
    struct wt_span hello, first, answer, second;
    dialogue12();
    hello = wt_buffer_span(&d.turns[0].flight.b);
    answer = wt_buffer_span(&d.turns[1].flight.b);
    first = wt_span_cut(answer, 0, 90);
    second = wt_span_cut(answer, 90, answer.n);
    const uint32_t client = ISN + 1, server = ISN + 5001;
    segment(WT_SERVER, PORT, WT_TCP_ACK, server + 90, client + (uint32_t)hello.n, second, 0);
    now += 20000000; /* later than a copy could be */
    segment(WT_CLIENT, PORT, WT_TCP_ACK, client, server, hello, 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK, server, client + (uint32_t)hello.n, first, 0);
    pass(PORT, ISN, 2, 0);
    expect_established();
    assert_string_equal(h.sni, "late.example");
}

/* RFC 9293, 3.5: the SYN-ACK comes after bytes which acknowledge the client's; the stream's turns are kept while its
 * beginning is not certain. */
static void syn_answer_after_bytes(void **state)
{
    (void)state;
    dialogue12();
    const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b), answer = wt_buffer_span(&d.turns[1].flight.b);
    segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK, ISN + 5001, ISN + 1 + (uint32_t)hello.n, answer, 0);
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, nothing, 0);
    now += 10000000;
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, hello, 0);
    segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
    finish();
    assert_int_equal(h.c.state, WT_INCOMPLETE);
    const char *json = (const char *)h.json.p, *asked = strstr(json, "\"client_hello\""),
               *answered = strstr(json, "\"server_hello\"");
    assert_true(asked && answered && asked < answered);
}

/* One direction after the other, without SYNs: what the first acknowledges grows, so that there is another one. */
static void taps_without_syn(void **state)
{
    for (unsigned side = 0; side < 2; side++) {
        dialogue12();
        pass_side((enum wt_side)side);
        pass_side((enum wt_side) !side);
        expect_established();
        (void)clean(state);
        (void)start(state);
    }
}

/* A client that leaves with a RST; then, more than WT_LIMIT_CLOSING_NS later in the file, all that it was sent. */
static void other_after_reset(void **state)
{
    (void)state;
    dialogue12();
    const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b), answer = wt_buffer_span(&d.turns[1].flight.b);
    const uint32_t end = ISN + 1 + (uint32_t)hello.n;
    segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, hello, 0);
    segment(WT_CLIENT, PORT, WT_TCP_RST, end, 0, nothing, 0);
    const int64_t then = now;
    now += 2 * (int64_t)WT_LIMIT_CLOSING_NS;
    segment(WT_CLIENT, PORT + 1, WT_TCP_SYN, ISN, 0, nothing, 0); /* time goes on */
    now = then;
    segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK, ISN + 5001, end, answer, 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_FAILED);
    assert_true(h.c.reset);
}

/* RFC 9293, 3.5.1, half-open connections: the first SYN meets an older connection of the same ports; the ACK for that
 * one and the RST that it provokes are none of this one's, in whatever order. */
static void half_open(void **state)
{
    for (unsigned late = 0; late < 2; late++) {
        dialogue12();
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        if (!late)
            segment(WT_SERVER, PORT, WT_TCP_ACK, 700000000, 4000000000, nothing, 0);
        segment(WT_CLIENT, PORT, WT_TCP_RST, 4000000000, 0, nothing, 0);
        if (late)
            segment(WT_SERVER, PORT, WT_TCP_ACK, 700000000, 4000000000, nothing, 0);
        now += 3000000000;
        syn(PORT, ISN);
        pass(PORT, ISN, 0, 0);
        expect_established();
        assert_false(h.c.reset);
        (void)clean(state);
        (void)start(state);
    }
}

/* The error comes before the SYN that it quotes; and one that quotes what was never sent. */
static void icmp_before_syn(void **state)
{
    enum { HOST_UNREACHABLE = 1, UNREACHABLE = 3, LENGTH = 60, QUOTED = 40 };
    for (unsigned fits = 0; fits < 2; fits++) {
        icmp_error(WT_CLIENT, PORT, UNREACHABLE, HOST_UNREACHABLE, 0, fits ? ISN : ISN + 70000, LENGTH, QUOTED);
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        finish();
        assert_int_equal(h.told, fits);
        assert_string_equal(h.cause, fits ? "tcp-no-answer" : "");
        (void)clean(state);
        (void)start(state);
    }
}

/* Who closed first, where the FINs do not acknowledge each other: their times say it, not their places. */
static void ends_by_time(void **state)
{
    for (unsigned late = 0; late < 2; late++) {
        dialogue12();
        syn(PORT, ISN);
        pass(PORT, ISN, 0, 0);
        const uint32_t client = ISN + 1 + length_of(WT_CLIENT), server = ISN + 5001 + length_of(WT_SERVER);
        const int64_t then = now;
        now = then + (late ? 2000000 : 0);
        if (late)
            segment(WT_SERVER, PORT, WT_TCP_FIN | WT_TCP_ACK, server, client, nothing, 0);
        now = then;
        segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, client, server, nothing, 0);
        now = then + 2000000;
        if (!late)
            segment(WT_SERVER, PORT, WT_TCP_FIN | WT_TCP_ACK, server, client, nothing, 0);
        expect_established();
        assert_non_null(strstr((const char *)h.json.p, "The client ended the connection without a close_notify"));
        (void)clean(state);
        (void)start(state);
    }
}

/* Application data of a stream that was caught in its middle, as a record of its own. */
static struct wt_span record(void)
{
    static uint8_t bytes[5 + 40] = {WT_CONTENT_APPLICATION_DATA, 3, 3, 0, 40};
    return wt_span_of(bytes, sizeof bytes);
}

/* A FIN comes before the last bytes of a stream that was caught in its middle; or alone, and it ends that. */
static void fin_before_bytes(void **state)
{
    const uint32_t client = ISN + 1, server = ISN + 5001, n = (uint32_t)record().n;
    for (unsigned alone = 0; alone < 2; alone++) {
        segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, client + n, server, nothing, 0);
        if (!alone)
            segment(WT_CLIENT, PORT, WT_TCP_ACK | WT_TCP_PSH, client, server, record(), 0);
        segment(WT_SERVER, PORT, WT_TCP_ACK, server, client + n + 1, nothing, 0);
        segment(WT_SERVER, PORT, WT_TCP_ACK | WT_TCP_PSH, server, client + n + 1, record(), 0);
        segment(WT_SERVER, PORT, WT_TCP_FIN | WT_TCP_ACK, server + n, client + n + 1, nothing, 0);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, client + n + 1, server + n + 1, nothing, 0);
        now += 2 * (int64_t)WT_LIMIT_CLOSING_NS;
        segment(WT_CLIENT, PORT + 1, WT_TCP_SYN, ISN, 0, nothing, 0); /* it is over, and told while others go on */
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.application_data[WT_CLIENT].bytes, alone ? 0 : n - 5);
        assert_int_equal(h.c.application_data[WT_SERVER].bytes, n - 5);
        assert_true(h.c.fin[WT_CLIENT] && h.c.fin[WT_SERVER]);
        (void)clean(state);
        (void)start(state);
    }
}

/* Both sides reset, and neither RST knows of the other: the earlier one ended it, whichever direction comes late. */
static void resets_by_time(void **state)
{
    for (unsigned late = 0; late < 2; late++) {
        dialogue12();
        syn(PORT, ISN);
        const uint32_t client = ISN + 1 + length_of(WT_CLIENT), server = ISN + 5001 + length_of(WT_SERVER);
        if (!late)
            pass(PORT, ISN, 0, 0);
        const int64_t then = now;
        if (late)
            pass_side(WT_SERVER);
        else
            segment(WT_CLIENT, PORT, WT_TCP_RST | WT_TCP_ACK, client, server, nothing, 0);
        now = then + 20000000;
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, server, client, nothing, 0);
        now = then;
        if (late) {
            pass_side(WT_CLIENT);
            segment(WT_CLIENT, PORT, WT_TCP_RST | WT_TCP_ACK, client, server, nothing, 0);
        }
        expect_established();
        const char *json = (const char *)h.json.p;
        assert_non_null(strstr(json, "The client ended the connection without a close_notify"));
        const char *reset = strstr(json, "\"reset\":{\"frame\"");
        assert_non_null(reset);
        const char *side = strstr(reset, "\"from\":");
        assert_true(side && strncmp(side, "\"from\":\"client\"", 15) == 0);
        (void)clean(state);
        (void)start(state);
    }
}

/* A RST that waits for the ClientHello which it answers is held against its sender's hop limit as any other: it is that
 * of the SYN-ACK, or another one. */
static void hop_limit_of_waiting_reset(void **state)
{
    for (unsigned other = 0; other < 2; other++) {
        dialogue12();
        const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
        const uint32_t end = ISN + 1 + (uint32_t)hello.n;
        const int64_t then = now;
        hop_limits[WT_SERVER] = 55;
        segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
        now += 20000000;
        hop_limits[WT_SERVER] = other ? 120 : 55;
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, ISN + 5001, end, nothing, 0);
        now = then - 1500000;
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        now = then + 1000000;
        segment(WT_CLIENT, PORT, WT_TCP_ACK | WT_TCP_PSH, ISN + 1, ISN + 5001, hello, 0);
        finish();
        assert_int_equal(h.c.state, WT_FAILED);
        assert_string_equal(h.cause, "reset-after-client-hello");
        assert_int_equal(h.fault, other ? WT_FAULT_BETWEEN : WT_FAULT_SERVER);
        (void)clean(state);
        (void)start(state);
    }
}

/* A connection of which only the end was captured, and reset; more than WT_LIMIT_CLOSING_NS later in the file come the
 * bytes before that. Bytes of a later time are not of it. */
static void bytes_before_reset(void **state)
{
    const uint32_t client = ISN + 1, server = ISN + 5001, n = (uint32_t)record().n;
    for (unsigned later = 0; later < 2; later++) {
        const int64_t then = now;
        now += 40000000;
        segment(WT_SERVER, PORT, WT_TCP_ACK, server, client + n, nothing, 0);
        segment(WT_SERVER, PORT, WT_TCP_RST | WT_TCP_ACK, server, client + n, nothing, 0);
        now += 2 * (int64_t)WT_LIMIT_CLOSING_NS;
        segment(WT_CLIENT, PORT + 1, WT_TCP_SYN, ISN, 0, nothing, 0); /* time goes on */
        assert_int_equal(h.told, 0);
        if (!later)
            now = then;
        segment(WT_CLIENT, PORT, WT_TCP_ACK | WT_TCP_PSH, client, server, record(), 0);
        finish();
        assert_int_equal(h.told, !later);
        if (!later)
            assert_int_equal(h.c.application_data[WT_CLIENT].bytes, n - 5);
        (void)clean(state);
        (void)start(state);
    }
}

/* The first segment of a stream that was caught in its middle comes after the second, of which there are copies. */
static void copies_before_first(void **state)
{
    (void)state;
    dialogue12();
    const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b), answer = wt_buffer_span(&d.turns[1].flight.b);
    const uint32_t client = ISN + 1 + (uint32_t)hello.n, server = ISN + 5001;
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, server, hello, 0);
    for (unsigned i = 0; i < 2; i++)
        segment(WT_SERVER, PORT, WT_TCP_ACK, server + 90, client, wt_span_cut(answer, 90, answer.n), 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK, server, client, wt_span_cut(answer, 0, 90), 0);
    pass(PORT, ISN, 2, 0);
    expect_established();
    assert_int_equal(h.messages, 10);
}

/* A second SYN-ACK of another number, which the client answers with a challenge ACK or not at all, comes before the
 * server's first bytes: what was acknowledged, or how the stream goes on, shows which one counts. */
static void second_syn_answer(void **state)
{
    const uint32_t other = 3000000000;
    for (unsigned when = 0; when < 3; when++) {
        dialogue12();
        const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b);
        const uint32_t client = ISN + 1 + (uint32_t)hello.n, server = ISN + 5001 + length_of(WT_SERVER);
        if (when < 2)
            segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        if (when == 0) { /* an acknowledgment of what is still to come, in the capture */
            segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
            segment(WT_CLIENT, PORT, WT_TCP_ACK, client, ISN + 5101, nothing, 0);
        } else if (when == 1) { /* all of the client's before any of the server's */
            pass_side(WT_CLIENT);
            segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1 + length_of(WT_CLIENT), server, nothing, 0);
            segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
        } else {
            segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
        }
        segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, other, ISN + 1, nothing, 0);
        if (when == 0) {
            pass(PORT, ISN, 0, 0);
        } else if (when == 1) {
            pass_side(WT_SERVER);
        } else {
            pass_side(WT_SERVER);
            segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
            pass_side(WT_CLIENT);
        }
        expect_established();
        assert_int_equal(h.messages, 10);
        (void)clean(state);
        (void)start(state);
    }
}

/* A RST outside of every window is in the capture before the SYN that the SYN-ACK answers: that one is no new attempt.
 */
static void stray_reset_before_syn(void **state)
{
    (void)state;
    dialogue12();
    segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
    segment(WT_SERVER, PORT, WT_TCP_RST, ISN + 905001, 0, nothing, 0);
    pass_side(WT_SERVER);
    segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
    pass_side(WT_CLIENT);
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1 + length_of(WT_CLIENT), ISN + 5001 + length_of(WT_SERVER), nothing, 0);
    expect_established();
    assert_int_equal(h.messages, 10);
    assert_false(h.c.reset);
}

/* Of the server's direction only the end is in the capture, before the client's: whether it had answered is not known.
 * The near miss: what is there of it is an alert in the clear. */
static void answer_not_captured(void **state)
{
    for (unsigned refused = 0; refused < 2; refused++) {
        dialogue12();
        struct flight f = {0};
        if (refused) {
            alert(&f, 2, 40);
        } else {
            data(&f, 100);
            hidden(&f, WT_CONTENT_ALERT, 26);
        }
        const struct wt_span said = wt_buffer_span(&f.b);
        const uint32_t server = ISN + 9001, client = ISN + 1 + length_of(WT_CLIENT);
        segment(WT_SERVER, PORT, WT_TCP_ACK, server, client, said, 0);
        segment(WT_SERVER, PORT, WT_TCP_FIN | WT_TCP_ACK, server + (uint32_t)said.n, client, nothing, 0);
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        pass_side(WT_CLIENT);
        segment(WT_CLIENT, PORT, WT_TCP_FIN | WT_TCP_ACK, client, server, nothing, 0);
        finish();
        assert_int_equal(h.c.state, refused ? WT_FAILED : WT_INCOMPLETE);
        assert_int_equal(h.causes, refused);
        wt_buffer_free(&f.b);
        (void)clean(state);
        (void)start(state);
    }
}

/* Length, P_CONTROL_V1 and key 0, session id, no acknowledgments, packet id, and a piece of the TLS stream. */
static void add_control(struct wt_buffer *out, uint8_t id, struct wt_span piece)
{
    uint8_t head[] = {0, 0, 0x20, 'S', 'E', 'S', 'S', 'I', 'O', 'N', '!', 0, 0, 0, 0, id};
    put(head, (uint32_t)(sizeof head - 2 + piece.n), 2);
    wt_buffer_add(out, head, sizeof head);
    wt_buffer_add(out, piece.p, piece.n);
}

/* OpenVPN over TCP, captured from its ClientHello on: each flight is in a control packet of its own. */
static void openvpn_from_the_middle(void **state)
{
    (void)state;
    uint32_t next[2] = {ISN + 77, ISN + 5999};
    dialogue12();
    for (size_t i = 0; i < d.n; i++) {
        struct wt_buffer packet = {0};
        const enum wt_side from = d.turns[i].from;
        add_control(&packet, (uint8_t)i, wt_buffer_span(&d.turns[i].flight.b));
        segment(from, PORT, WT_TCP_ACK | WT_TCP_PSH, next[from], next[!from], wt_buffer_span(&packet), 0);
        next[from] += (uint32_t)packet.n;
        wt_buffer_free(&packet);
    }
    expect_established();
    assert_string_equal(h.starttls, "openvpn");
    assert_int_equal(h.messages, 10);
}

/* A packet of each side is cut: the client's before its hello, which is in two packets, the server's within its flight.
 * What follows is read from the next packet on. */
static void openvpn_with_packets_cut(void **state)
{
    (void)state;
    uint32_t next[2] = {ISN + 1, ISN + 5001};
    syn(PORT, ISN);
    dialogue12();
    for (size_t i = 0; i < d.n; i++) {
        const struct wt_span said = wt_buffer_span(&d.turns[i].flight.b);
        const enum wt_side from = d.turns[i].from;
        for (unsigned part = 0; part < 3; part++) {
            struct wt_buffer packet = {0};
            if (part == 0)
                add_control(&packet, 9, wt_span_cut(said, 0, i == 1 ? 60 : 0));
            else
                add_control(&packet, (uint8_t)i,
                            part == 1 ? wt_span_cut(said, i == 1 ? 60 : 0, i == 1 ? 0 : 40)
                                      : wt_span_cut(said, i == 1 ? 60 : 40, SIZE_MAX));
            segment(from, PORT, WT_TCP_ACK | WT_TCP_PSH, next[from], next[!from], wt_buffer_span(&packet),
                    part == 0 && i < 2 ? 10 : 0);
            next[from] += (uint32_t)packet.n;
            wt_buffer_free(&packet);
        }
    }
    finish();
    assert_string_equal(h.starttls, "openvpn");
    assert_true(h.c.client_hello_seen);
    assert_string_equal(h.sni, "late.example");
    assert_non_null(strstr(h.findings, "capture-gap"));
    assert_null(strstr(h.findings, "malformed-message"));
    assert_null(strstr(h.findings, "record-boundary-lost"));
}

static void send_record(uint32_t server, uint32_t client, uint32_t n)
{
    static uint8_t record[5 + (1 << 14)] = {WT_CONTENT_APPLICATION_DATA, 3, 3};
    put(record + 3, n - 5, 2);
    segment(WT_SERVER, PORT, WT_TCP_ACK, server, client, wt_span_of(record, n), 0);
}

/* What waits for the other side, with what keeps it: up to WT_LIMIT_TCP_UNHEARD. With more it is read, and said to have
 * waited in vain. */
static void bound_of_waiting(void **state)
{
    enum { PIECE = 16000 };
    for (unsigned over = 0; over < 2; over++) {
        dialogue12();
        uint32_t server = ISN + 5001 + length_of(WT_SERVER), client = ISN + 1 + length_of(WT_CLIENT);
        segment(WT_SERVER, PORT, WT_TCP_SYN | WT_TCP_ACK, ISN + 5000, ISN + 1, nothing, 0);
        pass_side(WT_SERVER);
        const uint64_t *waits = &h.observer->tcp.pending_bytes, before = *waits;
        send_record(server, client, PIECE);
        const uint64_t cost = *waits - before;
        for (server += PIECE; *waits + 2 * cost <= WT_LIMIT_TCP_UNHEARD; server += PIECE)
            send_record(server, client, PIECE);
        uint32_t n = (uint32_t)(WT_LIMIT_TCP_UNHEARD + over - *waits - (cost - PIECE));
        if (n > PIECE) { /* in two */
            send_record(server, client, n / 2);
            server += n / 2;
            n = (uint32_t)(WT_LIMIT_TCP_UNHEARD + over - *waits - (cost - PIECE));
        }
        send_record(server, client, n);
        assert_int_equal(*waits, over ? 0 : WT_LIMIT_TCP_UNHEARD);
        segment(WT_CLIENT, PORT, WT_TCP_SYN, ISN, 0, nothing, 0);
        pass_side(WT_CLIENT);
        expect_established();
        assert_int_equal(found("capture-disorder"), over);
        (void)clean(state);
        (void)start(state);
    }
}

/* Bytes of a connection that was over for long, and has been reported, are counted. */
static void after_the_report(void **state)
{
    (void)state;
    dialogue12();
    syn(PORT, ISN);
    pass(PORT, ISN, 0, 0);
    const uint32_t client = ISN + 1 + length_of(WT_CLIENT), server = ISN + 5001 + length_of(WT_SERVER);
    segment(WT_CLIENT, PORT, WT_TCP_RST | WT_TCP_ACK, client, server, nothing, 0);
    now += 2 * (int64_t)WT_LIMIT_CLOSING_NS;
    segment(WT_CLIENT, PORT + 1, WT_TCP_SYN, ISN, 0, nothing, 0);
    segment(WT_SERVER, PORT, WT_TCP_ACK, server, client, wt_span_text("late"), 0);
    finish();
    assert_int_equal(undecoded(&h, "late_segments"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(middle_in_disorder),
        TEST(syn_answer_after_bytes),
        TEST(taps_without_syn),
        TEST(other_after_reset),
        TEST(half_open),
        TEST(icmp_before_syn),
        TEST(ends_by_time),
        TEST(bound_of_waiting),
        TEST(after_the_report),
        TEST(fin_before_bytes),
        TEST(resets_by_time),
        TEST(bytes_before_reset),
        TEST(hop_limit_of_waiting_reset),
        TEST(answer_not_captured),
        TEST(copies_before_first),
        TEST(second_syn_answer),
        TEST(stray_reset_before_syn),
        TEST(openvpn_from_the_middle),
        TEST(openvpn_with_packets_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
