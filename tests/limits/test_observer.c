/* What large limits of the observer do, with lower ones: what is over is left out, and counted. */
#include "observer/places_kept.h"
#include "observer/state.h"

#include "../observer/segments.h"

static void begin(struct wt_observer_options options)
{
    options.keep_messages = true;
    (void)start(NULL);
    stop(&h);
    hear_with(&h, options, "capture");
}

static void test_conversations(void **state)
{
    for (unsigned more = 0; more < 3; more++) {
        begin((struct wt_observer_options){0});
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        for (unsigned i = 0; i < WT_LIMIT_CONVERSATIONS + more; i++) {
            syn(1024 + i, 1000);
            pass(1024 + i, 1000, 0, 0);
        }
        assert_int_equal(undecoded(&h, "conversation_limit"), more);
        assert_int_equal(h.told, more); /* the oldest are reported early */
        finish();
        assert_int_equal(h.told, WT_LIMIT_CONVERSATIONS + more);
        (void)clean(state);
    }
}

/* Segments of all connections: three each that open it, and what is sent. */
static void test_segments(void **state)
{
    for (unsigned more = 0; more < 3; more++) {
        begin((struct wt_observer_options){.keep_segments = true});
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        for (unsigned i = 0; i < WT_LIMIT_SEGMENTS_ALL / 4; i++) {
            syn(1024 + i, 1000);
            pass(1024 + i, 1000, 0, 0);
        }
        for (unsigned i = 0; i < more; i++)
            segment(WT_CLIENT, 1024, WT_TCP_SYN, 1000, 0, nothing, 0); /* again */
        assert_int_equal(h.observer->segments, WT_LIMIT_SEGMENTS_ALL);
        assert_int_equal(undecoded(&h, "place_limit"), more);
        finish();
        (void)clean(state);
    }
}

static void test_records(void **state)
{
    for (unsigned more = 0; more < 3; more++) {
        begin((struct wt_observer_options){0});
        client_hello(say(&d, WT_CLIENT), (struct hello){0});
        struct flight *f = say(&d, WT_SERVER);
        server_hello(f, (struct hello){0});
        for (unsigned i = 0; i < WT_LIMIT_PLACES_RECORDS - 1 + more; i++)
            hidden(f, WT_CONTENT_APPLICATION_DATA, 1);
        syn(1024, 1000);
        pass(1024, 1000, 0, 0);
        assert_int_equal(undecoded(&h, "place_limit"), more);
        finish();
        assert_int_equal(h.c.records_dropped, more);
        (void)clean(state);
    }
}

/* Headers of one connection, and of all of them: up to the limit, and none that would go over it. */
static void test_headers(void **state)
{
    const size_t cost = HEADS + sizeof(struct wt_places_packet);
    for (unsigned all = 0; all < 2; all++) {
        const size_t limit = all ? WT_LIMIT_PACKET_HEADERS_ALL : WT_LIMIT_PACKET_HEADERS_BYTES;
        const unsigned each = all ? 20 : 100;
        begin((struct wt_observer_options){.keep_packet_headers = true});
        client_hello(say(&d, WT_CLIENT),
                     (struct hello){.sni = "a.name.that.makes.it.long.enough.for.all.segments.example"});
        for (unsigned i = 0; i < 100 && !undecoded(&h, "place_limit"); i++) {
            const uint32_t at = i % each * 2;
            if (i % each == 0)
                syn(1024 + i, 1000);
            segment(WT_CLIENT, 1024 + i / each * each, WT_TCP_ACK, 1001 + at, 6001,
                    wt_span_cut(wt_buffer_span(&d.turns[0].flight.b), at, 2), 0);
        }
        assert_int_equal(undecoded(&h, "place_limit"), 1);
        assert_in_range(h.observer->header_bytes, limit - cost + 1, limit);
        finish();
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
