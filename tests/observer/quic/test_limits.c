/* What one connection, and one datagram, may take: each limit, and one just below. */
#include "wire.h"

#include "observer/quic/close.h"
#include "observer/quic/messages.h"
#include "observer/quic/offload.h"
#include "observer/quic/open.h"
#include "observer/quic/waiting.h"

static const struct how plain;

static struct wt_quic *begun(void)
{
    say_client_hello((struct wt_span){0}, 0);
    return seen();
}

static void number_id(uint8_t *id, unsigned i)
{
    id[0] = (uint8_t)(i >> 8);
    id[1] = (uint8_t)i;
}

static void connection_ids(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    uint8_t id[8] = {1};
    for (uint64_t i = q->id_count; i < WT_LIMIT_QUIC_IDS; i++) {
        id[1] = (uint8_t)i;
        assert_non_null(wt_quic_ids_add(q, WT_SERVER, wt_span_of(id, 8), i));
    }
    assert_int_equal(q->id_count, WT_LIMIT_QUIC_IDS);
    assert_int_equal(o->lost[WT_LOST_QUIC_IDS], 0);
    id[1] = 0xff;
    assert_non_null(wt_quic_ids_add(q, WT_SERVER, wt_span_of(id, 8), 1000));
    assert_int_equal(q->id_count, WT_LIMIT_QUIC_IDS);
    assert_int_equal(o->lost[WT_LOST_QUIC_IDS], 1);
    /* one that was retired goes first, and nobody misses it */
    wt_quic_ids_retire(q, WT_SERVER, 1000);
    id[1] = 0xfe;
    assert_non_null(wt_quic_ids_add(q, WT_SERVER, wt_span_of(id, 8), 1001));
    assert_int_equal(o->lost[WT_LOST_QUIC_IDS], 1);
    id[1] = 0xff;
    assert_null(wt_quic_ids_find(o, wt_span_of(id, 8)));
}

static void paths(void **state)
{
    (void)state;
    shake_hands();
    for (unsigned i = 1; i < WT_LIMIT_QUIC_PATHS; i++) {
        ends[WT_CLIENT].port++;
        say_data(WT_CLIENT, &plain, 0, 1);
    }
    assert_int_equal(seen()->path_count, WT_LIMIT_QUIC_PATHS);
    assert_int_equal(o->lost[WT_LOST_QUIC_PATHS], 0);
    ends[WT_CLIENT].port++;
    say_data(WT_CLIENT, &plain, 0, 1);
    assert_int_equal(seen()->path_count, WT_LIMIT_QUIC_PATHS);
    assert_int_equal(o->lost[WT_LOST_QUIC_PATHS], 1);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.stream_bytes[WT_CLIENT], WT_LIMIT_QUIC_PATHS);
}

/* RFC 9000, 17.1: a number of one byte tells 128 packets ahead from others; the capture may lack more. */
static void windows(void **state)
{
    (void)state;
    const uint64_t first = 1000, most = first + 1 + 128 + WT_LIMIT_QUIC_WINDOWS * 256;
    for (unsigned too_far = 0; too_far < 2; too_far++) {
        const struct how before = {.number = first, .has_number = true},
                         behind = {.number = most + too_far, .has_number = true, .one_byte = true};
        observe(true);
        shake_hands();
        say_data(WT_CLIENT, &before, 0, 1);
        say_data(WT_CLIENT, &behind, 1, 1);
        finish();
        assert_int_equal(told.packets[WT_CLIENT], 4);
        assert_int_equal(told.opened[WT_CLIENT], 4 - too_far);
        (void)stop(NULL);
    }
}

static void closes(void **state)
{
    (void)state;
    shake_hands();
    for (unsigned i = 0; i <= WT_LIMIT_QUIC_CLOSES; i++) {
        const struct wt_quic_frame f = {.kind = WT_FRAME_APPLICATION_CLOSE, .type = 0x1d, .error_code = i};
        assert_int_equal(seen()->close_count, i);
        send_frame(WT_SERVER, &plain, &f);
    }
    assert_int_equal(seen()->close_count, WT_LIMIT_QUIC_CLOSES);
}

static void versions(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    uint8_t packet[256];
    struct wt_writer w = wt_writer_start(packet, sizeof packet);
    wt_write_u8(&w, 0x80);
    wt_write_u32(&w, 0);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_of(first_id, 8), 1, 0, 20, "scid");
    for (unsigned i = 0; i < WT_LIMIT_QUIC_VERSIONS - 1; i++)
        wt_write_u32(&w, V2);
    send_datagram(WT_SERVER, packet, w.n);
    assert_int_equal(q->offered_count, WT_LIMIT_QUIC_VERSIONS - 1);
    wt_write_u32(&w, V2);
    wt_write_u32(&w, V2);
    send_datagram(WT_SERVER, packet, w.n);
    assert_int_equal(q->offered_count, WT_LIMIT_QUIC_VERSIONS);
}

/* A datagram of many packets: so many are opened, and no more. */
static void openings(void **state)
{
    (void)state;
    static uint8_t out[ROOM];
    const uint8_t ping[4] = {1};
    size_t n = 0;
    shake_hands();
    for (unsigned i = 0; i < WT_LIMIT_QUIC_OPENINGS; i++)
        n += seal(out + n, WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
    send_datagram(WT_CLIENT, out, n);
    assert_int_equal(seen()->side[WT_CLIENT].opened[WT_QUIC_HANDSHAKE], 1 + WT_LIMIT_QUIC_OPENINGS);
    assert_int_equal(o->lost[WT_LOST_QUIC_OPENINGS], 0);
    n = 0;
    for (unsigned i = 0; i <= WT_LIMIT_QUIC_OPENINGS; i++)
        n += seal(out + n, WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
    send_datagram(WT_CLIENT, out, n);
    assert_int_equal(seen()->side[WT_CLIENT].opened[WT_QUIC_HANDSHAKE], 1 + 2 * WT_LIMIT_QUIC_OPENINGS);
    assert_int_equal(o->lost[WT_LOST_QUIC_OPENINGS], 1);
}

/* So many may fail: one that is right behind them is opened, behind one more it is not. */
static void failures(void **state)
{
    (void)state;
    static uint8_t out[ROOM];
    const uint8_t ping[4] = {1};
    shake_hands();
    for (unsigned bad = WT_LIMIT_QUIC_FAILURES - 1; bad <= WT_LIMIT_QUIC_FAILURES; bad++) {
        const uint32_t before = seen()->side[WT_CLIENT].opened[WT_QUIC_HANDSHAKE];
        size_t n = 0;
        for (unsigned i = 0; i < bad; i++) {
            n += seal(out + n, WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
            out[n - 1] ^= 1;
        }
        n += seal(out + n, WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
        send_datagram(WT_CLIENT, out, n);
        assert_int_equal(seen()->side[WT_CLIENT].opened[WT_QUIC_HANDSHAKE],
                         before + (bad < WT_LIMIT_QUIC_FAILURES ? 1 : 0));
    }
    assert_int_equal(o->lost[WT_LOST_QUIC_OPENINGS], 1);
}

/* Where the id stands by chance, and not where a packet begins: the last size that is tried is the right one. */
static void segment_guesses(void **state)
{
    (void)state;
    static uint8_t out[ROOM], data[1100];
    for (unsigned decoys = WT_LIMIT_QUIC_SEGMENT_GUESSES - 1; decoys <= WT_LIMIT_QUIC_SEGMENT_GUESSES; decoys++) {
        struct wt_span rest;
        memset(out, 0, sizeof out);
        memset(data, 0, sizeof data);
        for (unsigned i = 0; i <= decoys; i++)
            memset(out + 1 + 100 * (i ? i + 10 : 0), 0xc1, 8);
        memset(out + 1 + 100 * (decoys + 11), 0xc1, 8);
        rest = wt_span_of(out, 4000);
        size_t size = 0, i = 0;
        while (i < WT_LIMIT_QUIC_SEGMENT_GUESSES && (size = wt_quic_offload_guess(rest, 8, 0, i)) &&
               size != 100 * (decoys + 11))
            i++;
        assert_int_equal(i < WT_LIMIT_QUIC_SEGMENT_GUESSES, decoys < WT_LIMIT_QUIC_SEGMENT_GUESSES);
    }
}

/* The first of so many connections still has its Initial keys; one more, and it makes them anew when it needs them. */
static void initial_keys(void **state)
{
    (void)state;
    struct wt_quic *first = begun();
    uint8_t id[8];
    memcpy(id, first_id, 8);
    for (unsigned i = 1; i < WT_LIMIT_QUIC_INITIAL_KEYS; i++) {
        ends[WT_CLIENT].port++;
        first_id[0]++;
        ends[WT_CLIENT].id[0]++;
        (void)begun();
    }
    assert_non_null(first->side[WT_CLIENT].opener[WT_LEVEL_INITIAL]);
    ends[WT_CLIENT].port++;
    first_id[0]++;
    (void)begun();
    assert_null(first->side[WT_CLIENT].opener[WT_LEVEL_INITIAL]);
    begin_ends();
    frame = 1000;
    memcpy(first_id, id, 8);
    ends[WT_CLIENT].number[0] = 1;
    say_client_hello((struct wt_span){0}, 0);
    assert_int_equal(first->side[WT_CLIENT].opened[WT_QUIC_INITIAL], 2);
}

static void crypto_pieces(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const uint64_t at = q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.next;
    for (unsigned i = 0; i < WT_LIMIT_QUIC_CRYPTO_PIECES; i++)
        send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + 10 + 2 * i, wt_span_text("x"));
    assert_int_equal(q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.count, WT_LIMIT_QUIC_CRYPTO_PIECES);
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 0);
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + 1000, wt_span_text("x"));
    assert_int_equal(q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.count, WT_LIMIT_QUIC_CRYPTO_PIECES);
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 1);
}

static void crypto_bytes(void **state)
{
    (void)state;
    static uint8_t data[8192];
    struct wt_quic *q = begun();
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const uint64_t at = q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.next;
    for (unsigned i = 0; i < WT_LIMIT_QUIC_CRYPTO_BYTES / sizeof data; i++)
        send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + 10 + sizeof data * i, wt_span_of(data, sizeof data));
    assert_int_equal(q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.held, WT_LIMIT_QUIC_CRYPTO_BYTES);
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 0);
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + 2, wt_span_text("x"));
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 1);
}

static void crypto_ahead(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const uint64_t at = q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.next;
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + WT_LIMIT_QUIC_CRYPTO_AHEAD, wt_span_text("x"));
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 0);
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, at + WT_LIMIT_QUIC_CRYPTO_AHEAD + 1, wt_span_text("x"));
    assert_int_equal(o->lost[WT_LOST_MESSAGES], 1);
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, WT_VARINT_MOST - 1, wt_span_text("x"));
    assert_int_equal(q->side[WT_CLIENT].crypto[WT_LEVEL_INITIAL]->pieces.count, 1);
}

static void waiting_packets(void **state)
{
    (void)state;
    const uint8_t ping[4] = {1};
    struct wt_quic *q = begun();
    for (unsigned i = 0; i < WT_LIMIT_QUIC_WAITING; i++)
        send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
    assert_int_equal(q->waiting_count, WT_LIMIT_QUIC_WAITING);
    send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, 4));
    assert_int_equal(q->waiting_count, WT_LIMIT_QUIC_WAITING);
}

static void waiting_bytes(void **state)
{
    (void)state;
    static uint8_t padding[16000];
    struct wt_quic *q = begun();
    for (unsigned i = 0; i < WT_LIMIT_QUIC_WAITING_BYTES / (sizeof padding + 100); i++)
        send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(padding, sizeof padding));
    const uint32_t count = q->waiting_count;
    assert_true(q->waiting_bytes <= WT_LIMIT_QUIC_WAITING_BYTES);
    send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(padding, sizeof padding));
    assert_int_equal(q->waiting_count, count);
}

static void listed(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    while (q->list->count < WT_LIMIT_QUIC_LISTED)
        wt_quic_ledger_packet(q, WT_CLIENT, WT_QUIC_1RTT);
    assert_int_equal(q->list->dropped, 0);
    wt_quic_ledger_packet(q, WT_CLIENT, WT_QUIC_1RTT);
    assert_int_equal(q->list->count, WT_LIMIT_QUIC_LISTED);
    assert_int_equal(q->list->dropped, 1);
}

static void listed_frames(void **state)
{
    (void)state;
    struct wt_quic *q = begun();
    wt_quic_ledger_packet(q, WT_CLIENT, WT_QUIC_1RTT);
    while (q->list->kinds.n < WT_LIMIT_QUIC_LISTED_FRAMES)
        wt_quic_ledger_frame(q, WT_CLIENT, WT_FRAME_PING);
    const uint32_t before = q->side[WT_CLIENT].frames[WT_FRAME_PING];
    wt_quic_ledger_frame(q, WT_CLIENT, WT_FRAME_PING);
    assert_int_equal(q->list->kinds.n, WT_LIMIT_QUIC_LISTED_FRAMES);
    assert_int_equal(q->side[WT_CLIENT].frames[WT_FRAME_PING], before + 1);
}

/* The bytes of packets: those behind the limit are in the list without them. */
static void listed_bytes(void **state)
{
    (void)state;
    enum { EACH = 4096 };
    static const uint8_t bytes[EACH];
    const struct wt_quic_header header = {.packet = WT_QUIC_RETRY};
    struct wt_quic *q = begun();
    o->options.keep_datagrams = true;
    for (unsigned i = 0; i < WT_LIMIT_LISTED_BYTES / EACH; i++) {
        wt_quic_ledger_packet(q, WT_CLIENT, WT_QUIC_RETRY);
        wt_quic_ledger_header(q, &header, wt_span_of(bytes, EACH), i);
        assert_int_equal(q->list->entries[q->list->at].bytes, EACH);
        assert_int_equal(q->list->entries[q->list->at].offset, i);
    }
    assert_int_equal(q->list->bytes.n, WT_LIMIT_LISTED_BYTES);
    assert_int_equal(o->lost[WT_LOST_PLACES], 0);
    wt_quic_ledger_packet(q, WT_CLIENT, WT_QUIC_RETRY);
    wt_quic_ledger_header(q, &header, wt_span_of(bytes, EACH), 0);
    assert_int_equal(q->list->bytes.n, WT_LIMIT_LISTED_BYTES);
    assert_int_equal(q->list->entries[q->list->at].bytes, 0);
    assert_int_equal(q->list->entries[q->list->at].length, EACH);
    assert_int_equal(o->lost[WT_LOST_PLACES], 1);
}

/* Anyone can send Initial packets with any ids: what they take is bounded by the connections that there may be, and
 * what each holds is little. */
static void a_flood_of_initials(void **state)
{
    (void)state;
    enum { COUNT = 2000, MOST = 16384 };
    for (unsigned i = 0; i < COUNT; i++) {
        number_id(first_id, i);
        number_id(ends[WT_CLIENT].id, COUNT + i);
        ends[WT_CLIENT].port = (uint16_t)(1024 + i);
        ends[WT_CLIENT].number[0] = 0;
        say_client_hello((struct wt_span){0}, 0);
    }
    assert_true(o->held < (uint64_t)COUNT * MOST);
    finish();
    assert_int_equal(told.count, COUNT);
    assert_null(wt_quic_ids_find(o, wt_span_of(first_id, 8)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connection_ids, start, stop),
        cmocka_unit_test_setup_teardown(paths, start, stop),
        cmocka_unit_test(windows),
        cmocka_unit_test_setup_teardown(closes, start, stop),
        cmocka_unit_test_setup_teardown(versions, start, stop),
        cmocka_unit_test_setup_teardown(openings, start, stop),
        cmocka_unit_test_setup_teardown(failures, start, stop),
        cmocka_unit_test_setup_teardown(segment_guesses, start, stop),
        cmocka_unit_test_setup_teardown(initial_keys, start, stop),
        cmocka_unit_test_setup_teardown(crypto_pieces, start, stop),
        cmocka_unit_test_setup_teardown(crypto_bytes, start, stop),
        cmocka_unit_test_setup_teardown(crypto_ahead, start, stop),
        cmocka_unit_test_setup_teardown(waiting_packets, start, stop),
        cmocka_unit_test_setup_teardown(waiting_bytes, start, stop),
        cmocka_unit_test_setup_teardown(listed, start, stop),
        cmocka_unit_test_setup_teardown(listed_frames, start, stop),
        cmocka_unit_test_setup_teardown(listed_bytes, start, stop),
        cmocka_unit_test_setup_teardown(a_flood_of_initials, start_without_keys, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
