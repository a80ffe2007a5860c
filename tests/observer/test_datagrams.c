/* UDP's conversations, on packets made byte by byte: numbered as Wireshark numbers udp.stream, counted, bounded. */
#include "capture/fragment.h"
#include "observer/transport/datagrams.h"
#include "registry/limits.h"
#include "segments.h"

enum { UDP = 17, UDP_HEAD = 8, IPV4_HEAD = 20, IPV6_HEAD = 40 };

/* One packet of raw IP; its parts are put together by the functions below. */
struct datagram {
    unsigned from, to; /* hosts: 192.0.2.N, or 2001:db8::N */
    unsigned source, target;
    const char *payload;
    int length;   /* of UDP's header; -1: as it is */
    uint32_t cut; /* bytes that are not in the capture */
    bool v6;
};

static struct wt_fragments *fragments;
static struct wt_datagrams table;

static size_t put_udp(uint8_t *p, const struct datagram *g)
{
    size_t n = strlen(g->payload);
    put(p, g->source, 2);
    put(p + 2, g->target, 2);
    put(p + 4, g->length < 0 ? (uint32_t)(UDP_HEAD + n) : (uint32_t)g->length, 2);
    put(p + 6, 0, 2);
    memcpy(p + UDP_HEAD, g->payload, n);
    return UDP_HEAD + n;
}

static size_t put_ipv4(uint8_t *p, const struct datagram *g, uint32_t id, uint32_t fragment, size_t n)
{
    memset(p, 0, IPV4_HEAD);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(IPV4_HEAD + n), 2);
    put(p + 4, id, 2);
    put(p + 6, fragment, 2);
    p[8] = 64;
    p[9] = UDP;
    put(p + 12, 0xc0000200 + g->from, 4);
    put(p + 16, 0xc0000200 + g->to, 4);
    return IPV4_HEAD + n;
}

static size_t put_ipv6(uint8_t *p, const struct datagram *g, size_t n)
{
    memset(p, 0, IPV6_HEAD);
    p[0] = 0x60;
    put(p + 4, (uint32_t)n, 2);
    p[6] = UDP;
    p[7] = 64;
    put(p + 8, 0x20010db8, 4);
    put(p + 20, g->from, 4);
    put(p + 24, 0x20010db8, 4);
    put(p + 36, g->to, 4);
    return IPV6_HEAD + n;
}

static enum wt_packet_reason decode(const uint8_t *p, size_t n, uint32_t cut, struct wt_segment *s)
{
    struct wt_packet packet = {.frame = ++frame,
                               .link = LINKTYPE_RAW,
                               .time = {now += 1000000, 6},
                               .length = (uint32_t)n - cut,
                               .original = (uint32_t)n};
    uint8_t *exact = malloc(n - cut + 1); /* of its own size, so that a read beyond it is seen */
    assert_non_null(exact);
    memcpy(exact, p, n - cut);
    packet.data = exact;
    enum wt_packet_reason reason = wt_packet_decode(fragments, &packet, s);
    if (reason == WT_PACKET_UDP && s->length) { /* read it before it goes */
        volatile uint8_t last = (uint8_t)(s->data[0] ^ s->data[s->length - 1]);
        (void)last;
    }
    free(exact);
    return reason;
}

/* What a packet gives, as text: the number of its conversation, direction's bytes so far, or the reason. */
static const char *give(const uint8_t *p, size_t n, uint32_t cut)
{
    static char text[80];
    struct wt_segment s;
    const struct wt_datagram_stamp at = {{now, 6}, frame + 1};
    enum wt_packet_reason reason = decode(p, n, cut, &s);
    wt_datagrams_outer(&table, &s, at);
    if (reason != WT_PACKET_UDP)
        return wt_packet_reason_name(reason);
    const struct wt_conversation *c = wt_datagrams_take(&table, &s, at, 0, &(unsigned){0});
    assert_non_null(c);
    assert_true(wt_transport_is_datagrams(&c->transport));
    (void)snprintf(text, sizeof text, "%u: %llu/%llu", c->stream, (unsigned long long)c->transport.udp.bytes[0],
                   (unsigned long long)c->transport.udp.bytes[1]);
    return text;
}

static const char *send(struct datagram g)
{
    static uint8_t p[2048], udp[2048];
    size_t n = put_udp(udp, &g), head = g.v6 ? IPV6_HEAD : IPV4_HEAD;
    memcpy(p + head, udp, n);
    n = g.v6 ? put_ipv6(p, &g, n) : put_ipv4(p, &g, 1, 0, n);
    return give(p, n, g.cut);
}

static int begin(void **state)
{
    (void)state;
    frame = 0;
    now = 1700000000000000000;
    fragments = wt_fragments_new();
    return fragments ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    wt_datagrams_clear(&table);
    table = (struct wt_datagrams){0};
    (void)wt_fragments_flush(fragments);
    wt_fragments_free(fragments);
    return 0;
}

static void both_directions_are_one(void **state)
{
    (void)state;
    assert_string_equal(send((struct datagram){1, 2, 1000, 53, "ask", -1}), "0: 3/0");
    assert_string_equal(send((struct datagram){2, 1, 53, 1000, "answer", -1}), "0: 3/6");
    assert_string_equal(send((struct datagram){1, 2, 1001, 53, "a", -1}), "1: 1/0"); /* another port */
    assert_string_equal(send((struct datagram){3, 2, 1000, 53, "", -1}), "2: 0/0");  /* another host */
    assert_string_equal(send((struct datagram){2, 1, 1000, 53, "b", -1}), "3: 1/0"); /* the ports the other way round */
    assert_string_equal(send((struct datagram){1, 1, 9, 9, "c", -1}), "4: 1/0");     /* to itself */
    assert_string_equal(send((struct datagram){1, 2, 0, 53, "d", -1}), "5: 1/0");    /* port 0 is one */
    assert_int_equal(table.packets, 7);
    assert_int_equal(table.conversations, 6);
    assert_int_equal(table.bytes, 13);
}

/* UDP has no end: the same ends are the same conversation however long they were silent. */
static void reuse_goes_on(void **state)
{
    (void)state;
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "one", -1}), "0: 3/0");
    now += (int64_t)86400 * 1000000000;
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "two", -1}), "0: 6/0");
    wt_datagrams_clear(&table); /* another file */
    assert_string_equal(send((struct datagram){1, 2, 1001, 443, "one", -1}), "0: 3/0");
    assert_int_equal(table.conversations, 2);
}

static void ipv6_is_apart(void **state)
{
    (void)state;
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "one", -1}), "0: 3/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "one", -1, .v6 = true}), "1: 3/0");
    assert_string_equal(send((struct datagram){2, 1, 443, 1000, "four", -1, .v6 = true}), "1: 3/4");
}

/* RFC 768: "Length is the length in octets of this user datagram including this header and the data. (This means the
 * minimum value of the length is eight.)" RFC 2675, 4: in a jumbogram it is 0, which only IPv6 has. */
static void lengths(void **state)
{
    (void)state;
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 0}), "packet_malformed");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 7}), "packet_malformed");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 8}), "0: 0/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 11}),
                        "0: 3/0"); /* what follows is no part */
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 15}), "0: 10/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 1500}), "0: 17/0"); /* more than IP has */
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 0, .v6 = true}), "1: 7/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", 7, .v6 = true}), "packet_malformed");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "", -1}), "0: 17/0"); /* empty, and one all the same */
    assert_int_equal(table.packets, 6);
}

/* What the capture cut is sent all the same; cut inside the header nobody knows whose it is. */
static void cut_by_the_capture(void **state)
{
    (void)state;
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", -1, .cut = 3}), "0: 7/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", -1, .cut = 7}), "0: 14/0");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", -1, .cut = 8}), "packet_truncated");
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "payload", -1, .cut = 15}), "packet_truncated");
    assert_int_equal(table.packets, 2);
    uint8_t p[IPV4_HEAD + 7] = {0}; /* IP itself says that there is no more */
    const struct datagram g = {1, 2, 0, 0, "", -1};
    assert_string_equal(give(p, put_ipv4(p, &g, 1, 0, 7), 0), "packet_malformed");
}

/* RFC 791: pieces make a datagram, in any order, and the number is given when it is whole. */
static void fragments_make_one(void **state)
{
    (void)state;
    static uint8_t whole[64], first[128], second[128];
    const struct datagram g = {1, 2, 1000, 443, "sixteen bytes...and more", -1};
    size_t n = put_udp(whole, &g);
    memcpy(first + IPV4_HEAD, whole, 16);
    memcpy(second + IPV4_HEAD, whole + 16, n - 16);
    size_t one = put_ipv4(first, &g, 7, 0x2000, 16), two = put_ipv4(second, &g, 7, 2, n - 16);
    assert_string_equal(give(second, two, 0), "fragment_held");
    assert_string_equal(send((struct datagram){1, 2, 1001, 443, "x", -1}), "0: 1/0");
    assert_string_equal(give(first, one, 0), "1: 24/0");
    assert_string_equal(give(first, one, 0), "fragment_held"); /* a copy: the datagram is known */
    put_ipv4(first, &g, 8, 0x2000, 16);
    assert_string_equal(give(first, one, 0), "fragment_held"); /* never whole */
    assert_int_equal(wt_fragments_flush(fragments), 1);
    assert_int_equal(table.packets, 2);
}

/* What tunnels are in has a number, as Wireshark gives it one, and is not counted; a datagram on a tunnel's port that
 * is none of its packets is one like any other. */
static void tunnels_are_numbered(void **state)
{
    (void)state;
    static uint8_t p[512];
    const struct datagram inner = {5, 6, 1000, 443, "inner", -1}, outer = {1, 2, 5000, 4789, "", -1};
    size_t n = put_udp(p + 70, &inner);
    n = put_ipv4(p + 50, &inner, 1, 0, n);
    memcpy(p + 36 + 12, "\x08\0", 2); /* Ethernet */
    memcpy(p + 28, "\x08\0\0\0\0\0\5\0", 8);
    put(p + 20, outer.source, 2);
    put(p + 22, outer.target, 2);
    put(p + 24, (uint32_t)(8 + 8 + 14 + n), 2);
    n = put_ipv4(p, &outer, 1, 0, 8 + 8 + 14 + n);
    assert_string_equal(give(p, n, 0), "1: 5/0");
    assert_int_equal(wt_conversations_count(table.table), 2);
    assert_string_equal(give(p, n - 22, 0), "packet_malformed"); /* inside is less than it says; the outer one counts */
    assert_int_equal(table.conversations, 1);
    assert_string_equal(send((struct datagram){1, 2, 5000, 4789, "1234 1234", -1}), "0: 9/0");
    assert_string_equal(send((struct datagram){1, 2, 5000, 4789, "short", -1}), "0: 14/0");
    assert_string_equal(send((struct datagram){1, 2, 5246, 5247, "\1.DTLS...........", -1}), "2: 17/0");
    assert_int_equal(table.packets, 4);
    assert_int_equal(table.conversations, 3);
}

/* An ICMP error that quotes a datagram names its conversation. */
static void quoted_is_numbered(void **state)
{
    (void)state;
    static uint8_t p[256];
    struct wt_segment s;
    const struct datagram g = {1, 2, 1000, 443, "quoted", -1};
    size_t n = put_udp(p + 48, &g);
    n = put_ipv4(p + 28, &g, 1, 0, n);
    memcpy(p + 20, "\3\3\0\0\0\0\0\0", 8);
    n = put_ipv4(p, &(struct datagram){2, 1, 0, 0, "", -1}, 1, 0, n + 8);
    p[9] = 1;
    assert_int_equal(decode(p, n, 0, &s), WT_PACKET_QUOTED_UDP);
    unsigned direction = 2;
    const struct wt_conversation *quoted =
        wt_datagrams_quoted(&table, &s, (struct wt_datagram_stamp){{now, 6}, frame}, &direction);
    assert_non_null(quoted);
    assert_true(direction < 2);
    assert_int_equal(wt_conversations_count(table.table), 1);
    assert_int_equal(table.packets + table.conversations, 0);
    assert_string_equal(send((struct datagram){1, 2, 1000, 443, "sent", -1}), "0: 4/0");
    assert_int_equal(table.conversations, 1);
}

static void take_many(uint32_t from, uint32_t n, int64_t idle_ns)
{
    struct wt_segment s = {.source_port = 1, .target_port = 2, .length = 1};
    for (uint32_t i = from; i < from + n; i++) {
        put(s.source, i, 4);
        assert_non_null(wt_datagrams_take(&table, &s, (struct wt_datagram_stamp){{now += 1000, 6}, ++frame}, idle_ns,
                                          &(unsigned){0}));
    }
}

/* The oldest make room, and how many is counted; numbers go on. */
static void hold_no_more_than_the_limit(void **state)
{
    (void)state;
    take_many(0, WT_LIMIT_UDP_CONVERSATIONS, 0);
    assert_int_equal(table.dropped, 0);
    take_many(WT_LIMIT_UDP_CONVERSATIONS, 1, 0);
    assert_int_equal(table.dropped, 1);
    assert_int_equal(wt_conversations_held(table.table), WT_LIMIT_UDP_CONVERSATIONS);
    take_many(1, 1, 0); /* one that is still held */
    assert_int_equal(wt_conversations_count(table.table), WT_LIMIT_UDP_CONVERSATIONS + 1);
    take_many(0, 1, 0); /* one that is not */
    assert_int_equal(wt_conversations_count(table.table), WT_LIMIT_UDP_CONVERSATIONS + 2);
}

/* For runs without end: what was silent for so long goes, which is no loss. */
static void idle_ones_go(void **state)
{
    (void)state;
    const int64_t minute = (int64_t)60 * 1000000000;
    enum { SILENT = 1000 };
    take_many(0, SILENT, minute);
    now += 2 * minute;
    take_many(SILENT, 1, minute);
    assert_int_equal(wt_conversations_held(table.table), 1);
    assert_int_equal(table.dropped, 0);
    assert_int_equal(table.conversations, SILENT + 1);
}

/* Through the observer: counted in the summary, apart from TCP's. */
static void summary_counts(void **state)
{
    (void)state;
    static uint8_t p[256];
    const struct datagram g = {1, 2, 1000, 443, "hello", -1};
    size_t n = put_udp(p + IPV4_HEAD, &g);
    n = put_ipv4(p, &g, 1, 0, n);
    hear(&h, "capture");
    struct wt_packet packet = {
        .frame = 1, .link = LINKTYPE_RAW, .time = {now, 6}, .data = p, .length = (uint32_t)n, .original = (uint32_t)n};
    wt_observer_packet(h.observer, &packet);
    wt_observer_packet(h.observer, &packet);
    wt_observer_file(h.observer, "another");
    wt_observer_packet(h.observer, &packet);
    syn(40000, 1);
    wt_observer_finish(h.observer);
    const struct wt_summary *s = wt_observer_summary(h.observer);
    assert_int_equal(s->udp_packets, 3);
    assert_int_equal(s->udp_bytes, 15);
    assert_int_equal(s->udp_conversations, 2); /* one in each file */
    assert_int_equal(s->packets, 6);
    assert_int_equal(s->undecoded_count, 0);
    stop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_directions_are_one, begin, end),
        cmocka_unit_test_setup_teardown(reuse_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(ipv6_is_apart, begin, end),
        cmocka_unit_test_setup_teardown(lengths, begin, end),
        cmocka_unit_test_setup_teardown(cut_by_the_capture, begin, end),
        cmocka_unit_test_setup_teardown(fragments_make_one, begin, end),
        cmocka_unit_test_setup_teardown(tunnels_are_numbered, begin, end),
        cmocka_unit_test_setup_teardown(quoted_is_numbered, begin, end),
        cmocka_unit_test_setup_teardown(hold_no_more_than_the_limit, begin, end),
        cmocka_unit_test_setup_teardown(idle_ones_go, begin, end),
        cmocka_unit_test_setup_teardown(summary_counts, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
