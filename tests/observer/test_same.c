/* Connections that are recognised by their randoms: how many, and at how many places, at the limits and just below. */
#include "observer/message/same.h"
#include "observer/state.h"

#include "segments.h"

static struct wt_observer o;
static struct wt_tls_handshake handshake;
static struct wt_tls tls = {.handshake = &handshake};
static struct wt_conversation c = {.tls = &tls};

/* Connection `number`, as the stream of that number. */
static void meet(uint32_t number, uint32_t stream)
{
    struct wt_agreed *a = &handshake.common.agreed;
    tls.same = 0;
    c.stream = stream;
    a->offered.random_length = 32;
    a->chosen.has_random = true;
    memset(a->offered.random, 1, 32);
    memcpy(a->offered.random + 8, &number, sizeof number);
    memcpy(a->chosen.random, a->offered.random, 32);
    wt_same_note(&o, &c);
}

/* The one not met for the longest time makes room. */
static void test_connections(void **state)
{
    uint32_t streams[WT_LIMIT_SAME_PLACES];
    (void)state;
    for (uint32_t n = WT_LIMIT_SAME; n <= WT_LIMIT_SAME + 1; n++) {
        for (uint32_t i = 0; i < n; i++)
            meet(i, i);
        assert_int_equal(o.lost[WT_LOST_SAME], 0);
        meet(0, n);
        assert_int_equal(wt_same_streams(&o, &c, streams), n == WT_LIMIT_SAME);
        assert_int_equal(o.lost[WT_LOST_SAME], n > WT_LIMIT_SAME); /* it was met before */
        meet(n - 1, n + 1);
        assert_int_equal(wt_same_streams(&o, &c, streams), 1);
        assert_int_equal(streams[0], n - 1);
        wt_same_free(o.same);
        o.same = NULL;
    }
}

static size_t occurrences(const char *text)
{
    size_t n = 0;
    for (const char *at = (const char *)h.all.p; (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* Connection `number`, on a port of its own. */
static void pass_as(uint32_t number, unsigned port)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.random = 7});
    server_hello(say(&d, WT_SERVER), (struct hello){.random = 7});
    memcpy(d.turns[0].flight.b.p + 5 + 4 + 2 + 8, &number, sizeof number); /* in the random */
    syn(port, 1000);
    pass(port, 1000, 0, 0);
    forget(&d);
}

/* Two open ones that are the same make room, and a third comes: it is said that of each others may be missing. */
static void test_forgotten(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        (void)start(state);
        pass_as(0, 1);
        pass_as(0, 2);
        for (unsigned i = 1; i < WT_LIMIT_SAME + more; i++)
            pass_as(i, 1024 + i);
        pass_as(0, 3);
        finish();
        wt_buffer_add(&h.all, "", 1);
        assert_int_equal(occurrences("is also stream"), more ? 2 : 3); /* the first two name the third */
        assert_int_equal(undecoded(&h, "same_limit"), more ? 3 : 0);
        (void)clean(state);
    }
}

/* Streams beyond the limit name those within it; all of these say that there are others, but not which. */
static void test_places(void **state)
{
    for (unsigned more = 0; more < 3; more++) {
        const unsigned n = WT_LIMIT_SAME_PLACES + more;
        char said[64];
        (void)start(state);
        for (unsigned i = 0; i < n; i++) {
            client_hello(say(&d, WT_CLIENT), (struct hello){.random = 7});
            server_hello(say(&d, WT_SERVER), (struct hello){.random = 7});
            syn(1024 + i, 1000);
            pass(1024 + i, 1000, 0, 0);
            forget(&d);
        }
        finish();
        wt_buffer_add(&h.all, "", 1);
        (void)snprintf(said, sizeof said, "and others: it was captured at %u places", n);
        assert_int_equal(occurrences("is also stream"), n);
        assert_int_equal(occurrences("\"same_as\":[0,1,2,3,4,5,6,7]"), more);
        assert_int_equal(occurrences(said), more == 0 ? 0 : more == 1 ? WT_LIMIT_SAME_PLACES : n);
        assert_int_equal(wt_observer_summary(h.observer)->elsewhere, n - 1);
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
