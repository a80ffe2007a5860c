/* Every packet is in exactly one bucket of the account, named by where reading it ended. */
#include "observer/state.h"

#include "segments.h"

/* A packet of any link type, with `cut` bytes after it that the capture left out. */
static void packet(unsigned link, const void *bytes, size_t n, uint32_t cut)
{
    struct wt_packet p = {.frame = ++frame,
                          .link = (uint16_t)link,
                          .time = {now += 1000000, 6},
                          .data = bytes,
                          .length = (uint32_t)n,
                          .original = (uint32_t)n + cut};
    wt_observer_packet(h.observer, &p);
}

/* 192.0.2.1 to .2 with an IPv4 protocol; `fragment` as IPv4's flags and offset. */
static size_t put_ipv4(uint8_t *p, unsigned protocol, unsigned fragment, const void *payload, size_t n)
{
    memset(p, 0, 20);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(20 + n), 2);
    put(p + 4, 7, 2);
    put(p + 6, fragment, 2);
    p[8] = 64;
    p[9] = (uint8_t)protocol;
    put(p + 12, 0xc0000201, 4);
    put(p + 16, 0xc0000202, 4);
    memcpy(p + 20, payload, n);
    return 20 + n;
}

static void ipv4(unsigned protocol, unsigned fragment, const void *payload, size_t n, uint32_t cut)
{
    uint8_t p[2048];
    packet(LINKTYPE_RAW, p, put_ipv4(p, protocol, fragment, payload, n) - cut, cut);
}

static void datagram(unsigned source, unsigned target, const void *payload, size_t n, uint32_t cut)
{
    uint8_t p[2000] = {0};
    put(p, source, 2);
    put(p + 2, target, 2);
    put(p + 4, (uint32_t)(8 + n), 2);
    memcpy(p + 8, payload, n);
    ipv4(17, 0, p, 8 + n, cut);
}

static uint64_t of(const char *bucket)
{
    const struct wt_summary *s = wt_observer_summary(h.observer);
    for (size_t i = 0; i < s->account_count; i++)
        if (!strcmp(s->account[i].reason, bucket))
            return s->account[i].count;
    return 0;
}

/* The account is this, and adds up. */
static void expect(const char *expected)
{
    const struct wt_summary *s = wt_observer_summary(h.observer);
    char told[2048] = "";
    uint64_t sum = 0;
    for (size_t i = 0, n = 0; i < s->account_count; i++) {
        sum += s->account[i].count;
        n += (size_t)snprintf(told + n, sizeof told - n, "%s%s %u", i ? ", " : "", s->account[i].reason,
                              (unsigned)s->account[i].count);
        assert_true(i == 0 || s->account[i].count <= s->account[i - 1].count);
    }
    assert_string_equal(told, expected);
    assert_int_equal(sum, s->packets);
}

/* A TCP conversation's packets are TLS's as soon as TLS is found in it, those before it and those after its end too. */
static void test_tcp(void **state)
{
    (void)state;
    syn(40001, 100);
    expect("tcp 3");
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    pass(40001, 100, 0, 0);
    expect("tls 4");
    segment(WT_SERVER, 40001, WT_TCP_RST | WT_TCP_ACK, 5101, 200, nothing, 0);
    syn(40002, 100); /* and one that never becomes TLS */
    segment(WT_CLIENT, 40002, WT_TCP_ACK, 101, 5101, wt_span_of((const uint8_t *)"hello", 5), 0);
    finish();
    expect("tls 5, tcp 4");
}

/* A connection that was refused is told as failed TLS, and had none. */
static void test_refused(void **state)
{
    (void)state;
    segment(WT_CLIENT, 40001, WT_TCP_SYN, 1, 0, nothing, 0);
    segment(WT_SERVER, 40001, WT_TCP_RST | WT_TCP_ACK, 0, 2, nothing, 0);
    finish();
    assert_int_equal(h.told, 1);
    expect("tcp 2");
}

/* The same where two taps were merged late: the RST is before its SYN, and refuses no other. */
static void test_refused_early(void **state)
{
    (void)state;
    segment(WT_SERVER, 40001, WT_TCP_RST | WT_TCP_ACK, 0, 2, nothing, 0);
    segment(WT_CLIENT, 40001, WT_TCP_SYN, 1, 0, nothing, 0);
    segment(WT_SERVER, 40002, WT_TCP_RST | WT_TCP_ACK, 0, 3, nothing, 0);
    segment(WT_CLIENT, 40002, WT_TCP_SYN, 1, 0, nothing, 0);
    finish();
    assert_int_equal(h.told, 1);
    expect("tcp 4");
}

/* Headers alone were captured. */
static void test_cut(void **state)
{
    (void)state;
    syn(40001, 100);
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 101, 5101, wt_span_of((const uint8_t *)"hello", 5), 5);
    datagram(53, 40000, "hello", 5, 5);
    ipv4(6, 0, "\234\101\1\273", 4, 0);
    packet(LINKTYPE_RAW, "\105\0\0\50", 4, 36);
    finish();
    expect("cut 3, tcp 3, malformed_tcp 1");
}

static void test_stops(void **state)
{
    uint8_t frame14[64] = {0};
    (void)state;
    ipv4(1, 0, "\10\0\0\0\0\0\0\0", 8, 0);
    ipv4(50, 0, "\0\0\1\0\0\0\0\1", 8, 0);
    ipv4(50, 0, "\0\0\1\0\0\0\0\2", 8, 0);
    packet(147, "x", 1, 0);
    packet(LINKTYPE_RAW, "\200", 1, 0);
    put(frame14 + 12, 0x88cc, 2);
    packet(1, frame14, 60, 0);
    put(frame14 + 12, 0x0806, 2);
    packet(1, frame14, 60, 0);
    put(frame14 + 12, 0x26, 2), put(frame14 + 14, 0x424203, 3);
    packet(1, frame14, 60, 0);
    packet(105, "\10\101......................", 24, 0);
    packet(105, "\200\0......................", 24, 0);
    packet(105, "\324\0........", 10, 0);
    finish();
    expect("ip_protocol_50 2, arp 1, ethertype_0x88cc 1, icmp 1, ip_version_8 1, link_type_147 1, llc_0x42 1, "
           "wlan_control 1, wlan_management 1, wlan_protected 1");
}

/* Pieces of a datagram are where the whole is; what never becomes whole is a fragment. */
static void test_fragments(void **state)
{
    uint8_t p[80] = {0};
    (void)state;
    put(p, 5000, 2);
    put(p + 2, 5001, 2);
    put(p + 4, 40, 2);
    ipv4(17, 0x2000, p, 16, 0);
    expect("fragments 1");
    ipv4(17, 0x2002, p + 16, 16, 0);
    ipv4(17, 0x0004, p + 32, 8, 0);
    expect("udp 3");
    ipv4(17, 0x2000, p, 16, 0); /* a copy of what is whole */
    finish();
    expect("udp 3, fragments 1");
}

/* An error that quotes a piece is no piece. */
static void test_quoted_piece(void **state)
{
    uint8_t quote[8 + 40] = {3, 4}, p[40] = {0};
    (void)state;
    put_ipv4(quote + 8, 17, 0x2000, p, 16);
    ipv4(1, 0, quote, 8 + 36, 0);
    put(p, 5000, 2), put(p + 4, 32, 2);
    ipv4(17, 0x0002, p + 16, 16, 0);
    finish();
    expect("fragments 1, icmp 1");
}

/* What a UDP conversation is, is known by what one of its datagrams says, and then it was so all along. */
static void test_datagrams(void **state)
{
    uint8_t b[1300] = {0};
    (void)state;
    datagram(40000, 443, "\0\1\0\0\41\22\244\102............", 20, 0); /* STUN comes first where DTLS is for SRTP */
    expect("udp 1");
    memcpy(b, "\26\376\375\0\0\0\0\0\0\0\0\0\14\1\0\0\0\0\0\0\0\0\0\0\0", 25);
    datagram(443, 40000, b, 25, 0);
    datagram(40000, 443, "\27\376\375\0\1\0\0\0\0\0\1\0\1x", 14, 0);
    expect("dtls 3");
    memset(b, 0, sizeof b);
    memcpy(b, "\303\0\0\0\1\10........\0\0", 16);
    datagram(40001, 443, b, 1200, 0);
    datagram(40001, 443, "\100.......", 8, 0);
    datagram(40002, 1194, "\70sessionA\0\0\0\0\0", 14, 0);
    memset(b + 9, 1, 28), memset(b + 37, 0, 5), b[0] = 0x38, memcpy(b + 1, "sessionB", 8);
    datagram(40003, 1195, b, 42, 0); /* tls-auth with SHA-1 */
    memset(b, 0, 148), b[0] = 1;
    datagram(40004, 51820, b, 148, 0);
    datagram(4500, 4500, "\1\2\3\4\0\0\0\1........", 16, 0);
    memset(b, 0, 40), b[0] = 1, put(b + 2, 28, 2), b[20] = 79, b[21] = 8, memcpy(b + 22, "\2\1\0\6\15\0", 6);
    datagram(40005, 1812, b, 28, 0);
    finish();
    expect("dtls 3, openvpn 2, quic 2, eap_tls 1, esp_in_udp 1, wireguard 1");
}

/* As like as can be. */
static void test_no_such_datagrams(void **state)
{
    uint8_t b[1300] = {0};
    (void)state;
    memcpy(b, "\26\376\375\0\0\0\0\0\0\0\0\0\14\77\0\0\0\0\0\0\0\0\0\0\0", 25); /* no such handshake message */
    datagram(40000, 443, b, 25, 0);
    datagram(40001, 443, "\27\376\375\0\1\0\0\0\0\0\1\0\2x", 14, 0); /* longer than what it is in */
    memset(b, 0, sizeof b);
    memcpy(b, "\303\0\0\0\11\10........\0\0", 16); /* no such version */
    datagram(40002, 443, b, 1200, 0);
    datagram(40003, 1194, "\70sessionA\0\0\0\0\1", 14, 0);
    memset(b, 0, 148), b[0] = 1;
    datagram(40004, 51820, b, 147, 0);
    datagram(4500, 4500, "\0\0\0\0\0\0\0\1........", 16, 0); /* IKE */
    memset(b, 0, 40), b[0] = 1, put(b + 2, 28, 2), b[20] = 79, b[21] = 8, memcpy(b + 22, "\2\1\0\6\1\0", 6);
    datagram(40005, 1812, b, 28, 0); /* EAP's identity */
    finish();
    expect("udp 7");
}

/* Numbers have a limit, and what is over it is counted as one. */
static void test_limit(void **state)
{
    enum { MORE = 5 };
    uint8_t p[60] = {0};
    (void)state;
    for (unsigned i = 0; i < WT_LIMIT_ACCOUNT_NUMBERS + MORE; i++) {
        put(p + 12, 0xa000 + i, 2);
        packet(1, p, 60, 0);
    }
    put(p + 12, 0xa000, 2);
    packet(1, p, 60, 0);
    finish();
    const struct wt_summary *s = wt_observer_summary(h.observer);
    assert_int_equal(s->account_count, WT_LIMIT_ACCOUNT_NUMBERS + 1);
    assert_int_equal(of("other"), MORE);
    assert_int_equal(of("ethertype_0xa000"), 2);
    assert_int_equal(s->undecoded_count, 1);
    assert_string_equal(s->undecoded[0].reason, "account_limit");
}

/* Of another file the account goes on. */
static void test_files(void **state)
{
    (void)state;
    syn(40001, 100);
    wt_observer_file(h.observer, "another");
    syn(40001, 100);
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    pass(40001, 100, 0, 0);
    finish();
    expect("tls 4, tcp 3");
    assert_int_equal(wt_observer_summary(h.observer)->one_sided, 0);
}

/* A direction of which there is nothing. */
static void test_one_sided(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){0});
    segment(WT_CLIENT, 40001, WT_TCP_SYN, 100, 0, nothing, 0);
    segment(WT_CLIENT, 40001, WT_TCP_ACK, 101, 5101, wt_buffer_span(&d.turns[0].flight.b), 0);
    finish();
    expect("tls 2");
    assert_int_equal(wt_observer_summary(h.observer)->one_sided, 1);
}

/* So many of its datagrams are looked at to find what it is. */
static void test_looks(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        for (unsigned i = 0; i < WT_LIMIT_DATAGRAM_LOOKS - 1 + more; i++)
            datagram(40000, 443, "none of any", 11, 0);
        datagram(40000, 443, "\26\376\375\0\0\0\0\0\0\0\0\0\14\1\0\0\0\0\0\0\0\0\0\0\0", 25, 0);
        assert_int_equal(of("dtls"), more ? 0 : WT_LIMIT_DATAGRAM_LOOKS);
        assert_int_equal(of("udp"), more ? WT_LIMIT_DATAGRAM_LOOKS + 1 : 0);
        (void)clean(state);
        (void)start(state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tcp),          TEST(test_refused),   TEST(test_refused_early),
        TEST(test_cut),          TEST(test_stops),     TEST(test_fragments),
        TEST(test_quoted_piece), TEST(test_datagrams), TEST(test_no_such_datagrams),
        TEST(test_limit),        TEST(test_files),     TEST(test_one_sided),
        TEST(test_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
