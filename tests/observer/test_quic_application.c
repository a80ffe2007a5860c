/* What applications say on QUIC's streams, as it is told; and packets with their frames, for whoever asks. */
#include "observer/observer.h"
#include "observer/quic/application.h"
#include "observer/quic/told.h"
#include "observer/udp/connections.h"
#include "registry/limits.h"
#include "wiretale/quic_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct wt_observer *o;
static struct wt_quic *q;
static uint32_t frame;
static char said[1024];
static size_t said_n;
static uint64_t said_bytes, exchanges;
static struct {
    uint64_t packets, frames, ranges, left_out, ends, connection;
    uint64_t delay;
} told;

static void take(void *context, const struct wt_connection *c)
{
    (void)context;
    exchanges = c->exchange_count;
}

/* "SIDE STREAM text" of each piece; "|" at the end of a stream, "[n]" before n that are lost. */
static void listen_to(void *context, const struct wt_plaintext *p)
{
    char text[64] = "";
    (void)context;
    if (p->end)
        return;
    said_bytes += p->bytes.n;
    if (p->lost)
        (void)snprintf(text, sizeof text, "[%u]", (unsigned)p->lost);
    if (said_n + p->bytes.n + 96 < sizeof said)
        said_n += (size_t)snprintf(said + said_n, sizeof said - said_n, "%c%u%s %s%.*s%s\n", p->from ? 's' : 'c',
                                   (unsigned)p->quic_stream, p->early ? " early" : "", text, (int)p->bytes.n,
                                   p->bytes.n ? (const char *)p->bytes.p : "", p->fin ? "|" : "");
    assert_true(p->quic);
}

static void count(void *context, const struct wt_quic_packet_told *p)
{
    (void)context;
    told.connection = p->connection;
    if (p->end) {
        told.ends++;
        return;
    }
    told.packets++;
    told.frames += p->frame_count;
    told.left_out += p->frames_left_out;
    for (size_t i = 0; i < p->frame_count; i++) {
        told.ranges += p->frames[i].range_count;
        if (p->frames[i].range_count)
            told.delay = p->frames[i].ack_delay;
        for (size_t j = 0; j < p->frames[i].range_count; j++)
            assert_true(p->frames[i].ranges[j].smallest <= p->frames[i].ranges[j].largest);
    }
}

static int begin(void **state)
{
    static struct wt_segment s;
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = take,
                                                .plaintext = listen_to,
                                                .quic_packet = count,
                                                .read_application = true,
                                                .max_memory = 1u << 31};
    (void)state;
    frame = 0;
    said_n = said_bytes = exchanges = 0;
    said[0] = 0;
    memset(&told, 0, sizeof told);
    o = wt_observer_new(&options, NULL);
    if (!o)
        return -1;
    s = (struct wt_segment){.source_port = 1, .target_port = 2, .length = 1};
    o->frame = 1;
    o->now.ns = 1000000000;
    s.source[15] = 1;
    s.target[15] = 2;
    struct wt_conversation *udp =
        wt_datagrams_take(&o->datagrams, &s, (struct wt_datagram_stamp){o->now, 1}, 0, &(unsigned){0});
    const struct wt_datagram d = {&s, {0}, udp, 0};
    q = wt_quic_connection_new(o, &d, WT_CLIENT);
    return q ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    wt_observer_free(o);
    return 0;
}

static struct wt_span text_of(const char *text)
{
    return wt_span_of((const uint8_t *)text, strlen(text));
}

static void stream(enum wt_quic_packet type, unsigned from, uint64_t id, uint64_t offset, struct wt_span data, bool fin)
{
    const struct wt_quic_sent p = {.type = type, .from = from};
    const struct wt_quic_frame f = {.kind = WT_FRAME_STREAM,
                                    .type = 0x0e | (fin ? WT_STREAM_FIN : 0),
                                    .stream_id = id,
                                    .offset = offset,
                                    .data = data};
    o->frame = ++frame;
    wt_quic_application_frame(q, &p, &f);
}

static void reset_stream(unsigned from, uint64_t id)
{
    const struct wt_quic_sent p = {.type = WT_QUIC_1RTT, .from = from};
    const struct wt_quic_frame f = {.kind = WT_FRAME_RESET_STREAM, .type = 4, .stream_id = id};
    wt_quic_application_frame(q, &p, &f);
}

static void streams_are_told_in_order(void **state)
{
    (void)state;
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 3, text_of("def"), true);
    stream(WT_QUIC_1RTT, WT_CLIENT, 4, 0, text_of("other"), false);
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 0, text_of("abc"), false);
    stream(WT_QUIC_1RTT, WT_SERVER, 0, 0, text_of("answer"), true);
    assert_string_equal(said, "c4 other\nc0 abc\nc0 def\nc0 |\ns0 answer\ns0 |\n");
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 0, text_of("abc"), false); /* once more: it is over */
    stream(WT_QUIC_1RTT, WT_SERVER, 2, 0, text_of("no"), false);  /* the client's alone */
    reset_stream(WT_CLIENT, 4);
    stream(WT_QUIC_1RTT, WT_CLIENT, 4, 5, text_of("late"), false);
    assert_string_equal(said, "c4 other\nc0 abc\nc0 def\nc0 |\ns0 answer\ns0 |\nc4 |\n");
}

/* What the capture lacks is known at the end. */
static void what_is_lost_is_told(void **state)
{
    (void)state;
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 0, text_of("ab"), false);
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 5, text_of("fg"), true);
    assert_string_equal(said, "c0 ab\n");
    wt_quic_application_end(q);
    assert_string_equal(said, "c0 ab\nc0 [3]fg\nc0 |\n");
}

/* RFC 9000, 4.5: beyond the final size nothing belongs to a stream. */
static void nothing_is_beyond_the_end(void **state)
{
    (void)state;
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 3, (struct wt_span){0}, true);
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 0, text_of("abcdef"), false);
    assert_string_equal(said, "c0 abc\nc0 |\n");
}

/* RFC 9001, 4.6.2: 0-RTT counts when the server has accepted it. */
static void early_data_wait(void **state)
{
    (void)state;
    stream(WT_QUIC_0RTT, WT_CLIENT, 0, 0, text_of("early"), true);
    assert_string_equal(said, "");
    q->c->tls->agreed.early_data = WT_EARLY_ACCEPTED;
    stream(WT_QUIC_1RTT, WT_CLIENT, 4, 0, text_of("late"), false);
    assert_string_equal(said, "c0 early early\nc0 early |\nc4 late\n");
}

static void early_data_that_are_rejected_come_again(void **state)
{
    (void)state;
    stream(WT_QUIC_0RTT, WT_CLIENT, 0, 0, text_of("before"), true);
    q->c->tls->agreed.early_data = WT_EARLY_REJECTED;
    stream(WT_QUIC_1RTT, WT_CLIENT, 0, 0, text_of("anew"), true);
    assert_string_equal(said, "c0 anew\nc0 |\n");
}

/* More than is held of it. */
static void early_data_are_bounded(void **state)
{
    static uint8_t piece[1024];
    uint64_t held = 0;
    (void)state;
    for (uint64_t i = 0; i < WT_LIMIT_QUIC_EARLY / sizeof piece + 10; i++)
        stream(WT_QUIC_0RTT, WT_CLIENT, 0, i * sizeof piece, wt_span_of(piece, sizeof piece), false);
    q->c->tls->agreed.early_data = WT_EARLY_ACCEPTED;
    wt_quic_application_end(q);
    held = said_bytes;
    assert_true(held < WT_LIMIT_QUIC_EARLY && held > WT_LIMIT_QUIC_EARLY - WT_LIMIT_QUIC_EARLY / 8);
    assert_true(o->lost[WT_LOST_MESSAGES] > 10);
}

/* HTTP/3 of a connection that agreed on it, or of which that is not known. */
static void http3_is_read(void **state)
{
    static const char *const protocols[] = {"", "h3", "h3-29", "hq-interop", "h3x"};
    (void)state;
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        q->c->tls->agreed.alpn = text_of(protocols[i]);
        stream(WT_QUIC_1RTT, WT_CLIENT, 4 * i, 0, wt_span_of((const uint8_t *)"\1\4\0\0\xd1\xc1", 6), true);
        stream(WT_QUIC_1RTT, WT_SERVER, 4 * i, 0, wt_span_of((const uint8_t *)"\1\3\0\0\xd9", 5), true);
    }
    q->c->tls->agreed.alpn = (struct wt_span){0};
    wt_observer_finish(o);
    assert_int_equal(exchanges, 3);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void packet(const uint8_t *payload, size_t n)
{
    const struct wt_quic_header header = {.version = 1};
    const struct wt_quic_sent p = {.header = &header,
                                   .type = WT_QUIC_1RTT,
                                   .from = WT_CLIENT,
                                   .bytes = wt_span_of(payload, n),
                                   .payload = wt_span_of(payload, n)};
    wt_quic_told_packet(q, &p, true);
}

static void frames_of_a_packet_are_bounded(void **state)
{
    static uint8_t pings[WT_LIMIT_QUIC_TOLD_FRAMES + 1];
    (void)state;
    memset(pings, 1, sizeof pings);
    packet(pings, sizeof pings - 1);
    assert_int_equal(told.frames, WT_LIMIT_QUIC_TOLD_FRAMES);
    assert_int_equal(told.left_out, 0);
    packet(pings, sizeof pings);
    assert_int_equal(told.frames, 2 * WT_LIMIT_QUIC_TOLD_FRAMES);
    assert_int_equal(told.left_out, 1);
    assert_int_equal(told.packets, 2);
    assert_int_equal(told.connection, 1);
    wt_quic_told_end(q);
    assert_int_equal(told.ends, 1);
}

/* An ACK of so many ranges of one packet each, one packet apart. */
static size_t ack(uint8_t *to, uint64_t ranges)
{
    uint8_t *p = to;
    *p++ = 2;
    *p++ = 0x80, *p++ = 1, *p++ = 0, *p++ = 0; /* largest: 65536 */
    *p++ = 10;                                 /* delay */
    *p++ = (uint8_t)(0x40 | (ranges - 1) >> 8), *p++ = (uint8_t)(ranges - 1);
    *p++ = 0;
    for (uint64_t i = 1; i < ranges; i++)
        *p++ = 0, *p++ = 0;
    return (size_t)(p - to);
}

static void ranges_of_a_packet_are_bounded(void **state)
{
    static uint8_t acks[2 * WT_LIMIT_QUIC_TOLD_RANGES + 64];
    const uint64_t half = WT_LIMIT_QUIC_TOLD_RANGES / 2;
    (void)state;
    size_t n = ack(acks, half);
    n += ack(acks + n, half);
    packet(acks, n);
    assert_int_equal(told.ranges, WT_LIMIT_QUIC_TOLD_RANGES);
    assert_int_equal(told.left_out, 0);
    assert_int_equal(told.delay, 10 << 3); /* RFC 9000, 18.2: by the default exponent */
    memset(&told, 0, sizeof told);
    wt_quic_told_parameters(
        q, WT_CLIENT, (struct wt_ext_quic_transport_parameters){wt_span_of((const uint8_t *)"\x0a\1\5", 3), false});
    n = ack(acks, half);
    n += ack(acks + n, half + 1);
    packet(acks, n);
    assert_int_equal(told.ranges, WT_LIMIT_QUIC_TOLD_RANGES);
    assert_int_equal(told.left_out, 1);
    assert_int_equal(told.delay, 10 << 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(streams_are_told_in_order, begin, end),
        cmocka_unit_test_setup_teardown(what_is_lost_is_told, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_beyond_the_end, begin, end),
        cmocka_unit_test_setup_teardown(early_data_wait, begin, end),
        cmocka_unit_test_setup_teardown(early_data_that_are_rejected_come_again, begin, end),
        cmocka_unit_test_setup_teardown(early_data_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(http3_is_read, begin, end),
        cmocka_unit_test_setup_teardown(frames_of_a_packet_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(ranges_of_a_packet_are_bounded, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
