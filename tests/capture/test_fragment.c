/* IP fragments: in every order, doubled, overlapping, too many and too late. */
#include "capture/fragment.h"
#include "make.h"
#include "registry/limits.h"

enum { SIZE = 4096, TCP = 6 };

static struct wt_fragments *fragments;
static struct wrap w;
static uint8_t whole[SIZE]; /* TCP's header and its payload */
static int64_t now;
static bool six;

static int begin(void **state)
{
    uint64_t random = 5;
    static uint8_t payload[SIZE - 20];
    (void)state;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)make_random(&random);
    wrap_start(&w, payload, sizeof payload);
    wrap_tcp(&w, WT_TCP_ACK, 0);
    memcpy(whole, w.room + w.begin, SIZE);
    fragments = wt_fragments_new();
    now = INT64_C(1500000000000000000);
    six = false;
    return fragments ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    wt_fragments_free(fragments);
    return 0;
}

/* Gives the bytes of [from, to) of the datagram, from a copy that is then gone. */
static enum wt_packet_reason give_bytes(uint32_t id, const uint8_t *bytes, uint32_t from, uint32_t to, bool more,
                                        struct wt_segment *s)
{
    struct wt_packet packet;
    enum wt_packet_reason reason;
    uint8_t *copy;
    wrap_start(&w, bytes, to - from);
    if (six) {
        uint8_t header[8] = {TCP,
                             0,
                             (uint8_t)(from >> 8),
                             (uint8_t)((from & 0xf8) | more),
                             (uint8_t)(id >> 24),
                             (uint8_t)(id >> 16),
                             (uint8_t)(id >> 8),
                             (uint8_t)id};
        wrap_bytes(&w, header, 8);
        wrap_ipv6(&w, 44);
    } else {
        wrap_ipv4_piece(&w, TCP, (uint16_t)id, (uint16_t)from, more);
    }
    packet = wrap_packet(&w, 101);
    packet.time.ns = now;
    copy = malloc(packet.length);
    assert_non_null(copy);
    memcpy(copy, packet.data, packet.length);
    packet.data = copy;
    reason = wt_packet_decode(fragments, &packet, s);
    free(copy);
    return reason;
}

static enum wt_packet_reason give(uint32_t id, uint32_t from, uint32_t to)
{
    struct wt_segment s;
    enum wt_packet_reason reason = give_bytes(id, whole + from, from, to, to < SIZE, &s);
    if (reason == WT_PACKET_TCP) {
        assert_int_equal(s.length, SIZE - 20);
        assert_int_equal(s.missing, 0);
        assert_int_equal(s.source_port, 40000);
        assert_memory_equal(s.data, whole + 20, SIZE - 20);
    }
    return reason;
}

/* All orders of four pieces, one of them given twice. */
static void test_orders(void **state)
{
    static const uint32_t cuts[] = {0, 8, 1480, 2960, SIZE};
    (void)state;
    for (unsigned version = 0; version < 2; version++) {
        six = version;
        for (unsigned order = 0; order < 256; order++) {
            unsigned seen = 0;
            enum wt_packet_reason last = WT_PACKET_FRAGMENT_HELD;
            for (unsigned i = 0; i < 4; i++)
                seen |= 1u << (order >> 2 * i & 3);
            if (seen != 15)
                continue;
            for (unsigned i = 0; i < 4; i++) {
                unsigned k = order >> 2 * i & 3;
                assert_int_equal(last, WT_PACKET_FRAGMENT_HELD);
                last = give(order, cuts[k], cuts[k + 1]);
                if (last == WT_PACKET_FRAGMENT_HELD)
                    assert_int_equal(give(order, cuts[k], cuts[k + 1]), WT_PACKET_FRAGMENT_HELD);
            }
            assert_int_equal(last, WT_PACKET_TCP);
        }
    }
    assert_int_equal(wt_fragments_flush(fragments), 0);
}

/* A capture may have each packet twice. */
static void test_copies_of_a_whole_datagram(void **state)
{
    (void)state;
    assert_int_equal(give(1, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_TCP);
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_FRAGMENT_HELD);
    now += 2000000000; /* later the number is another datagram's */
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 0, 2048), WT_PACKET_TCP);
    assert_int_equal(wt_fragments_flush(fragments), 0);
}

static void test_overlap_first_wins(void **state)
{
    uint8_t other[1024];
    struct wt_segment s;
    (void)state;
    memset(other, 0x55, sizeof other);
    assert_int_equal(give(1, 1024, 2048), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give_bytes(1, other, 1024, 2048, true, &s), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 0, 1600), WT_PACKET_TCP);
}

/* RFC 8200, 4.5: "reassembly of that packet must be abandoned" */
static void test_overlap_in_ipv6(void **state)
{
    (void)state;
    six = true;
    assert_int_equal(give(1, 0, 1024), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 1016, 2048), WT_PACKET_MALFORMED);
    assert_int_equal(give(1, 1024, SIZE), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(wt_fragments_flush(fragments), 3);
}

/* Two ends, bytes behind the end, an end before bytes that came. */
static void test_ends_that_contradict(void **state)
{
    struct wt_segment s;
    (void)state;
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give_bytes(1, whole, 2048, 3000, false, &s), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give_bytes(1, whole, SIZE, SIZE + 800, true, &s), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 0, 2048), WT_PACKET_TCP);
    assert_int_equal(give(2, 8, 2048), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give_bytes(2, whole, 8, 16, false, &s), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(2, 0, 8), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(2, 2048, SIZE), WT_PACKET_TCP);
}

static void test_impossible_pieces(void **state)
{
    struct wt_segment s;
    (void)state;
    assert_int_equal(give_bytes(1, whole, 65528, 65528 + 100, false, &s), WT_PACKET_MALFORMED);
    assert_int_equal(give_bytes(1, whole, 0, 13, true, &s), WT_PACKET_MALFORMED); /* no multiple of 8 */
    assert_int_equal(give_bytes(1, whole, 8, 8, false, &s), WT_PACKET_MALFORMED); /* nothing */
    six = true;
    assert_int_equal(give_bytes(1, whole, 0, 13, true, &s), WT_PACKET_MALFORMED);
    assert_int_equal(wt_fragments_flush(fragments), 0);
}

/* RFC 8200, 4.5: "within 60 seconds of the reception of the first-arriving fragment" */
static void test_too_late(void **state)
{
    (void)state;
    assert_int_equal(give(1, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    now += WT_LIMIT_FRAGMENT_AGE;
    assert_int_equal(give(2, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(give(1, 2048, SIZE), WT_PACKET_TCP);
    now += 1;
    assert_int_equal(give(3, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    now += WT_LIMIT_FRAGMENT_AGE + 1;
    assert_int_equal(give(3, 2048, SIZE), WT_PACKET_FRAGMENT_HELD);
    assert_int_equal(wt_fragments_flush(fragments), 3);
    assert_int_equal(wt_fragments_flush(fragments), 0);
}

static void test_limit_of_datagrams(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < WT_LIMIT_FRAGMENT_DATAGRAMS; i++) {
        now++;
        assert_int_equal(give(i, 0, 8), WT_PACKET_FRAGMENT_HELD);
    }
    assert_int_equal(give(5000, 0, 2048), WT_PACKET_FRAGMENT_LIMIT); /* the oldest went */
    assert_int_equal(give(5000, 2048, SIZE), WT_PACKET_TCP);
    assert_int_equal(give(1, 8, SIZE), WT_PACKET_TCP);
    assert_int_equal(give(0, 8, SIZE), WT_PACKET_FRAGMENT_HELD); /* in a place that became free */
    assert_int_equal(wt_fragments_flush(fragments), WT_LIMIT_FRAGMENT_DATAGRAMS);
}

static void test_limit_of_bytes(void **state)
{
    struct wt_segment s;
    unsigned held = 0;
    (void)state;
    while (give_bytes(held, whole, 60000, 60008, true, &s) == WT_PACKET_FRAGMENT_HELD) {
        now++;
        held++;
    }
    assert_int_equal(held, WT_LIMIT_FRAGMENT_BYTES / 65535); /* each has room for the largest datagram */
}

/* What the capture cut cannot be joined: the first piece is used, the rest is told. */
static void test_cut_pieces(void **state)
{
    struct wt_segment s;
    struct wt_packet packet;
    (void)state;
    wrap_start(&w, whole, 2048);
    wrap_ipv4_piece(&w, TCP, 1, 0, true);
    packet = wrap_packet(&w, 101);
    packet.length -= 48;
    assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, 2048 - 48 - 20);
    assert_int_equal(s.missing, 48);
    wrap_start(&w, whole, 2048);
    wrap_ipv4_piece(&w, TCP, 1, 2048, false);
    packet = wrap_packet(&w, 101);
    packet.length -= 48;
    assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TRUNCATED);
}

/* A tunnel's datagram in pieces, inside it one in pieces again: the bytes of both live until the next packet. */
static void test_fragments_in_fragments(void **state)
{
    static uint8_t inner[8192];
    size_t n;
    struct wt_segment s;
    struct wt_packet packet;
    (void)state;
    assert_int_equal(give(9, 0, 2048), WT_PACKET_FRAGMENT_HELD);
    wrap_start(&w, whole + 2048, SIZE - 2048);
    wrap_ipv4_piece(&w, TCP, 9, 2048, false);
    n = w.end - w.begin;
    memcpy(inner, w.room + w.begin, n);
    wrap_start(&w, inner, 1024);
    wrap_ipv4_piece(&w, 4, 77, 0, true);
    packet = wrap_packet(&w, 101);
    packet.time.ns = now;
    assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_FRAGMENT_HELD);
    wrap_start(&w, inner + 1024, n - 1024);
    wrap_ipv4_piece(&w, 4, 77, 1024, false);
    packet = wrap_packet(&w, 101);
    packet.time.ns = now;
    assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, SIZE - 20);
    assert_memory_equal(s.data, whole + 20, SIZE - 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_orders),          TEST(test_copies_of_a_whole_datagram), TEST(test_overlap_first_wins),
        TEST(test_overlap_in_ipv6), TEST(test_ends_that_contradict),       TEST(test_impossible_pieces),
        TEST(test_too_late),        TEST(test_limit_of_datagrams),         TEST(test_limit_of_bytes),
        TEST(test_cut_pieces),      TEST(test_fragments_in_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
