/* From packets to TCP segments: each link type, tunnel and header that we know, and how each can be wrong. */
#include "expect.h"

static void test_link_types(void **state)
{
    static const uint16_t raw[] = {12, 14, 101, 228, 229};
    (void)state;
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        ipv4();
        expect_segment(raw[i]);
        ipv6();
        expect_segment(raw[i]);
    }
    frame();
    expect_segment(1);
    ipv6(), wrap_ethernet(&w, IPV6);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\x08\0", 16);
    expect_segment(113);
    ipv6(), wrap_bytes(&w, "\x86\xdd\0\0\0\0\0\2\0\1\0\6\1\2\3\4\5\6\0\0", 20);
    expect_segment(276);
    ipv4(), wrap_bytes(&w, "\x0f\0\x08\0", 4);
    expect_segment(104);
    expect_segment(50);
    ipv4(), wrap_bytes(&w, "\xff\x03\0\x21", 4);
    expect_segment(50);
    expect_segment(9);
    wrap_bytes(&w, "\1", 1); /* direction */
    expect_segment(204);
    ipv6(), wrap_bytes(&w, "\0\x03\0\x57", 4);
    expect_segment(166);
    ipv4(), wrap_bytes(&w, "\x18\x41\x03\xcc", 4);
    expect_segment(107);
    ipv4(), wrap_bytes(&w, "\xaa\xaa\x03\0\0\0\x08\0", 8);
    expect_segment(100);
    ipv4(), wrap_ethernet(&w, IPV4), wrap_bytes(&w, "\xaa\xaa\x03\0\x80\xc2\0\7\0\0", 10);
    expect_segment(100);
    ipv4(), wrap_bytes(&w, "0123456789abcdef\x08\0", 18);
    expect_segment(138);
    ipv4(), wrap_bytes(&w, "\x3d\2\0\0................................................................", 64);
    expect_segment(117);
    frame(), wrap_bytes(&w, "\x0c\0\0\0\1\0\0\0\1\0\0\0", 12);
    expect_segment(258);
    frame(), wrap_bytes(&w, "\0\0\x08\0\1\0\0\0", 8);
    expect_segment(192);
}

static void test_loopback(void **state)
{
    static const uint8_t families[] = {24, 28, 30};
    (void)state;
    ipv4(), wrap_bytes(&w, "\2\0\0\0", 4);
    expect_segment(0);
    ipv4(), wrap_bytes(&w, "\0\0\0\2", 4);
    expect_segment(0);
    expect_segment(108);
    for (size_t i = 0; i < sizeof families; i++) {
        ipv6(), wrap_bytes(&w, (uint8_t[]){families[i], 0, 0, 0}, 4);
        expect_segment(0);
        ipv6(), wrap_bytes(&w, (uint8_t[]){0, 0, 0, families[i]}, 4);
        expect_segment(108);
    }
    ipv4(), wrap_bytes(&w, "\7\0\0\0", 4);
    expect_reason(0, WT_PACKET_OTHER);
}

static void test_nflog(void **state)
{
    (void)state;
    ipv4();
    wrap_bytes(&w, (uint8_t[]){(uint8_t)(w.end - w.begin + 4), 0, 9, 0}, 4);
    wrap_bytes(&w, "\x05\0\x0a\0\0\0\0\0", 8); /* a prefix, padded */
    wrap_bytes(&w, "\2\0\0\0", 4);
    expect_segment(239);
    ipv4();
    wrap_bytes(&w, (uint8_t[]){0, (uint8_t)(w.end - w.begin + 4), 0, 9}, 4);
    wrap_bytes(&w, "\2\0\0\0", 4);
    expect_segment(239);
}

static void test_wlan(void **state)
{
    static const uint8_t snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
    (void)state;
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x01....................\0\0", 24);
    expect_segment(105);
    wrap_bytes(&w, "\0\0\x08\0....", 8);
    expect_segment(127);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x88\x02....................\0\0\0\0", 26); /* QoS */
    expect_segment(105);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x88\x83....................\0\0......\0\0\0\0\0\0", 36);
    expect_segment(105);
    ipv4(), wrap_bytes(&w, snap, 8); /* several in one */
    wrap_bytes(&w, (uint8_t[]){1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0, (uint8_t)(w.end - w.begin)}, 14);
    wrap_tail(&w, 40), wrap_bytes(&w, "\x88\x01....................\0\0\x80\0", 26);
    {
        struct wt_packet packet = wrap_packet(&w, 105);
        struct wt_segment s;
        assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
        assert_int_equal(s.length, PAYLOAD);
    }
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x41....................\0\0", 24); /* encrypted */
    expect_reason(105, WT_PACKET_OTHER);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x80\0....................\0\0", 24); /* a beacon */
    expect_reason(105, WT_PACKET_OTHER);
}

static void test_tags(void **state)
{
    static const uint16_t tags[] = {0x8100, 0x88a8, 0x9100};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        ipv4(), wrap_16(&w, 5, IPV4), wrap_ethernet(&w, tags[i]);
        expect_segment(1);
        ipv6(), wrap_16(&w, 5, IPV6), wrap_16(&w, 6, 0x8100), wrap_ethernet(&w, tags[i]);
        expect_segment(1);
    }
    ipv4(), wrap_bytes(&w, "\0\x21", 2);
    wrap_bytes(&w, (uint8_t[]){0x11, 0, 0, 1, 0, (uint8_t)(w.end - w.begin)}, 6);
    expect_segment(51);
    wrap_tail(&w, 8), wrap_ethernet(&w, 0x8864);
    {
        struct wt_packet packet = wrap_packet(&w, 1);
        struct wt_segment s;
        assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
        assert_int_equal(s.length, PAYLOAD);
    }
    frame(), wrap_bytes(&w, "\0\0\0\5", 4), wrap_ethernet(&w, 0x88e7);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\0\0\5\x08\0", 6), wrap_ethernet(&w, 0x8926);
    expect_segment(1);
    frame(), wrap_bytes(&w, "\x0f\xc2\1\3\0\0\1\xff", 8), wrap_ethernet(&w, 0x894f);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\xaa\xaa\x03\0\0\0\x08\0", 8), wrap_ethernet(&w, (uint16_t)(w.end - w.begin));
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\6\6\3", 3), wrap_ethernet(&w, (uint16_t)(w.end - w.begin));
    expect_segment(1);
    segment(), wrap_ethernet(&w, 0x0806);
    expect_reason(1, WT_PACKET_OTHER);
}

static void test_mpls(void **state)
{
    (void)state;
    ipv4(), wrap_16(&w, 0, 0x01ff), wrap_ethernet(&w, 0x8847);
    expect_segment(1);
    ipv6(), wrap_16(&w, 0, 0x01ff), wrap_16(&w, 0, 0x02ff), wrap_ethernet(&w, 0x8848);
    expect_segment(1);
    frame(), wrap_16(&w, 0, 0), wrap_16(&w, 0, 0x01ff), wrap_ethernet(&w, 0x8847); /* with control word */
    expect_segment(1);
    frame(), wrap_16(&w, 0, 0x01ff), wrap_ethernet(&w, 0x8847); /* without */
    expect_segment(1);
    ipv4(), wrap_16(&w, 0, 0x01ff);
    in_protocol(137);
    ipv4(), wrap_16(&w, 0, 0x01ff);
    in_udp(6635);
}

static void test_tunnels_in_ip(void **state)
{
    (void)state;
    ipv4(), in_protocol(4);
    ipv6(), in_protocol(41);
    frame(), in_protocol(143);
    frame(), wrap_bytes(&w, "\x30\0", 2), in_protocol(97);
    ipv4(), wrap_16(&w, 0, IPV4), in_protocol(47);                                         /* GRE */
    ipv6(), wrap_bytes(&w, "\xb0\0\x86\xdd\0\0\0\0\0\0\0\1\0\0\0\2", 16), in_protocol(47); /* checksum, key, number */
    frame(), wrap_16(&w, 0, 0x6558), in_protocol(47);
    ipv4(), wrap_bytes(&w, "\xff\x03\0\x21", 4), wrap_bytes(&w, "\x30\x81\x88\x0b\0\0\0\0\0\0\0\1\0\0\0\2", 16);
    in_protocol(47);                                  /* PPTP */
    frame(), wrap_16(&w, 0, 0x88be), in_protocol(47); /* ERSPAN I, II, III */
    frame(), wrap_bytes(&w, "\x10\0\x88\xbe\0\0\0\1\x10\0\0\0\0\0\0\0", 16), in_protocol(47);
    frame(), wrap_bytes(&w, "\x10\0\x22\xeb\0\0\0\1\x20\0\0\0\0\0\0\0\0\0\0\1abcdefgh", 28), in_protocol(47);
    ipv4(), wrap_16(&w, 0, 0x883e), in_protocol(47); /* WCCP */
    ipv4(), wrap_16(&w, 0, 0), wrap_16(&w, 0, 0x883e), in_protocol(47);
    ipv4(), wrap_16(&w, 0x4000, IPV4), wrap_ipv4(&w, 47); /* RFC 1701's routing */
    expect_reason(101, WT_PACKET_OTHER);
    segment(), wrap_bytes(&w, "\6\4\0\0\0\0\0\1\0\0\0\1............", 24), in_protocol(51); /* AH */
}

static void test_tunnels_in_udp(void **state)
{
    (void)state;
    frame(), wrap_bytes(&w, "\x08\0\0\0\0\0\5\0", 8), in_udp(4789);
    frame(), wrap_bytes(&w, "\x08\0\0\0\0\0\5\0", 8), in_udp(8472);
    ipv4(), wrap_bytes(&w, "\x0c\0\0\1\0\0\5\0", 8), in_udp(4790);
    ipv6(), wrap_bytes(&w, "\x0c\0\0\2\0\0\5\0", 8), in_udp(4790);
    frame(), wrap_bytes(&w, "\x0c\0\0\3\0\0\5\0", 8), in_udp(4790);
    frame(), wrap_bytes(&w, "\0\0\0\0\0\0\5\0", 8), wrap_udp(&w, 9, 4789), wrap_ipv4(&w, UDP);
    expect_reason(101, WT_PACKET_UDP); /* no I flag: a datagram like any other */
    frame(), wrap_bytes(&w, "\0\0\x65\x58\0\0\5\0", 8), in_udp(6081);
    ipv6(), wrap_bytes(&w, "\2\0\x86\xdd\0\0\5\0option01", 16), in_udp(6081);
    ipv4(), wrap_bytes(&w, (uint8_t[]){0x30, 255, 0, (uint8_t)(w.end - w.begin), 0, 0, 0, 1}, 8), in_udp(2152);
    ipv6(),
        wrap_bytes(&w, (uint8_t[]){0x34, 255, 0, (uint8_t)(w.end - w.begin + 8), 0, 0, 0, 1, 0, 1, 0, 0x85, 1, 0, 0, 0},
                   16);
    in_udp(2152);
    ipv6(), in_udp(3544);
    ipv6(), wrap_bytes(&w, "\0\0\1\2\3\4\5\6", 8), wrap_bytes(&w, "\0\1\0\0nonce890\0", 13), in_udp(3544);
    ipv4(), wrap_bytes(&w, "\0\0\0\0\0\0\0\0", 8), in_udp(4341);
    ipv4(), wrap_bytes(&w, "\xff\x03\0\x21", 4), wrap_bytes(&w, "\0\2\0\1\0\2", 6), in_udp(1701);
    ipv4(), wrap_bytes(&w, "\xff\x03\0\x21", 4);
    wrap_bytes(&w, (uint8_t[]){0x4a, 2, 0, (uint8_t)(w.end - w.begin + 16), 0, 1, 0, 2, 0, 3, 0, 4, 0, 2, 0, 0}, 16);
    in_udp(1701);
    ipv4(), wrap_bytes(&w, "\xaa\xaa\x03\0\0\0\x08\0", 8), wrap_bytes(&w, "\x08\x01....................\0\0", 24);
    wrap_bytes(&w, "\0\x10\x03\0\0\0\0\0", 8), in_udp(5247);
    ipv4(), wrap_bytes(&w, "\xaa\xaa\x03\0\0\0\x08\0", 8), wrap_bytes(&w, "\x01\x08....................\0\0", 24);
    wrap_bytes(&w, "\0\x10\x03\0\0\0\0\0", 8), in_udp(5247); /* with Frame Control the other way round */
    frame(), wrap_bytes(&w, "\0\x10\x02\0\0\0\0\0", 8), in_udp(5247);
    segment(), wrap_udp(&w, 53, 53), wrap_ipv4(&w, UDP);
    expect_reason(101, WT_PACKET_UDP);
}

/* A datagram has its ends and payload, the tunnels around it their own. */
static void test_udp(void **state)
{
    (void)state;
    struct wt_segment s;
    wrap_start(&w, payload, PAYLOAD);
    wrap_udp(&w, 5353, 53), wrap_ipv6(&w, UDP), wrap_ethernet(&w, IPV6);
    wrap_bytes(&w, "\x08\0\0\0\0\0\5\0", 8), wrap_udp(&w, 50000, 4789), wrap_ipv4(&w, UDP);
    struct wt_packet packet = wrap_packet(&w, 101);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_UDP);
    assert_int_equal(s.source_port, 5353);
    assert_int_equal(s.target_port, 53);
    assert_int_equal(s.length, PAYLOAD);
    assert_int_equal(s.missing, 0);
    assert_int_equal(s.outer_count, 1);
    assert_int_equal(s.outer[0].source_port, 50000);
    assert_int_equal(s.outer[0].target_port, 4789);
    assert_int_equal(s.outer[0].source[10], 0xff); /* IPv4 */
    for (uint32_t n = 0; n < packet.length; n++) {
        enum wt_packet_reason reason = decode_part(&packet, n, &s);
        if (reason == WT_PACKET_UDP)
            assert_int_equal(s.length + s.missing, PAYLOAD);
        else
            assert_int_equal(reason, WT_PACKET_TRUNCATED);
    }
    wrap_start(&w, payload, PAYLOAD);
    wrap_udp(&w, 5353, 53), wrap_ipv4(&w, 136); /* UDP-Lite: the length's place has the coverage */
    expect_reason(101, WT_PACKET_UDP);
    wrap_start(&w, payload, PAYLOAD);
    wrap_udp(&w, 5353, 53), wrap_before(&w, 0)[5] = 7, wrap_ipv4(&w, 136);
    expect_reason(101, WT_PACKET_MALFORMED);
}

static void test_ipv6_extensions(void **state)
{
    (void)state;
    segment();
    wrap_bytes(&w, "\6\0\0\0\0\0\0\1", 8);                        /* fragment header of a datagram in one piece */
    wrap_bytes(&w, "\x2c\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);     /* destination options */
    wrap_bytes(&w, "\x3c\0\0\0\0\0\0\0", 8);                      /* routing */
    wrap_bytes(&w, "\x2b\4............\0\0\0\0\0\0\0\0\0\0", 24); /* AH */
    wrap_bytes(&w, "\x33\0\1\4\0\0\0\0", 8);                      /* hop by hop */
    wrap_ipv6(&w, 0);
    expect_segment(101);
    segment(), wrap_ipv6(&w, 59); /* "no next header" */
    expect_reason(101, WT_PACKET_OTHER);
    segment(), wrap_bytes(&w, "\6\xff\0\0\0\0\0\0", 8), wrap_ipv6(&w, 60); /* longer than the packet */
    expect_reason(101, WT_PACKET_MALFORMED);
}

/* RFC 791, 3.1: what lies behind the total length is padding of the link. */
static void test_padding(void **state)
{
    struct wt_segment s;
    struct wt_packet packet;
    (void)state;
    frame(), wrap_tail(&w, 18);
    packet = wrap_packet(&w, 1);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD);
    packet.original += 100;
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD);
    assert_int_equal(s.missing, 0);
    assert_int_equal(decode_part(&packet, packet.length - 20, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD - 2);
    assert_int_equal(s.missing, 2);
    ipv6(), wrap_ethernet(&w, IPV6), wrap_tail(&w, 18);
    packet = wrap_packet(&w, 1);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD);
}

/* An 802.3 frame ends where its length says, also where IP does not tell. */
static void test_padding_of_802_3(void **state)
{
    struct wt_segment s;
    struct wt_packet packet;
    (void)state;
    ipv4(), w.room[w.begin + 2] = w.room[w.begin + 3] = 0;
    wrap_bytes(&w, "\xaa\xaa\x03\0\0\0\x08\0", 8), wrap_ethernet(&w, (uint16_t)(w.end - w.begin)), wrap_tail(&w, 18);
    packet = wrap_packet(&w, 1);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD);
}

/* The network card was to split it: a total length of 0. */
static void test_offload(void **state)
{
    (void)state;
    ipv4();
    w.room[w.begin + 2] = w.room[w.begin + 3] = 0;
    expect_segment(101);
    ipv6();
    w.room[w.begin + 4] = w.room[w.begin + 5] = 0;
    expect_segment(101);
}

static void test_options(void **state)
{
    (void)state;
    segment();
    wrap_before(&w, 8);
    wrap_ipv4(&w, TCP);
    w.room[w.begin] = 0x47;
    expect_segment(101);
    for (unsigned options = 0; options <= 40; options += 4) {
        wrap_start(&w, payload, PAYLOAD);
        wrap_tcp(&w, WT_TCP_ACK | WT_TCP_PSH, options);
        wrap_ipv4(&w, TCP);
        expect_segment(101);
    }
}

static void test_lies(void **state)
{
    (void)state;
    ipv4(), w.room[w.begin] = 0x44; /* header length 16 */
    expect_reason(101, WT_PACKET_MALFORMED);
    ipv4(), w.room[w.begin] = 0x55; /* no version that there is */
    expect_reason(101, WT_PACKET_OTHER);
    frame(), w.room[w.begin + 14] = 0x65;
    expect_reason(1, WT_PACKET_MALFORMED);
    ipv6(), wrap_ethernet(&w, IPV6), w.room[w.begin + 14] = 0x45;
    expect_reason(1, WT_PACKET_MALFORMED);
    ipv4(), w.room[w.begin + 2] = 0, w.room[w.begin + 3] = 19; /* total length below the header's */
    expect_reason(101, WT_PACKET_MALFORMED);
    ipv4(), w.room[w.begin + 3] = 39; /* total length that ends inside TCP's header */
    expect_reason(101, WT_PACKET_MALFORMED);
    ipv4(), w.room[w.begin + 32] = 0x40; /* data offset 4 */
    expect_reason(101, WT_PACKET_MALFORMED);
    ipv4(), w.room[w.begin + 32] = 0xf0; /* data offset 15, beyond the end */
    expect_reason(101, WT_PACKET_MALFORMED);
    segment();
    expect_reason(147, WT_PACKET_LINK_UNKNOWN);
    wrap_start(&w, "", 0);
    expect_reason(1, WT_PACKET_MALFORMED);
}

static void test_too_deep(void **state)
{
    (void)state;
    ipv4();
    for (unsigned i = 0; i < WT_LIMIT_ENCAPSULATION; i++)
        wrap_ipv4(&w, 4);
    expect_segment(101);
    wrap_ipv4(&w, 4);
    expect_reason(101, WT_PACKET_TOO_DEEP);
    ipv4();
    wrap_16(&w, 1, IPV4);
    for (unsigned i = 0; i < WT_LIMIT_ENCAPSULATION; i++)
        wrap_16(&w, 1, 0x8100);
    wrap_ethernet(&w, 0x8100);
    expect_reason(1, WT_PACKET_TOO_DEEP);
}

static void test_addresses_and_layers(void **state)
{
    static const uint8_t source[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1},
                         target[16] = {[10] = 0xff, 0xff, 198, 51, 100, 2};
    static const uint8_t source6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
    static const uint8_t layers[] = {WT_LAYER_ETHERNET, WT_LAYER_VLAN,     WT_LAYER_IPV6, WT_LAYER_UDP,
                                     WT_LAYER_VXLAN,    WT_LAYER_ETHERNET, WT_LAYER_IPV4, WT_LAYER_TCP};
    struct wt_segment s;
    struct wt_packet packet;
    (void)state;
    frame(), wrap_bytes(&w, "\x08\0\0\0\0\0\5\0", 8), wrap_udp(&w, 9, 4789), wrap_ipv6(&w, UDP);
    wrap_16(&w, 5, IPV6), wrap_ethernet(&w, 0x8100);
    packet = wrap_packet(&w, 1);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_memory_equal(s.source, source, 16);
    assert_memory_equal(s.target, target, 16);
    assert_int_equal(s.layer_count, 8);
    assert_memory_equal(s.layers, layers, 8);
    ipv6();
    packet = wrap_packet(&w, 101);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_memory_equal(s.source, source6, 16);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < WT_PACKET_REASONS; i++)
        assert_non_null(wt_packet_reason_name((enum wt_packet_reason)i));
    assert_string_equal(wt_packet_reason_name(WT_PACKET_REASONS), "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* RFC 894 pads short frames with zeros, and some devices count those as TCP's: what an acknowledgment brings then is
 * none. The near misses are data: pushed, not of zeros, of another length, after longer options, or over IPv6. */
static void test_counted_padding(void **state)
{
    static const struct {
        uint8_t n, last, flags, options, left;
        bool v6;
    } rows[] = {
        {6, 0, WT_TCP_ACK, 0, 0, false},
        {2, 0, WT_TCP_ACK, 0, 0, false},
        {6, 0, WT_TCP_ACK | WT_TCP_FIN, 0, 0, false},
        {6, 0, WT_TCP_ACK | WT_TCP_PSH, 0, 6, false},
        {6, 1, WT_TCP_ACK, 0, 6, false},
        {2, 1, WT_TCP_ACK, 0, 2, false},
        {1, 0, WT_TCP_ACK, 0, 1, false},
        {4, 0, WT_TCP_ACK, 0, 4, false},
        {7, 0, WT_TCP_ACK, 0, 7, false},
        {2, 0, WT_TCP_ACK | WT_TCP_SYN, 4, 0, false}, /* the options of a SYN-ACK: its MSS alone */
        {2, 0, WT_TCP_ACK, 8, 2, false},
        {6, 0, WT_TCP_ACK, 0, 6, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t sent[8] = {0};
        sent[rows[i].n - 1] = rows[i].last;
        wrap_start(&w, sent, rows[i].n);
        wrap_tcp(&w, rows[i].flags, rows[i].options);
        if (rows[i].v6)
            wrap_ipv6(&w, TCP), wrap_ethernet(&w, IPV6);
        else
            wrap_ipv4(&w, TCP), wrap_ethernet(&w, IPV4);
        struct wt_packet packet = wrap_packet(&w, 1);
        struct wt_segment s;
        assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TCP);
        assert_int_equal(s.length, rows[i].left);
        assert_int_equal(s.flags, rows[i].flags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_link_types),
        TEST(test_loopback),
        TEST(test_nflog),
        TEST(test_wlan),
        TEST(test_tags),
        TEST(test_mpls),
        TEST(test_tunnels_in_ip),
        TEST(test_tunnels_in_udp),
        TEST(test_udp),
        TEST(test_padding),
        TEST(test_padding_of_802_3),
        TEST(test_counted_padding),
        TEST(test_ipv6_extensions),
        TEST(test_offload),
        TEST(test_options),
        TEST(test_lies),
        TEST(test_too_deep),
        TEST(test_addresses_and_layers),
        TEST(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
