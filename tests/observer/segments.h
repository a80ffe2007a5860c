/* Connections as packets: an observer that hears segments between two hosts. */
#ifndef WT_TESTS_OBSERVER_SEGMENTS_H
#define WT_TESTS_OBSERVER_SEGMENTS_H

#include "capture/packet.h"

#include "streams.h"

enum { LINKTYPE_RAW = 101, HEADS = 40 };

static struct heard h;
static struct dialogue d;
static uint32_t frame;
static int64_t now;
static unsigned windows[2], hop_limits[2]; /* by side, of the segments to come */
static unsigned server_port;
static struct wt_span tcp_options; /* likewise: whole words */

/* Of the segments to come: none is made, as where the network card makes them; right; one that a bit more is wrong. */
static enum { CHECKSUM_NONE, CHECKSUM_RIGHT, CHECKSUM_WRONG } checksums;

static inline int start(void **state)
{
    (void)state;
    frame = 0;
    now = 1700000000000000000;
    windows[0] = windows[1] = 65535;
    hop_limits[0] = hop_limits[1] = 64;
    server_port = 443;
    tcp_options = (struct wt_span){0};
    checksums = CHECKSUM_NONE;
    hear(&h, "capture");
    return 0;
}

static inline int clean(void **state)
{
    (void)state;
    forget(&d);
    stop(&h);
    return 0;
}

static inline void put(uint8_t *p, uint32_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

/* RFC 9293, 3.1: the 16-bit ones' complement of the ones' complement sum of the pseudo-header and the segment, which is
 * the `n` bytes after an IPv4 header. */
static inline uint16_t checksum(const uint8_t *ip, size_t n)
{
    uint32_t sum = 6 + (uint32_t)n;
    for (size_t i = 12; i < 20 + n; i++)
        sum += i % 2 ? ip[i] : (uint32_t)ip[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* A segment between 192.0.2.1:port and 192.0.2.2:server_port; `cut` bytes of it are not in the capture. */
static inline void segment(enum wt_side from, unsigned port, unsigned flags, uint32_t sequence, uint32_t acknowledgment,
                           struct wt_span bytes, uint32_t cut)
{
    const size_t heads = HEADS + tcp_options.n, n = heads + bytes.n - cut;
    uint8_t *p = calloc(1, heads + bytes.n);
    assert_non_null(p);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(heads + bytes.n), 2);
    p[8] = (uint8_t)hop_limits[from];
    p[9] = 6;
    put(p + 12, 0xc0000201 + (from == WT_SERVER), 4);
    put(p + 16, 0xc0000201 + (from == WT_CLIENT), 4);
    put(p + 20, from == WT_CLIENT ? port : server_port, 2);
    put(p + 22, from == WT_CLIENT ? server_port : port, 2);
    put(p + 24, sequence, 4);
    put(p + 28, acknowledgment, 4);
    p[32] = (uint8_t)(0x50 + (tcp_options.n / 4 << 4));
    p[33] = (uint8_t)flags;
    put(p + 34, windows[from], 2);
    if (tcp_options.n)
        memcpy(p + HEADS, tcp_options.p, tcp_options.n);
    if (bytes.n)
        memcpy(p + heads, bytes.p, bytes.n);
    if (checksums != CHECKSUM_NONE)
        put(p + 36, checksum(p, heads - 20 + bytes.n) ^ (checksums == CHECKSUM_WRONG), 2);
    struct wt_packet packet = {.frame = ++frame,
                               .link = LINKTYPE_RAW,
                               .time = {now += 1000000, 6},
                               .length = (uint32_t)n,
                               .original = (uint32_t)(heads + bytes.n)};
    uint8_t *exact = malloc(n);
    assert_non_null(exact);
    memcpy(exact, p, n);
    packet.data = exact;
    wt_observer_packet(h.observer, &packet);
    free(exact);
    free(p);
}

/* An ICMP error from `sender` to the sender of a segment of `length` bytes, of which it quotes `quoted`, IP header
 * included. */
static inline void icmp_error_of(uint32_t sender, enum wt_side about, unsigned port, uint8_t type, uint8_t code,
                                 unsigned mtu, uint32_t sequence, unsigned length, unsigned quoted)
{
    uint8_t p[20 + 8 + 40] = {0x45};
    put(p + 2, 28 + quoted, 2);
    p[8] = 60;
    p[9] = 1;
    put(p + 12, sender, 4);
    put(p + 16, 0xc0000201 + (about == WT_SERVER), 4);
    p[20] = type;
    p[21] = code;
    put(p + 26, mtu, 2);
    p[28] = 0x45;
    put(p + 30, length, 2);
    p[37] = 6;
    put(p + 40, 0xc0000201 + (about == WT_SERVER), 4);
    put(p + 44, 0xc0000201 + (about == WT_CLIENT), 4);
    put(p + 48, about == WT_CLIENT ? port : 443, 2);
    put(p + 50, about == WT_CLIENT ? 443 : port, 2);
    put(p + 52, sequence, 4);
    p[60] = 0x50;
    struct wt_packet packet = {.frame = ++frame,
                               .link = LINKTYPE_RAW,
                               .time = {now += 1000000, 6},
                               .length = 28 + quoted,
                               .original = 28 + quoted,
                               .data = p};
    wt_observer_packet(h.observer, &packet);
}

enum { ROUTER = (int)0xcb007109 }; /* 203.0.113.9 */

static inline void icmp_error(enum wt_side about, unsigned port, uint8_t type, uint8_t code, unsigned mtu,
                              uint32_t sequence, unsigned length, unsigned quoted)
{
    icmp_error_of((uint32_t)ROUTER, about, port, type, code, mtu, sequence, length, quoted);
}

static const struct wt_span nothing;

static inline void syn(unsigned port, uint32_t isn)
{
    segment(WT_CLIENT, port, WT_TCP_SYN, isn, 0, nothing, 0);
    segment(WT_SERVER, port, WT_TCP_SYN | WT_TCP_ACK, isn + 5000, isn + 1, nothing, 0);
    segment(WT_CLIENT, port, WT_TCP_ACK, isn + 1, isn + 5001, nothing, 0);
}

/* The dialogue's flights from `first` on, a segment each; returns what both sides have sent before and with them. */
static inline void pass(unsigned port, uint32_t isn, size_t first, size_t size)
{
    uint32_t next[2] = {isn + 1, isn + 5001};
    for (size_t i = 0; i < d.n; i++) {
        enum wt_side from = d.turns[i].from;
        struct wt_span rest = wt_buffer_span(&d.turns[i].flight.b);
        while (rest.n) {
            struct wt_span piece = wt_span_cut(rest, 0, size ? size : rest.n);
            if (i >= first)
                segment(from, port, WT_TCP_ACK | WT_TCP_PSH, next[from], next[!from], piece, 0);
            next[from] += (uint32_t)piece.n;
            rest = wt_span_cut(rest, piece.n, rest.n);
        }
    }
}

/* A turn of the dialogue in one segment, which the capture may lack; `next`: by side, the number of its next byte. */
static inline void pass_turn(unsigned port, size_t turn, uint32_t next[2], bool lost)
{
    const enum wt_side from = d.turns[turn].from;
    const struct wt_span bytes = wt_buffer_span(&d.turns[turn].flight.b);
    if (!lost)
        segment(from, port, WT_TCP_ACK | WT_TCP_PSH, next[from], next[!from], bytes, 0);
    next[from] += (uint32_t)bytes.n;
}

/* What both sides say until TLS 1.2 has come up, with `resumed` by its session id. */
static inline void come_up(bool resumed)
{
    const struct hello hello = {.session = resumed ? 7 : 0};
    client_hello(say(&d, WT_CLIENT), hello);
    if (!resumed) {
        complete12(&d, hello);
        return;
    }
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, hello);
    ccs_finished(f);
    ccs_finished(say(&d, WT_CLIENT));
}

static inline void finish(void)
{
    wt_observer_finish(h.observer);
}

/* The least delay with which it is so, in nanoseconds, is the limit but for `others` milliseconds, which the segments
 * around the delay take; with twice `limit` it is so, without any it is not. */
static inline void holds_from(bool (*is_so)(int64_t delay), int64_t limit, int64_t others)
{
    int64_t below = 0, from = 2 * limit;
    assert_false(is_so(below));
    assert_true(is_so(from));
    while (from - below > 1) {
        const int64_t middle = below + (from - below) / 2;
        *(is_so(middle) ? &from : &below) = middle;
    }
    assert_int_equal(from, limit - others * 1000000);
}

#endif
