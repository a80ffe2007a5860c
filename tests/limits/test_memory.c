/* What limits on memory do, lower: how much is used is what tests measure first, and the limit is that, or a byte less.
 */
#include "observer/budget.h"
#include "observer/state.h"

#include "../observer/segments.h"

enum { UNLIMITED = 1 << 30, STRANGER = 60000 };

size_t test_memory, test_awake, test_dialogues; /* the limits: lower.h */

static int unlimited(void **state)
{
    WT_LIMIT_MEMORY = WT_LIMIT_AWAKE = WT_LIMIT_DIALOGUE_ALL = UNLIMITED;
    return start(state);
}

static void listen_anew(void)
{
    stop(&h);
    hear_with(&h, (struct wt_observer_options){0}, "capture");
    frame = 0;
}

static void hello_of(unsigned port)
{
    syn(port, 1000);
    segment(WT_CLIENT, port, WT_TCP_ACK, 1001, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
}

/* Unless --max-memory says otherwise. */
static void test_all_memory(void **state)
{
    uint64_t used = UNLIMITED;
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    for (unsigned run = 0; run < 3; run++) {
        const unsigned more = run == 2;
        WT_LIMIT_MEMORY = used - more;
        listen_anew();
        for (unsigned i = 0; h.observer->summary.packets < WT_LIMIT_MEMORY_PACKETS; i++)
            hello_of(1024 + i);
        if (!run)
            used = wt_budget_used(h.observer);
        assert_int_equal(undecoded(&h, "memory_limit") > 0, more);
        assert_int_equal(wt_budget_used(h.observer) < used, more);
        finish();
        assert_int_equal(h.told, WT_LIMIT_MEMORY_PACKETS / 4);
        assert_int_equal(strstr((const char *)h.all.p, "\"memory-limit\"") != NULL, more);
    }
}

static unsigned asleep(void)
{
    unsigned n = 0;
    struct wt_conversations *t = h.observer->conversations;
    for (struct wt_conversation *c = wt_conversations_first(t, WT_LIST_OPEN); c; c = wt_conversations_next(t, c))
        n += c->asleep != 0;
    return n;
}

/* Those that are silent for 2048 packets are kept in fewer bytes, when all take so many. */
static void test_awake_memory(void **state)
{
    enum { SILENT = 8, PACKETS = 33 * WT_LIMIT_MEMORY_PACKETS };
    uint64_t used = UNLIMITED;
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    for (unsigned run = 0; run < 3; run++) {
        WT_LIMIT_AWAKE = used + (run == 2);
        listen_anew();
        for (unsigned i = 0; i < SILENT; i++)
            hello_of(1024 + i);
        while (h.observer->summary.packets < PACKETS - 4)
            segment(WT_CLIENT, STRANGER, WT_TCP_ACK, 1, 1, nothing, 0);
        assert_int_equal(asleep(), 0);
        hello_of(2048); /* it takes what was not taken before */
        if (!run)
            used = wt_budget_used(h.observer);
        assert_int_equal(asleep(), run == 1 ? SILENT : 0);
        finish();
        assert_int_equal(h.told, SILENT + 1);
    }
}

/* What is said before TLS, of all connections: whose is over it is given up, and TLS is not found in it. */
static void test_dialogue_bytes(void **state)
{
    static const char said[] = "EHLO client\r\n";
    const uint32_t n = sizeof said - 1;
    size_t used = UNLIMITED;
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    for (unsigned run = 0; run < 3; run++) {
        const unsigned more = run == 2;
        WT_LIMIT_DIALOGUE_ALL = used - more;
        listen_anew();
        for (unsigned i = 0; i < 3; i++) {
            syn(1024 + i, 1000);
            segment(WT_CLIENT, 1024 + i, WT_TCP_ACK, 1001, 6001, wt_span_text(said), 0);
        }
        if (!run)
            used = h.observer->dialogue_bytes;
        assert_int_equal(undecoded(&h, "dialogue_limit"), more);
        for (unsigned i = 0; i < 3; i++) {
            WT_LIMIT_DIALOGUE_ALL = UNLIMITED;
            segment(WT_CLIENT, 1024 + i, WT_TCP_ACK, 1001 + n, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
        }
        finish();
        assert_int_equal(h.told, 3 - more);
        assert_int_equal(h.observer->dialogue_bytes, 0);
    }
}

/* A refused connection to a server that speaks TLS failed before TLS; so many servers are known. */
static void test_servers(void **state)
{
    (void)state;
    tls12_handshake(&d);
    for (unsigned n = WT_LIMIT_TLS_SERVERS - 1; n <= WT_LIMIT_TLS_SERVERS + 1; n++) {
        listen_anew();
        for (unsigned i = 0; i < n; i++) {
            server_port = 9000 + i;
            syn(1024, 1000);
            pass(1024, 1000, 0, 0);
        }
        server_port = 9000; /* the first */
        segment(WT_CLIENT, 1025, WT_TCP_SYN, 100, 0, nothing, 0);
        segment(WT_SERVER, 1025, WT_TCP_RST | WT_TCP_ACK, 0, 101, nothing, 0);
        server_port = 443;
        finish();
        assert_int_equal(h.told, n + (n <= WT_LIMIT_TLS_SERVERS));
        assert_string_equal(h.cause, n <= WT_LIMIT_TLS_SERVERS ? "tcp-refused" : "");
    }
}

/* Blocks of connections that are over are kept for the next ones, so many bytes of them, less than one more block would
 * take; what is below that is kept. */
static void test_pool(void **state)
{
    size_t each = 0;
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    for (unsigned n = 1; n <= 1024; n *= 4) {
        listen_anew();
        for (unsigned i = 0; i < n; i++)
            hello_of(1024 + i);
        finish();
        assert_int_equal(h.told, n);
        const size_t kept = h.observer->pool.bytes;
        each = n == 1 ? kept : each;
        if (WT_SANITIZED)
            assert_int_equal(kept, 0);
        else if (n * each <= WT_LIMIT_POOL_BYTES)
            assert_int_equal(kept, n * each);
        else
            assert_in_range(kept, WT_LIMIT_POOL_BYTES - WT_POOL_MOST, WT_LIMIT_POOL_BYTES);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, unlimited, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_memory), TEST(test_awake_memory), TEST(test_dialogue_bytes), TEST(test_servers), TEST(test_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
