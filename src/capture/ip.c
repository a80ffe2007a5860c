/* IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), and TCP's header (RFC 9293, 3.1). */
#include "capture/fragment.h"
#include "capture/walk.h"

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_ETHERIP = 97,
    PROTOCOL_L2TP = 115,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_UDPLITE = 136,
    PROTOCOL_MPLS = 137,
    PROTOCOL_HIP = 139,
    PROTOCOL_SHIM6 = 140,
    PROTOCOL_ETHERNET = 143,
};

/* RFC 894: "If necessary, the data field should be padded (with octets of zero) to meet the Ethernet minimum frame
 * size. This padding is not part of the IP packet and is not included in the total length field of the IP header." Some
 * devices include it, and write checksums that cover it: of 46 bytes, or 42 where a VLAN tag takes four of them, the
 * headers leave 6 or 2. Data are not so short for want of more: RFC 9293, 3.9.1.2: a sender "MUST set the PSH bit in
 * the last buffered segment (i.e., when there is no more queued data to be sent)". */
static __attribute__((noinline)) bool is_padding(const struct wt_walk *w, const struct wt_segment *s, uint32_t header)
{
    enum { IPV4_HEADER = 20, SHORTEST = 46, TAGGED = 42 };
    const uint32_t total = IPV4_HEADER + header + s->length;
    const bool over_ipv4 = s->layer_count > 1 && s->layers[s->layer_count - 2] == WT_LAYER_IPV4;
    if (!over_ipv4 || (total != SHORTEST && total != TAGGED) || s->flags & WT_TCP_PSH || w->missing)
        return false;
    for (uint32_t i = 0; i < s->length; i++)
        if (s->data[i])
            return false;
    return true;
}

enum wt_packet_reason wt_walk_tcp(struct wt_walk *w)
{
    struct wt_segment *s = w->segment;
    const uint8_t *p = w->p;
    uint32_t header;
    wt_walk_layer(w, WT_LAYER_TCP);
    if (w->quoted && w->n >= 8 && (w->n < 20 || (p[12] >> 4) * 4u > w->n)) {
        s->source_port = wt_get16(p);
        s->target_port = wt_get16(p + 2);
        s->sequence = wt_get32(p + 4);
        return WT_PACKET_QUOTED_START;
    }
    if (w->n < 20)
        return wt_walk_short(w, 20);
    header = (p[12] >> 4) * 4u;
    if (header < 20 || header > w->n + w->missing)
        return WT_PACKET_MALFORMED;
    s->source_port = wt_get16(p);
    s->target_port = wt_get16(p + 2);
    s->sequence = wt_get32(p + 4);
    s->acknowledgment = wt_get32(p + 8);
    s->flags = p[13];
    s->window = wt_get16(p + 14);
    s->options = header <= w->n ? wt_span_of(p + 20, header - 20) : (struct wt_span){NULL, 0};
    if (__builtin_expect(header > w->n, 0)) { /* cut inside the options: all payload is missing */
        s->missing = w->n + w->missing - header;
        s->data = p + w->n;
        s->length = 0;
        return WT_PACKET_TCP;
    }
    s->data = p + header;
    s->length = w->n - header;
    s->missing = w->missing;
    if (__builtin_expect(s->length - 1 < 6, 0) && is_padding(w, s, header))
        s->length = 0;
    return WT_PACKET_TCP;
}

/* Hands a datagram that became whole on as if it had come so. */
static enum wt_packet_reason walk_piece(struct wt_walk *w, struct wt_piece *piece)
{
    struct wt_span whole;
    enum wt_packet_reason reason;
    uint8_t protocol;
    if (w->missing > 0 || w->quoted || !w->fragments) { /* a cut piece cannot be joined; the first one is used as far as it goes */
        if (piece->offset > 0)
            return WT_PACKET_TRUNCATED;
        return wt_walk_protocol(w, piece->protocol);
    }
    memcpy(piece->source, w->segment->source, 16);
    memcpy(piece->target, w->segment->target, 16);
    piece->bytes = wt_span_of(w->p, w->n);
    piece->now = w->now;
    reason = wt_fragments_add(w->fragments, piece, &whole, &protocol);
    if (reason != WT_PACKET_TCP)
        return reason;
    w->p = whole.p;
    w->n = (uint32_t)whole.n;
    w->missing = 0;
    w->segment->joined += wt_fragments_pieces(w->fragments);
    w->segment->notes |= WT_NOTE_JOINED;
    return wt_walk_protocol(w, protocol);
}

enum wt_packet_reason wt_walk_ipv4(struct wt_walk *w)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const uint8_t *p = w->p;
    struct wt_segment *s = w->segment;
    uint32_t header, total;
    unsigned fragment;
    wt_walk_layer(w, WT_LAYER_IPV4);
    if (w->n < 20)
        return wt_walk_short(w, 20);
    header = (p[0] & 15u) * 4;
    total = wt_get16(p + 2);
    if (p[0] >> 4 != 4 || header < 20)
        return WT_PACKET_MALFORMED;
    /* A total length of 0 stands in packets that the network card was to split (TSO): then the capture's length is all
     * we know. */
    if (total > 0) {
        if (total < header)
            return WT_PACKET_MALFORMED;
        wt_walk_cut(w, total);
    }
    if (w->n < header)
        return wt_walk_short(w, header);
    s->ttl = p[8];
    s->id = wt_get16(p + 4);
    memcpy(s->source, mapped, 12);
    memcpy(s->source + 12, p + 12, 4);
    memcpy(s->target, mapped, 12);
    memcpy(s->target + 12, p + 16, 4);
    wt_walk_take(w, header);
    fragment = wt_get16(p + 6) & 0x3fffu;
    if (__builtin_expect(fragment != 0, 0)) {
        struct wt_piece piece = {.id = wt_get16(p + 4),
                                 .version = 4,
                                 .protocol = p[9],
                                 .more = fragment & 0x2000,
                                 .offset = (fragment & 0x1fffu) * 8};
        return walk_piece(w, &piece);
    }
    if (__builtin_expect(p[9] == PROTOCOL_TCP, 1))
        return wt_walk_tcp(w);
    return wt_walk_protocol(w, p[9]);
}

/* The header that is next, of those that IPv6 chains: its length, or 0 when it is none of them. */
static uint32_t extension_length(const struct wt_walk *w, unsigned protocol)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_MOBILITY:
    case PROTOCOL_HIP:
    case PROTOCOL_SHIM6:
        return (w->p[1] + 1u) * 8;
    case PROTOCOL_AH: /* RFC 4302, 2.2: "in 32-bit words ... minus 2" */
        return (w->p[1] + 2u) * 4;
    case PROTOCOL_FRAGMENT:
        return 8;
    default:
        return 0;
    }
}

static bool is_extension(unsigned protocol)
{
    return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING || protocol == PROTOCOL_DESTINATION ||
           protocol == PROTOCOL_MOBILITY || protocol == PROTOCOL_HIP || protocol == PROTOCOL_SHIM6 ||
           protocol == PROTOCOL_AH || protocol == PROTOCOL_FRAGMENT;
}

static enum wt_packet_reason walk_extensions(struct wt_walk *w, unsigned protocol)
{
    while (is_extension(protocol)) {
        const uint8_t *p = w->p;
        unsigned fragment, next;
        uint32_t n;
        if (!wt_walk_deeper(w))
            return WT_PACKET_TOO_DEEP;
        if (w->n < 8)
            return wt_walk_short(w, 8);
        n = extension_length(w, protocol);
        if (w->n < n)
            return wt_walk_short(w, n);
        next = p[0];
        wt_walk_take(w, n);
        fragment = protocol == PROTOCOL_FRAGMENT ? wt_get16(p + 2) & 0xfff9u : 0;
        if (fragment != 0) {
            struct wt_piece piece = {.id = wt_get32(p + 4),
                                     .version = 6,
                                     .protocol = (uint8_t)next,
                                     .more = fragment & 1,
                                     .offset = fragment & 0xfff8u};
            return walk_piece(w, &piece);
        }
        protocol = next;
    }
    return wt_walk_protocol(w, protocol);
}

enum wt_packet_reason wt_walk_ipv6(struct wt_walk *w)
{
    const uint8_t *p = w->p;
    uint32_t payload;
    wt_walk_layer(w, WT_LAYER_IPV6);
    if (w->n < 40)
        return wt_walk_short(w, 40);
    if (p[0] >> 4 != 6)
        return WT_PACKET_MALFORMED;
    payload = wt_get16(p + 4);
    if (payload > 0) /* 0: jumbograms, and packets that the network card was to split */
        wt_walk_cut(w, 40 + payload);
    w->segment->ttl = p[7];
    w->segment->id = 0;
    memcpy(w->segment->source, p + 8, 16);
    memcpy(w->segment->target, p + 24, 16);
    wt_walk_take(w, 40);
    return p[6] == PROTOCOL_TCP ? wt_walk_tcp(w) : walk_extensions(w, p[6]);
}

enum wt_packet_reason wt_walk_ip(struct wt_walk *w)
{
    if (w->n < 1)
        return wt_walk_short(w, 1);
    return w->p[0] >> 4 == 4 ? wt_walk_ipv4(w) : w->p[0] >> 4 == 6 ? wt_walk_ipv6(w) : wt_walk_stop(w, WT_STOP_IP_VERSION, w->p[0] >> 4);
}

/* --- IP where nothing says that it is there --------------------------------------------------------------------- */

/* Bytes after IP in a frame: padding to 60 bytes, trailers, frame checks. */
enum { MOST_TRAILER = 64 };

static bool ipv4_adds_up(const uint8_t *p, uint32_t n, uint32_t all)
{
    if (n < 20)
        return false;
    uint32_t header = (p[0] & 15u) * 4, total = wt_get16(p + 2), sum = 0;
    if (header < 20 || header > n || total < header || total > all || all - total > MOST_TRAILER || p[8] == 0)
        return false;
    for (uint32_t i = 0; i < header; i += 2)
        sum += wt_get16(p + i);
    sum = (sum & 0xffff) + (sum >> 16);
    return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

/* An address that hosts have: global unicast, unique local, link local or multicast, or one of the block of zeros. */
static bool is_in_use(const uint8_t *ip)
{
    return ip[0] >> 5 == 1 || ip[0] >= 0xfc || (ip[0] == 0 && (ip[1] == 0 || ip[1] == 0x64));
}

/* IPv6 has no checksum: its length has to be that of the frame, what follows something that IP carries, and its
 * addresses have to be in use. */
static bool ipv6_adds_up(const uint8_t *p, uint32_t n, uint32_t all)
{
    enum { LEAST_PAYLOAD = 8, FRAME_CHECK = 4, SMALL = 64 };
    if (n < 40)
        return false;
    uint32_t payload = wt_get16(p + 4), total = 40 + payload;
    unsigned next = p[6];
    bool known = next == PROTOCOL_TCP || next == PROTOCOL_UDP || next == PROTOCOL_ICMPV6 || next == PROTOCOL_IPV4 ||
                 next == PROTOCOL_IPV6 || next == PROTOCOL_GRE || is_extension(next);
    return known && payload >= LEAST_PAYLOAD && total <= all && (all - total <= FRAME_CHECK || all <= SMALL) &&
           p[7] != 0 && p[8] != 0xff && is_in_use(p + 8) && is_in_use(p + 24);
}

uint32_t wt_walk_find_ip(const struct wt_walk *w, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at <= to && at < w->n; at++) {
        const uint8_t *p = w->p + at;
        uint32_t n = w->n - at, all = n + w->missing;
        if ((p[0] >> 4 == 4 && ipv4_adds_up(p, n, all)) || (p[0] >> 4 == 6 && ipv6_adds_up(p, n, all)))
            return at;
    }
    return UINT32_MAX;
}

/* RFC 1191, 4: the next hop's MTU is in the low 16 bits of what RFC 792 leaves unused with "fragmentation needed and DF
 * set"; RFC 4443, 3.2: in all 32 of Packet Too Big. */
static uint32_t next_hop_mtu(const uint8_t *icmp, bool v6)
{
    if (v6)
        return icmp[0] == 2 ? wt_get32(icmp + 4) : 0;
    return icmp[0] == 3 && icmp[1] == 4 ? wt_get16(icmp + 6) : 0;
}

/* Bytes of an IP packet, by its header; 0: it says nothing. */
static uint32_t ip_length(const uint8_t *ip, uint32_t n)
{
    uint32_t length = n < 6 ? 0 : ip[0] >> 4 == 4 ? wt_get16(ip + 2) : ip[0] >> 4 == 6 ? wt_get16(ip + 4) : 0;
    return length && ip[0] >> 4 == 6 ? length + 40 : length;
}

/* ICMP errors quote the packet that they answer (RFC 792; RFC 4443, 3): destination unreachable, source quench,
 * redirect, time exceeded, parameter problem; in ICMPv6 types 1 to 4. A quoted TCP or UDP header is no packet of its
 * own, but it names a conversation, and Wireshark numbers it when the whole header is there. */
static enum wt_packet_reason walk_quoted(struct wt_walk *w, bool v6)
{
    enum wt_stop stop = v6 ? WT_STOP_ICMPV6 : WT_STOP_ICMP;
    if (w->n < 8)
        return wt_walk_stop(w, stop, 0);
    uint8_t type = w->p[0];
    bool error = v6 ? type >= 1 && type <= 4 : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    if (!error)
        return wt_walk_stop(w, stop, 0);
    struct wt_icmp_error kept = {.type = type, .code = w->p[1], .v6 = v6, .mtu = next_hop_mtu(w->p, v6)};
    memcpy(kept.sender, w->segment->source, sizeof kept.sender);
    wt_walk_take(w, 8);
    kept.quoted = ip_length(w->p, w->n);
    bool quoted = w->quoted;
    w->quoted = true; /* a quoted fragment is not one of those in waiting */
    enum wt_packet_reason reason = wt_walk_ip(w);
    w->quoted = quoted;
    w->segment->length = w->segment->missing = 0;
    w->segment->icmp = kept;
    (void)wt_walk_stop(w, stop, 0);
    if (reason == WT_PACKET_QUOTED_START)
        return reason;
    if (reason == WT_PACKET_UDP || reason == WT_PACKET_QUOTED_UDP)
        return WT_PACKET_QUOTED_UDP;
    return reason == WT_PACKET_TCP || reason == WT_PACKET_QUOTED ? WT_PACKET_QUOTED : WT_PACKET_OTHER;
}

enum wt_packet_reason wt_walk_protocol(struct wt_walk *w, unsigned protocol)
{
    if (protocol == PROTOCOL_TCP)
        return wt_walk_tcp(w);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    switch (protocol) {
    case PROTOCOL_UDP:
        return wt_walk_udp(w);
    case PROTOCOL_UDPLITE:
        return wt_walk_udplite(w);
    case PROTOCOL_ICMP:
        return walk_quoted(w, false);
    case PROTOCOL_ICMPV6:
        return walk_quoted(w, true);
    case PROTOCOL_IPV4:
        return wt_walk_ipv4(w);
    case PROTOCOL_IPV6:
        return wt_walk_ipv6(w);
    case PROTOCOL_GRE:
        return wt_walk_gre(w);
    case PROTOCOL_MPLS:
        return wt_walk_mpls(w);
    case PROTOCOL_ETHERNET:
        return wt_walk_ethernet(w);
    case PROTOCOL_ETHERIP: /* RFC 3378: version 3 and reserved bits, then a frame */
        if (w->n < 2)
            return wt_walk_short(w, 2);
        if (w->p[0] >> 4 != 3)
            return wt_walk_stop(w, WT_STOP_IP_PROTOCOL, protocol);
        wt_walk_take(w, 2);
        return wt_walk_ethernet(w);
    case PROTOCOL_L2TP:
        return wt_walk_l2tp3(w);
    default:
        return is_extension(protocol) ? walk_extensions(w, protocol) : wt_walk_stop(w, WT_STOP_IP_PROTOCOL, protocol);
    }
}
