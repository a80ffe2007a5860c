/* How many pairs of a client and a server are remembered whose ClientHellos were answered, how many of each pair, and
 * that it is said where more of them might have decided something. */
#include "diagnosis/twins.h"
#include "observer/state.h"

#include "../observer/segments.h"

static struct wt_observer o;
static struct wt_tls_handshake handshake;
static struct wt_tls tls = {.handshake = &handshake};
static struct wt_conversation c = {.tls = &tls};

static bool forgot(uint32_t pair)
{
    struct wt_attempt own;
    memcpy(c.ip[1], &pair, sizeof pair);
    assert_true(wt_twins_own(&o, &c, &own));
    return wt_twins_forgot(&o, &own);
}

/* An answered one of the pair that differs from a larger ClientHello. */
static bool is_known(uint32_t pair)
{
    struct wt_attempt own;
    memcpy(c.ip[1], &pair, sizeof pair);
    c.stream = pair;
    assert_true(wt_twins_own(&o, &c, &own));
    own.length = 5000;
    own.stream = UINT32_MAX;
    const struct wt_attempt *twin = wt_twins_find(&o, &own);
    assert_true(!twin || twin->stream == pair);
    return twin;
}

static void learn(uint32_t pair)
{
    assert_false(is_known(pair));
    wt_twins_learn(&o, &c);
}

/* The one not met for the longest time makes room. */
static void test_pairs(void **state)
{
    struct flight f = {0};
    (void)state;
    client_hello(&f, (struct hello){.sni = "example.org"});
    struct wt_handshake_message *m = wt_messages_read(NULL, &(struct wt_codec_context){0}, WT_HANDSHAKE_CLIENT_HELLO,
                                                      wt_span_cut(wt_buffer_span(&f.b), 5 + 4, f.b.n), false, NULL);
    assert_non_null(m);
    assert_true(wt_messages_add(&handshake.common.messages, m, WT_CLIENT, WT_PLACE_HELLO));
    for (uint32_t i = 0; i < WT_LIMIT_TWINS; i++)
        learn(i);
    for (uint32_t i = 0; i < WT_LIMIT_TWINS; i++)
        assert_true(is_known(i));
    for (uint32_t i = 0; i < 2 * WT_LIMIT_TWINS; i++)
        assert_false(forgot(i));
    learn(WT_LIMIT_TWINS);
    assert_false(is_known(0));
    assert_true(forgot(0));
    for (uint32_t i = 1; i <= WT_LIMIT_TWINS; i++) {
        assert_true(is_known(i));
        assert_false(forgot(i));
    }
    learn(0);
    assert_true(forgot(0)); /* there was one before */
    wt_twins_free(o.twins);
    wt_messages_clear(&handshake.common.messages);
    wt_buffer_free(&f.b);
}

/* The server answers, or resets. */
static void ask(unsigned number, bool answers)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%u.example.org", number);
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = name});
    const uint32_t next = 1001 + (uint32_t)d.turns[0].flight.b.n;
    if (answers)
        server_hello(say(&d, WT_SERVER), (struct hello){.sni = name});
    syn(1024 + number, 1000);
    pass(1024 + number, 1000, 0, 0);
    if (!answers)
        segment(WT_SERVER, 1024 + number, WT_TCP_RST | WT_TCP_ACK, 6001, next, nothing, 0);
    forget(&d);
}

/* Of a pair, those that were answered last; it is counted where one that was not answered could have met others. */
static void test_attempts(void **state)
{
    for (unsigned how = 0; how < 4; how++) {
        const unsigned more = how & 1, fails = how >> 1;
        (void)start(state);
        for (unsigned i = 0; i < WT_LIMIT_TWINS_KEPT + more; i++)
            ask(i, true);
        ask(WT_LIMIT_TWINS_KEPT - 1 + more, true); /* again, as the newest was */
        ask(100, !fails);
        finish();
        assert_string_equal(h.cause, fails ? "reset-after-client-hello" : "");
        assert_int_equal(undecoded(&h, "twin_limit"), more && fails);
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
