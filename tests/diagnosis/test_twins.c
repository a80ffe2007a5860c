/* How many pairs of a client and a server are remembered whose ClientHellos were answered. */
#include "diagnosis/twins.h"
#include "observer/state.h"

#include "../observer/streams.h"

static struct wt_observer o;
static struct wt_tls_handshake handshake;
static struct wt_tls tls = {.handshake = &handshake};
static struct wt_conversation c = {.tls = &tls};

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
    learn(WT_LIMIT_TWINS);
    assert_false(is_known(0));
    for (uint32_t i = 1; i <= WT_LIMIT_TWINS; i++)
        assert_true(is_known(i));
    wt_twins_free(o.twins);
    wt_messages_clear(&handshake.common.messages);
    wt_buffer_free(&f.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
