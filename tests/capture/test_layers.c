/* Layers that switches, taps, tunnels and radios put around IP: each is taken off, and what looks like it is not. */
#include "expect.h"

static const uint8_t snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};

/* What a stop is called, of a packet that holds no segment. */
static void expect_stop(uint16_t link, const char *expected)
{
    struct wt_packet packet = wrap_packet(&w, link);
    struct wt_segment s;
    uint32_t number;
    char name[WT_STOP_NAME];
    enum wt_packet_reason reason = decode_part(&packet, packet.length, &s);
    assert_true(reason != WT_PACKET_TCP && reason != WT_PACKET_UDP);
    enum wt_stop stop = wt_packet_stop(reason, &packet, &s, &number);
    assert_string_equal(wt_stop_name(stop, number, name), expected);
}

static uint16_t checksum(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The same with a header checksum that is right. */
static void sound_ipv4(void)
{
    ipv4();
    uint8_t *p = w.room + w.begin;
    p[10] = p[11] = 0;
    uint16_t sum = checksum(p, 20);
    p[10] = (uint8_t)(sum >> 8);
    p[11] = (uint8_t)sum;
}

/* --- tags --------------------------------------------------------------------------------------------------------- */

static void test_tags(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, "\1\1\0\1\0\21\x08\0", 8), wrap_ethernet(&w, 0x8909); /* SGT 17 */
    expect_segment(1);
    ipv6(), wrap_bytes(&w, "\1\1\0\1\0\21\x86\xdd", 8), wrap_ethernet(&w, 0x8909);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\5\x08\0", 4), wrap_bytes(&w, "\1\1\0\1\0\21\x81\0", 8), wrap_ethernet(&w, 0x8909);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\2\1\0\1\0\21\x08\0", 8), wrap_ethernet(&w, 0x8909); /* no version, no length we know */
    expect_stop(1, "ethertype_0x8909");
    ipv4(), wrap_bytes(&w, "\1\2\0\1\0\21\x08\0", 8), wrap_ethernet(&w, 0x8909);
    expect_stop(1, "ethertype_0x8909");
    ipv4(), wrap_bytes(&w, "\1\2\3\4\5\6\x08\0", 8), wrap_ethernet(&w, 0x8988);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\0\0\1\x08\0", 6), wrap_ethernet(&w, 0xf1c1);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\x40\0\1\x08\0", 6), wrap_ethernet(&w, 0x892f);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, "\0\0\0\1\0\0\x08\0", 8), wrap_ethernet(&w, 0x893f);
    expect_segment(1);
    frame(), wrap_bytes(&w, "\0\0\0\5", 4), wrap_ethernet(&w, 0x88e7);
    expect_segment(1);
    frame(), wrap_bytes(&w, "\0\x3f", 2), wrap_ethernet(&w, 0x8903);
    expect_segment(1);
    frame(), wrap_bytes(&w, "\0\x05\0\1\0\2", 6), wrap_ethernet(&w, 0x22f3);
    expect_segment(1);
    frame(), wrap_bytes(&w, "\0\x45\0\1\0\2\0\0\0\0", 10), wrap_ethernet(&w, 0x22f3); /* a word of options */
    expect_segment(1);
    frame(), wrap_bytes(&w, "\x40\x0f\x32\1\1\2\3\4\5\6", 10), wrap_ethernet(&w, 0x4305);
    expect_segment(1);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_ethernet(&w, 0x8870);
    expect_segment(1);
}

static void test_macsec(void **state)
{
    (void)state;
    for (unsigned channel = 0; channel < 2; channel++) {
        ipv4(), wrap_bytes(&w, "\x08\0", 2), wrap_tail(&w, 16);
        if (channel)
            wrap_bytes(&w, "\1\2\3\4\5\6\0\1", 8);
        wrap_bytes(&w, channel ? "\x20\0\0\0\0\7" : "\0\0\0\0\0\7", 6), wrap_ethernet(&w, 0x88e5);
        struct wt_packet packet = wrap_packet(&w, 1);
        struct wt_segment s;
        assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
        assert_int_equal(s.length, PAYLOAD);
    }
    ipv4(), wrap_bytes(&w, "\x08\0", 2), wrap_tail(&w, 16);
    wrap_bytes(&w, "\x0c\0\0\0\0\7", 6), wrap_ethernet(&w, 0x88e5);
    expect_stop(1, "macsec_encrypted");
}

/* --- a type that is not known ------------------------------------------------------------------------------------- */

static void test_guess(void **state)
{
    (void)state;
    for (unsigned skip = 0; skip <= 18; skip++) {
        struct wt_segment s;
        sound_ipv4();
        if (skip)
            memset(wrap_before(&w, skip), 0x5a, skip);
        wrap_ethernet(&w, 0x88b5);
        struct wt_packet packet = wrap_packet(&w, 1);
        enum wt_packet_reason reason = decode_part(&packet, packet.length, &s);
        assert_int_equal(reason, skip <= 16 ? WT_PACKET_TCP : WT_PACKET_OTHER);
        if (skip <= 16) {
            assert_int_equal(s.notes, WT_NOTE_GUESSED);
            assert_int_equal(s.guessed, 0x88b5);
            assert_int_equal(s.length, PAYLOAD);
        } else {
            expect_stop(1, "ethertype_0x88b5");
        }
    }
    ipv6(), wrap_bytes(&w, "\1\2", 2), wrap_ethernet(&w, 0x88b5);
    expect_segment(1);
    sound_ipv4(), w.room[w.begin + 11] ^= 1, wrap_bytes(&w, "\1\2", 2), wrap_ethernet(&w, 0x88b5); /* checksum */
    expect_stop(1, "ethertype_0x88b5");
    sound_ipv4(), wrap_tail(&w, 65), wrap_bytes(&w, "\1\2", 2), wrap_ethernet(&w, 0x88b5); /* length */
    expect_stop(1, "ethertype_0x88b5");
    sound_ipv4(), wrap_ethernet(&w, 0x88cc); /* whatever says IP where there is IP */
    struct wt_packet packet = wrap_packet(&w, 1);
    struct wt_segment s;
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
}

/* --- radio -------------------------------------------------------------------------------------------------------- */

static void test_radiotap(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\0\0", 2); /* padding after 26 bytes of header */
    wrap_bytes(&w, "\x88\x02....................\0\0\0\0", 26);
    wrap_bytes(&w, "\0\0\x09\0\2\0\0\0\x20", 9);
    expect_segment(127);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\0\0", 2);
    wrap_bytes(&w, "\x88\x02....................\0\0\0\0", 26);
    wrap_bytes(&w, "\0\0\x1a\0\3\0\0\x80\0\0\0\0....TSFTTSFT\x20.", 26); /* another word, and a time before the flags */
    w.room[w.begin + 4] = 3;
    struct wt_packet packet = wrap_packet(&w, 127);
    struct wt_segment s;
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_tail(&w, 4); /* a frame check */
    wrap_bytes(&w, "\x88\x02....................\0\0\0\0", 26);
    wrap_bytes(&w, "\0\0\x09\0\2\0\0\0\x10", 9);
    packet = wrap_packet(&w, 127);
    assert_int_equal(decode_part(&packet, packet.length, &s), WT_PACKET_TCP);
    assert_int_equal(s.length, PAYLOAD);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x88\x02....................\0\0\0\0", 26);
    wrap_bytes(&w, "\0\0\x09\0\2\0\0\0\0", 9); /* no padding */
    expect_segment(127);
}

static void test_mesh(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\0\x1f\1\0\0\0", 6);
    wrap_bytes(&w, "\x88\x03....................\0\0......\0\1", 32);
    expect_segment(105);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\2\x1f\1\0\0\0............", 18);
    wrap_bytes(&w, "\x88\x03....................\0\0......\0\1", 32);
    expect_segment(105);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x88\x01....................\0\0\0\1", 26); /* to an access point */
    expect_segment(105);
    ipv4(), wrap_bytes(&w, "\x08\x01....................\1\0", 24); /* the second piece of a frame */
    expect_stop(105, "wlan_fragment");
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x01....................\6\3", 24); /* begins as a whole one does */
    expect_segment(105);
}

/* Every frame of an aggregate is given, one after the other. */
static void test_subframes(void **state)
{
    static uint8_t one[256];
    uint16_t ports[3];
    unsigned n = 0;
    (void)state;
    ipv4(), wrap_bytes(&w, snap, 8);
    size_t length = w.end - w.begin;
    wrap_bytes(&w, (uint8_t[]){1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0, (uint8_t)length}, 14);
    size_t whole = (length + 14 + 3) & ~(size_t)3;
    memcpy(one, w.room + w.begin, length + 14);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p = wrap_before(&w, whole);
        memcpy(p, one, whole);
        p[14 + 8 + 20 + 1] = (uint8_t)(i + 1); /* the source port's low byte */
    }
    wrap_bytes(&w, "\x88\x01....................\0\0\x80\0", 26);
    struct wt_packet packet = wrap_packet(&w, 105);
    struct wt_segment s;
    for (enum wt_packet_reason reason = wt_packet_decode(fragments, &packet, &s); reason == WT_PACKET_TCP && n < 3;) {
        assert_int_equal(s.length, PAYLOAD);
        assert_memory_equal(s.data, payload, PAYLOAD);
        ports[n++] = s.source_port & 0xff;
        if (!(s.notes & WT_NOTE_MORE))
            break;
        reason = wt_packet_next(fragments, &packet, &s);
    }
    assert_int_equal(n, 3);
    assert_int_equal(ports[0], 2);
    assert_int_equal(ports[1], 1);
    assert_int_equal(ports[2], 40000 & 0xff);
}

/* --- link types --------------------------------------------------------------------------------------------------- */

static void test_links(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, "\0\0\0\2\0\0\x10\1\0\0\0\0", 12); /* either order */
    expect_segment(109);
    ipv4(), wrap_bytes(&w, "\2\0\0\0\0\0\x10\1\0\0\0\0", 12);
    expect_segment(109);
    ipv6(), wrap_bytes(&w, "\x18\0\0\0\0\0\x10\1\0\0\0\0", 12);
    expect_segment(109);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x10\x40............", 14);
    expect_segment(6);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x10\x40......\x80.....\x06\0\x12\x34\x56\x78", 20); /* routed */
    expect_segment(6);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x50............", 13);
    expect_segment(10);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "................", 16);
    expect_segment(122);
    ipv4(), wrap_bytes(&w, "\1\x0f\0\x08\0", 5);
    expect_segment(205);
    ipv4(), wrap_bytes(&w, "\1\x18\x41\x03\xcc", 5);
    expect_segment(206);
    ipv4(), wrap_bytes(&w, "\x18\x41\x03\0\x80\0\0\0\x08\0", 10); /* frame relay with SNAP */
    expect_segment(107);
    frame(), wrap_bytes(&w, "\x18\x41\x03\0\x80\0\x80\xc2\0\7", 10);
    expect_segment(107);
    ipv4(), wrap_bytes(&w, "\xfe\xfe\3\xcc", 4);
    expect_segment(100);
    frame(), wrap_bytes(&w, "abcd", 4);
    expect_segment(240);
    frame(), wrap_bytes(&w, "abcdUUUUUUU\xd5", 12);
    expect_segment(241);
    frame(), wrap_bytes(&w, "UUUUUUU\xd5", 8);
    expect_segment(259);
    expect_segment(274);
}

static void test_pktap(void **state)
{
    uint8_t head[108] = {108, 0, 0, 0, 1, 0, 0, 0, 1};
    (void)state;
    frame(), wrap_bytes(&w, head, sizeof head);
    expect_segment(258);
    expect_segment(149);
    ipv4(), head[8] = 12, wrap_bytes(&w, head, sizeof head);
    expect_segment(149);
    frame(), head[8] = 1, head[4] = 2, wrap_bytes(&w, head, sizeof head); /* somebody else's use of that number */
    expect_stop(149, "link_type_149");
    frame(), head[4] = 1, head[0] = 20, wrap_bytes(&w, head, 20);
    expect_stop(149, "link_type_149");
}

static void test_switches(void **state)
{
    (void)state;
    ipv4(), wrap_16(&w, IPV4, 0), w.begin += 2; /* the type alone */
    w.room[w.begin] = 8, w.room[w.begin + 1] = 0;
    wrap_bytes(&w, "\x40\0\0\0", 4), wrap_bytes(&w, "............", 12);
    expect_segment(284);
    expect_segment(281);
    ipv4(), wrap_16(&w, 0, IPV4), w.begin += 2;
    wrap_bytes(&w, "\xda\xda\0\0\x40\0\0\0", 8), wrap_bytes(&w, "............", 12);
    expect_segment(285);
    frame(), wrap_bytes(&w, "\0\0\0\1", 4);
    expect_segment(282);
}

static void test_erf(void **state)
{
    static const uint8_t head[16] = {1, 2, 3, 4, 5, 6, 7, 8, 2, 4};
    (void)state;
    frame(), wrap_bytes(&w, "\0\0", 2), wrap_bytes(&w, head, 16);
    expect_segment(197);
    frame(), wrap_bytes(&w, "\0\0", 2), wrap_bytes(&w, "\x05.......", 8), wrap_bytes(&w, "\x85.......", 8);
    wrap_bytes(&w, head, 16), w.room[w.begin + 8] = 0x82; /* two extension headers */
    expect_segment(197);
    ipv6(), wrap_bytes(&w, head, 16), w.room[w.begin + 8] = 23;
    expect_segment(197);
    ipv6(), wrap_bytes(&w, head, 16), w.room[w.begin + 8] = 27;
    expect_stop(197, "link_control");
}

static void test_docsis(void **state)
{
    (void)state;
    frame(), wrap_bytes(&w, (uint8_t[]){0, 0, 0, (uint8_t)(w.end - w.begin), 0, 0}, 6);
    expect_segment(143);
    frame(), wrap_bytes(&w, (uint8_t[]){1, 5, 0, (uint8_t)(w.end - w.begin + 5), 0x44, 1, 0, 1, 0, 0, 0}, 11);
    expect_segment(143);
    frame(), wrap_bytes(&w, (uint8_t[]){1, 5, 0, (uint8_t)(w.end - w.begin + 5), 0x44, 1, 0x80, 1, 0, 0, 0}, 11);
    expect_stop(143, "docsis_encrypted");
    segment(), wrap_bytes(&w, "\xc2\0\0\x12\0\0", 6); /* management */
    expect_stop(143, "link_control");
    frame(), wrap_bytes(&w, (uint8_t[]){0, 0, 0, (uint8_t)(w.end - w.begin), 0, 0}, 6); /* two in one */
    size_t n = w.end - w.begin;
    memcpy(wrap_before(&w, n), w.room + w.begin + 0, 0);
    memcpy(w.room + w.begin, w.room + w.begin + n, n);
    wrap_bytes(&w, "\xf8\2\0\0\0\0", 6);
    struct wt_packet packet = wrap_packet(&w, 143);
    struct wt_segment s;
    assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TCP);
    assert_int_equal(s.notes & WT_NOTE_MORE, WT_NOTE_MORE);
    assert_int_equal(wt_packet_next(fragments, &packet, &s), WT_PACKET_TCP);
    assert_int_equal(s.notes & WT_NOTE_MORE, 0);
    assert_int_equal(s.length, PAYLOAD);
}

static void test_juniper(void **state)
{
    (void)state;
    frame(), wrap_bytes(&w, "MGC\1", 4);
    expect_segment(178);
    frame(), wrap_bytes(&w, "MGC\x81\0\6\1\1\2\2\1\3", 12); /* extensions */
    expect_segment(178);
    ipv4(), wrap_bytes(&w, "\xff\3\0\x21", 4), wrap_bytes(&w, "MGC\1", 4);
    expect_segment(179);
    ipv4(), wrap_bytes(&w, "\x0f\0\x08\0", 4), wrap_bytes(&w, "MGC\1", 4);
    expect_segment(181);
    ipv4(), wrap_bytes(&w, "\x18\x41\x03\xcc", 4), wrap_bytes(&w, "MGC\1", 4);
    expect_segment(180);
    sound_ipv4(), wrap_bytes(&w, "\0\0\0\0", 4), wrap_bytes(&w, "MGC\1", 4); /* a cookie */
    expect_segment(137);
    sound_ipv4(), wrap_bytes(&w, "MGC\3", 4); /* nothing between */
    expect_segment(178);
    frame(), wrap_bytes(&w, "MGD\1", 4);
    expect_reason(178, WT_PACKET_MALFORMED);
}

/* --- tunnels ------------------------------------------------------------------------------------------------------ */

static void test_tzsp(void **state)
{
    (void)state;
    frame(), wrap_bytes(&w, "\1\0\0\1\1", 5), in_udp(37008);
    frame(), wrap_bytes(&w, "\1\0\0\1\0\0\x0a\1.\x12\2..\1", 14), in_udp(37008); /* padding, tags */
    frame(), wrap_bytes(&w, "\1\0\0\1\1", 5);
    expect_segment(128);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x01....................\0\0", 24);
    wrap_bytes(&w, "\1\0\0\x12\1", 5), in_udp(37008);
    frame(), wrap_bytes(&w, "\2\0\0\1\1", 5); /* another version: a datagram like any other */
    wrap_udp(&w, 50000, 37008), wrap_ipv4(&w, UDP);
    expect_reason(101, WT_PACKET_UDP);
}

static void test_gre(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, "\0\0\x08\0", 4), in_udp(4754);
    frame(), wrap_bytes(&w, "\x20\0\x65\x58\0\0\0\1", 8), in_udp(4754);
    ipv4(), wrap_bytes(&w, "\x40\0\x08\0", 4), wrap_udp(&w, 50000, 4754), wrap_ipv4(&w, UDP);
    expect_reason(101, WT_PACKET_UDP);
    frame(), wrap_bytes(&w, "\x20\1\x64\0\0\x50\1\0", 8), in_protocol(47); /* EoIP */
    wrap_start(&w, "\0\1\x64\0\0\0\0", 7), wrap_ipv4(&w, 47); /* which ends within its header */
    expect_reason(101, WT_PACKET_MALFORMED);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x01....................\0\0", 24);
    wrap_bytes(&w, "\0\0\x82\x10", 4), in_protocol(47);
    ipv4(), wrap_bytes(&w, "\1\2\3\4\5\6\x08\0", 8), wrap_ethernet(&w, 0x8988); /* TTag in ERSPAN type II */
    wrap_bytes(&w, "\x10\0\x88\xbe\0\0\0\1\x10\1\0\1\0\0\0\0", 16), in_protocol(47);
}

static void test_l2tp(void **state)
{
    (void)state;
    sound_ipv4(), wrap_bytes(&w, "\0\0\0\7", 4), in_protocol(115);
    sound_ipv4(), wrap_ethernet(&w, IPV4), wrap_bytes(&w, "\0\0\0\7cook\0\0\0\0", 12), in_protocol(115);
    sound_ipv4(), wrap_bytes(&w, "\xff\3\0\x21", 4), wrap_bytes(&w, "\0\3\0\0\0\0\0\7cookcook", 16), in_udp(1701);
    sound_ipv4(), wrap_bytes(&w, "\0\0\0\0", 4), wrap_ipv4(&w, 115); /* control */
    expect_stop(101, "ip_protocol_115");
    sound_ipv4(), wrap_bytes(&w, "\x80\3\0\0\0\0\0\7", 8), wrap_udp(&w, 50000, 1701), wrap_ipv4(&w, UDP);
    expect_reason(101, WT_PACKET_UDP);
}

static void test_service_headers(void **state)
{
    (void)state;
    ipv4(), wrap_bytes(&w, "\x0f\xc2\2\1\0\0\1\xff", 8), wrap_bytes(&w, "\x0c\0\0\4\0\0\1\0", 8), in_udp(4790);
    frame(), wrap_bytes(&w, "\x30\0", 2), in_protocol(97);
    frame(), wrap_bytes(&w, "\x40\0", 2), wrap_ipv4(&w, 97);
    expect_stop(101, "ip_protocol_97");
    ipv4(), wrap_bytes(&w, "\0\x3d\xc0\0\0\1\0\x21", 8);
    expect_segment(9); /* multilink, a packet in one piece */
    ipv4(), wrap_bytes(&w, "\0\x3d\x80\0\0\1\0\x21", 8);
    expect_stop(9, "ppp_0x003d");
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\0\0\0\1\3\x21\0\6\1\2\3\4\5\6\0\4", 16);
    expect_segment(113);
    ipv4(), wrap_bytes(&w, snap, 8), wrap_bytes(&w, "\x08\x01....................\0\0", 24);
    wrap_bytes(&w, "\0\0\x08\0....", 8), wrap_bytes(&w, "\0\0\3\x23\0\6\1\2\3\4\5\6\0\0\0\4", 16);
    expect_segment(113); /* cooked: 802.11 with radiotap */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),      cmocka_unit_test(test_macsec), cmocka_unit_test(test_guess),
        cmocka_unit_test(test_radiotap),  cmocka_unit_test(test_mesh),   cmocka_unit_test(test_subframes),
        cmocka_unit_test(test_links),     cmocka_unit_test(test_pktap),  cmocka_unit_test(test_switches),
        cmocka_unit_test(test_erf),       cmocka_unit_test(test_docsis), cmocka_unit_test(test_juniper),
        cmocka_unit_test(test_tzsp),      cmocka_unit_test(test_gre),    cmocka_unit_test(test_l2tp),
        cmocka_unit_test(test_service_headers),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
