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

/* What is kept of the places of the one connection. */
static const struct wt_places *kept_places(void)
{
    return wt_conversations_first(h.observer->conversations, WT_LIST_OPEN)->places;
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

/* Both hellos, a segment each. Gives the server's next flight, which goes on with go_on(). */
static struct flight *hellos(void)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    server_hello(say(&d, WT_SERVER), (struct hello){0});
    syn(1024, 1000);
    pass(1024, 1000, 0, 0);
    return say(&d, WT_SERVER);
}

/* The flight in segments of one byte. */
static void go_on(void)
{
    pass(1024, 1000, 2, 1);
}

/* Packets of a record that has not ended, after one that has: the older half of them is forgotten. */
static void test_packets(void **state)
{
    static const uint8_t body[WT_LIMIT_PLACES_PACKETS];
    for (unsigned more = 0; more < 2; more++) {
        const size_t header = 5 + 4, before = WT_LIMIT_PLACES_PACKETS / 2 - header - 4,
                     n = WT_LIMIT_PLACES_PACKETS - header + more;
        begin((struct wt_observer_options){0});
        struct flight *f = hellos();
        add_handshake(f, WT_HANDSHAKE_CERTIFICATE_STATUS, body, before);
        add_handshake(f, WT_HANDSHAKE_CERTIFICATE_STATUS, body, n);
        go_on();
        const size_t forgotten = more ? WT_LIMIT_PLACES_PACKETS / 2 : 0;
        assert_int_equal(kept_places()->lane[1].map.packet_count, WT_LIMIT_PLACES_PACKETS + more - forgotten);
        assert_int_equal(undecoded(&h, "place_limit"), forgotten);
        finish();
        assert_int_equal(h.places, 2 + 4 + before + (more ? WT_LIMIT_PLACES_PACKETS / 2 + 1 : 4 + n));
        (void)clean(state);
    }
}

/* The same of a dialogue that may turn into TLS: nobody asks for those, and TLS has all of its own. */
static void test_plain(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        begin((struct wt_observer_options){0});
        struct flight *f = say(&d, WT_CLIENT);
        for (unsigned i = 0; i < WT_LIMIT_PLACES_PLAIN + more; i++)
            text(f, "a");
        syn(1024, 1000);
        pass(1024, 1000, 0, 1);
        assert_int_equal(kept_places()->lane[0].map.packet_count,
                         more ? WT_LIMIT_PLACES_PLAIN / 2 + 1 : WT_LIMIT_PLACES_PLAIN);
        f = say(&d, WT_CLIENT);
        client_hello(f, (struct hello){0});
        const size_t n = f->b.n - 5;
        pass(1024, 1000, 1, 1);
        finish();
        assert_int_equal(undecoded(&h, "place_limit"), 0);
        assert_int_equal(h.places, n);
        (void)clean(state);
    }
}

/* A carrier's packets, with a byte of TLS in each that it is taken out of. */
static void test_slices(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        struct wt_stream_map m = {0};
        struct wt_stream_place place;
        for (unsigned i = 0; i < WT_LIMIT_PLACES_PACKETS + more; i++) {
            wt_stream_map_packet(&m, 9 * i, 9, i, 2 * WT_LIMIT_PLACES_PACKETS);
            wt_stream_map_carried(&m, 1, 0);
        }
        assert_int_equal(m.lost, more);
        assert_int_equal(wt_stream_map_find(&m, 8 + WT_LIMIT_PLACES_PACKETS - 1, 1, &place, 1), !more);
        assert_true(more || place.frame == WT_LIMIT_PLACES_PACKETS - 1);
        wt_stream_map_free(&m);
    }
    (void)state;
}

/* Records that a handshake message in progress has touched, a byte of it in each, and the last two in the last one: one
 * that touches more has no places, and those after it have theirs. */
static void test_parts(void **state)
{
    for (unsigned more = 0; more < 3; more++) {
        const uint8_t message[WT_LIMIT_PLACES_PARTS + 3] = {WT_HANDSHAKE_CERTIFICATE_STATUS, 0, 0,
                                                            (uint8_t)(WT_LIMIT_PLACES_PARTS + 1 + more - 4)};
        begin((struct wt_observer_options){0});
        struct flight *f = hellos();
        for (unsigned i = 0; i < WT_LIMIT_PLACES_PARTS - 1 + more; i++)
            add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of(message + i, 1));
        add_record(f, WT_CONTENT_HANDSHAKE, wt_span_of(message + WT_LIMIT_PLACES_PARTS - 1 + more, 2));
        server_hello_done(f);
        go_on();
        assert_int_equal(undecoded(&h, "place_limit"), more > 0);
        finish();
        assert_int_equal(h.messages, 4);
        assert_int_equal(h.pieces, 3 + (more ? 0 : WT_LIMIT_PLACES_PARTS));
        (void)clean(state);
    }
}

/* Bytes of the places of one connection: up to the limit, and none that would go over it. */
static void test_bytes(void **state)
{
    enum { EACH = 100, COST = EACH * sizeof(struct wt_stream_place) + 32 }; /* with what the arena needs for a block */
    begin((struct wt_observer_options){0});
    (void)hellos();
    for (unsigned i = 0; i < 13 && !undecoded(&h, "place_limit"); i++) {
        assert_true(kept_places()->arena.used <= WT_LIMIT_PLACES_BYTES);
        hidden(i ? say(&d, WT_SERVER) : &d.turns[2].flight, WT_CONTENT_APPLICATION_DATA, EACH - 5);
        pass(1024, 1000, 2 + i, 1);
    }
    assert_true(undecoded(&h, "place_limit"));
    assert_in_range(kept_places()->arena.used, WT_LIMIT_PLACES_BYTES - COST + 1, WT_LIMIT_PLACES_BYTES);
    finish();
    (void)clean(state);
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
        cmocka_unit_test(test_conversations), cmocka_unit_test(test_segments), cmocka_unit_test(test_records),
        cmocka_unit_test(test_packets),       cmocka_unit_test(test_slices),   cmocka_unit_test(test_plain),
        cmocka_unit_test(test_parts),         cmocka_unit_test(test_bytes),    cmocka_unit_test(test_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
