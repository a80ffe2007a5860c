/* What becomes of connections after their handshake, by what TCP shows of them. Each situation has a neighbour in which
 * nothing is to be said. */
#include "../observer/segments.h"

enum { PORT = 40000, ISN = 1000, SECOND = 1000 };

static uint32_t sent[2];     /* by side: number of the next byte */
static int64_t first_answer; /* nanoseconds that the server takes for its hello */

static void wait_ms(int64_t ms)
{
    now += ms * 1000000;
}

static void control(enum wt_side from, unsigned flags)
{
    segment(from, PORT, flags | WT_TCP_ACK, sent[from], sent[!from], nothing, 0);
}

/* A record of n bytes; its number is the next one, or `again` bytes before. */
static void record(enum wt_side from, size_t n, uint32_t again)
{
    struct flight f = {0};
    data(&f, n);
    segment(from, PORT, WT_TCP_ACK | WT_TCP_PSH, sent[from] - again, sent[!from], wt_buffer_span(&f.b), 0);
    if (!again)
        sent[from] += (uint32_t)f.b.n;
    wt_buffer_free(&f.b);
}

/* TLS 1.2 comes up, with `resumed` by its session id. */
static void established(bool resumed)
{
    start(NULL);
    come_up(resumed);
    syn(PORT, ISN);
    const size_t flights = d.n;
    d.n = 1;
    pass(PORT, ISN, 0, 0);
    d.n = flights;
    now += first_answer;
    pass(PORT, ISN, 1, 0);
    sent[WT_CLIENT] = ISN + 1;
    sent[WT_SERVER] = ISN + 5001;
    for (size_t i = 0; i < d.n; i++)
        sent[d.turns[i].from] += (uint32_t)d.turns[i].flight.b.n;
    forget(&d);
}

static void talk(void)
{
    record(WT_CLIENT, 100, 0);
    record(WT_SERVER, 1000, 0);
    control(WT_CLIENT, 0);
}

/* The connection came up, and of these findings it has `id` alone (NULL: none). */
static void expect(const char *id)
{
    static const char *const ids[] = {"idle-connection-lost", "receiver-stopped-reading", "tcp-loss",
                                      "left-after-handshake"};
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        bool there = strstr(h.conclusions, ids[i]);
        if (there != (id && strcmp(id, ids[i]) == 0))
            fail_msg("%s: %s; %s", id ? id : "nothing", h.conclusions, (const char *)h.json.p);
    }
    stop(&h);
}

static void says(const char *text)
{
    if (!strstr((const char *)h.json.p, text))
        fail_msg("\"%s\" is not in %s", text, (const char *)h.json.p);
}

/* --- silences --------------------------------------------------------------------------------------------------------
 */

/* RFC 6298, 5.5: sent again after 0.3, 0.6, 1.2 s …; each sender may be the one who notices. */
static void test_idle_lost(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        established(false);
        talk();
        wait_ms(301 * SECOND);
        record((enum wt_side)from, 42, 0);
        for (unsigned i = 0; i < 4; i++) {
            wait_ms(300 << i);
            record((enum wt_side)from, 42, 47);
        }
        finish();
        says("\"unanswered\":{");
        says("After 301 s without a packet");
        says("\"fault\":\"between\"");
        expect("idle-connection-lost");
    }
}

/* Whoever answers is there: late, or only to the third copy, or after a silence that was too short for any device. */
static void test_idle_kept(void **state)
{
    (void)state;
    established(false);
    talk();
    wait_ms(301 * SECOND);
    record(WT_CLIENT, 42, 0);
    control(WT_SERVER, 0);
    record(WT_SERVER, 42, 0);
    control(WT_CLIENT, 0);
    expect(NULL);
    /* a later loss has nothing to do with the silence before */
    established(false);
    talk();
    wait_ms(301 * SECOND);
    talk();
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        record(WT_CLIENT, 42, 47);
    }
    expect("tcp-loss");
    established(false);
    talk();
    wait_ms(20 * SECOND);
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        record(WT_CLIENT, 42, 47);
    }
    expect("tcp-loss");
    /* keep-alives (RFC 9293, 3.8.4) and their answers are no silence */
    established(false);
    talk();
    for (unsigned i = 0; i < 20; i++) {
        wait_ms(15 * SECOND);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, sent[WT_CLIENT] - 1, sent[WT_SERVER], nothing, 0);
        control(WT_SERVER, 0);
    }
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        record(WT_CLIENT, 42, 47);
    }
    expect("tcp-loss");
}

/* A RST instead of silence; not from a server that had said goodbye while the client slept. */
static void test_idle_reset(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 2; closed++) {
        established(false);
        talk();
        if (closed) {
            control(WT_SERVER, WT_TCP_FIN);
            sent[WT_SERVER]++;
            control(WT_CLIENT, 0);
        }
        wait_ms(350 * SECOND);
        record(WT_CLIENT, 42, 0);
        segment(WT_SERVER, PORT, WT_TCP_RST, sent[WT_SERVER], 0, nothing, 0);
        expect(closed ? NULL : "idle-connection-lost");
    }
}

/* Two captures laid end to end: between them others may have spoken, and bytes are missing. */
static void test_idle_jump(void **state)
{
    (void)state;
    established(false);
    talk();
    wait_ms(2 * 3600 * SECOND);
    sent[WT_CLIENT] += 3000;
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        record(WT_CLIENT, 42, 47);
    }
    expect(NULL);
}

/* --- windows ---------------------------------------------------------------------------------------------------------
 */

static void test_window(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++)
        for (unsigned opens = 0; opens < 2; opens++) {
            established(false);
            talk();
            record((enum wt_side) !side, 1000, 0);
            windows[side] = 0;
            control((enum wt_side)side, 0);
            for (unsigned i = 0; i < 11; i++) {
                wait_ms(10 * SECOND); /* a probe: one byte or none before the window */
                segment((enum wt_side) !side, PORT, WT_TCP_ACK, sent[!side] - 1, sent[side], nothing, 0);
                control((enum wt_side)side, 0);
            }
            windows[side] = 65535;
            if (opens)
                control((enum wt_side)side, 0);
            control((enum wt_side) !side, WT_TCP_RST);
            finish();
            says(side == WT_CLIENT ? "\"window_closed\":{\"client\":110." : "\"window_closed\":{\"server\":110.");
            if (!opens)
                says(side == WT_CLIENT ? "\"fault\":\"client\",\"noticed_by\":\"server\",\"certainty\":\"certain\""
                                       : "\"fault\":\"server\",\"noticed_by\":\"client\",\"certainty\":\"certain\"");
            expect(opens ? NULL : "receiver-stopped-reading");
        }
}

/* --- losses ----------------------------------------------------------------------------------------------------------
 */

/* Sent again after a timeout, and acknowledged; a copy that a mirror port made at once delays nothing. */
static void test_loss(void **state)
{
    (void)state;
    for (unsigned copy = 0; copy < 2; copy++) {
        established(false);
        record(WT_CLIENT, 100, 0);
        if (!copy)
            wait_ms(400);
        record(WT_CLIENT, 100, 105);
        control(WT_SERVER, 0);
        talk();
        expect(copy ? NULL : "tcp-loss");
    }
}

/* --- leaving at once
 * -------------------------------------------------------------------------------------------------- */

static void test_left(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        established(how == 1);
        if (how == 2)
            record(WT_CLIENT, 100, 0);
        if (how == 3)
            wait_ms(20 * SECOND);
        if (how == 4) {
            control(WT_SERVER, WT_TCP_FIN);
            sent[WT_SERVER]++;
        }
        control(WT_CLIENT, WT_TCP_FIN);
        expect(how ? NULL : "left-after-handshake");
    }
}

/* --- limits of time --------------------------------------------------------------------------------------------------
 */

/* The last connection came to this conclusion. */
static bool concluded(const char *id)
{
    finish();
    const bool so = strstr(h.conclusions, id) != NULL;
    stop(&h);
    return so;
}

static bool is_idle_after(int64_t delay)
{
    established(false);
    talk();
    now += delay;
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 4; i++) {
        wait_ms(300 << i);
        record(WT_CLIENT, 42, 47);
    }
    return concluded("idle-connection-lost");
}

/* Sent again in vain: the third time after the delay, and 900 ms before. */
static bool is_vain_after(int64_t delay)
{
    established(false);
    talk();
    wait_ms(301 * SECOND);
    record(WT_CLIENT, 42, 0);
    for (unsigned i = 0; i < 3; i++) {
        now += i < 2 ? (int64_t)(300 << i) * 1000000 : delay;
        record(WT_CLIENT, 42, 47);
    }
    return concluded("idle-connection-lost");
}

static bool is_closed_window(int64_t delay)
{
    established(false);
    talk();
    record(WT_CLIENT, 1000, 0);
    windows[WT_SERVER] = 0;
    control(WT_SERVER, 0);
    now += delay;
    control(WT_CLIENT, WT_TCP_RST);
    return concluded("receiver-stopped-reading");
}

static bool is_loss(int64_t delay)
{
    established(false);
    record(WT_CLIENT, 100, 0);
    now += delay;
    record(WT_CLIENT, 100, 105);
    control(WT_SERVER, 0);
    talk();
    return concluded("tcp-loss");
}

static bool is_not_left(int64_t delay)
{
    established(false);
    now += delay;
    control(WT_CLIENT, WT_TCP_FIN);
    return !concluded("left-after-handshake");
}

static bool is_slow(int64_t delay)
{
    first_answer = delay;
    established(false);
    first_answer = 0;
    talk();
    return concluded("slow-handshake");
}

static bool is_silence(int64_t delay)
{
    established(false);
    talk();
    now += delay;
    talk();
    finish();
    const bool so = strstr((const char *)h.json.p, "\"silence\"") != NULL;
    stop(&h);
    return so;
}

static void test_limits(void **state)
{
    (void)state;
    holds_from(is_silence, WT_LIMIT_SILENCE_NS, 1);
    holds_from(is_idle_after, WT_LIMIT_IDLE_NS, 1);
    holds_from(is_vain_after, WT_LIMIT_PATIENCE_NS - 900 * (int64_t)1000000, 3);
    holds_from(is_closed_window, WT_LIMIT_WINDOW_NS, 1);
    holds_from(is_loss, WT_LIMIT_LOSS_NS, 1);
    holds_from(is_not_left, WT_LIMIT_LEFT_NS + 1, 1); /* within the limit, or longer */
    holds_from(is_slow, WT_LIMIT_SLOW_NS, 3);
}

/* --- the path
 * --------------------------------------------------------------------------------------------------------- */

/* Between the segments that the tests make lies a millisecond. */
static void test_times(void **state)
{
    (void)state;
    hop_limits[WT_CLIENT] = hop_limits[WT_SERVER] = 0;
    established(false);
    hop_limits[WT_SERVER] = 57;
    talk();
    finish();
    says("\"connect\":0.002000,\"round_trip\":{\"client\":0.001000,\"server\":0.001000},"
         "\"hop_limit\":{\"client\":64,\"server\":57}}");
    stop(&h);
}

/* RFC 5927, 4.1: an error about what was never sent, or has arrived, is not believed; nor is one about another
 * conversation. Routers quote 8 bytes of TCP's header, or all of it. */
static void test_icmp(void **state)
{
    (void)state;
    for (unsigned quoted = 28; quoted <= 40; quoted += 12) {
        established(false);
        talk();
        uint32_t at = sent[WT_SERVER];
        record(WT_SERVER, 1400, 0);
        icmp_error(WT_SERVER, PORT, 3, 4, 1400, at, 1445, quoted);
        icmp_error(WT_SERVER, PORT, 3, 4, 1400, at, 1445, quoted);
        icmp_error(WT_SERVER, PORT, 3, 4, 1300, at - 500, 1445, quoted);   /* acknowledged */
        icmp_error(WT_SERVER, PORT, 3, 4, 1300, at + 90000, 1445, quoted); /* never sent */
        icmp_error(WT_SERVER, PORT + 1, 3, 4, 1300, at, 1445, quoted);     /* another's */
        for (unsigned i = 0; i < 3; i++) {
            wait_ms(300 << i);
            record(WT_SERVER, 1400, 1405);
        }
        finish();
        says("\"icmp\":[{\"frame\":");
        says("\"sender\":\"203.0.113.9\",\"protocol\":\"icmp\",\"type\":3,\"code\":4,\"mtu\":1400,\"about\":\"server\","
             "\"count\":2,\"ignored\":3}]");
        stop(&h);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

/* What a FIN acknowledges had come before it, wherever the capture has it: the client left because of that, not without
 * an answer. What it does not acknowledge had not come, though the capture has it before. */
static void test_close_acknowledges_answer(void **state)
{
    (void)state;
    for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++)
        for (unsigned late = 0; late < 2; late++) {
            start(NULL);
            client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
            server_hello(say(&d, WT_SERVER), (struct hello){.suite = 0x1301}); /* of TLS 1.3 alone */
            const struct wt_span hello = wt_buffer_span(&d.turns[0].flight.b),
                                 answer = wt_buffer_span(&d.turns[1].flight.b);
            const uint32_t end[2] = {1001 + (uint32_t)hello.n, 6001 + (uint32_t)answer.n};
            syn(40000, 1000);
            segment(WT_CLIENT, 40000, WT_TCP_ACK, 1001, 6001, hello, 0);
            if (!late)
                segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, end[WT_CLIENT], answer, 0);
            segment(WT_CLIENT, 40000, WT_TCP_ACK | WT_TCP_FIN, end[WT_CLIENT], acknowledged ? end[WT_SERVER] : 6001,
                    nothing, 0);
            if (late)
                segment(WT_SERVER, 40000, WT_TCP_ACK, 6001, end[WT_CLIENT], answer, 0);
            finish();
            assert_string_equal(h.cause, acknowledged ? "malformed-message" : "closed-during-handshake");
            forget(&d);
            stop(&h);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close_acknowledges_answer),
        TEST(test_idle_lost),
        TEST(test_idle_kept),
        TEST(test_idle_reset),
        TEST(test_idle_jump),
        TEST(test_window),
        TEST(test_loss),
        TEST(test_left),
        TEST(test_limits),
        TEST(test_times),
        TEST(test_icmp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
