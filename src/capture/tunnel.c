/* UDP, and tunnels inside it. They are told by the destination port that IANA gives them, and each checks what
 * its header must have, so that an ordinary datagram on that port is not torn open. */
#include "capture/walk.h"

enum {
    PORT_L2TP = 1701,
    PORT_GTP_U = 2152,
    PORT_TEREDO = 3544,
    PORT_LISP = 4341,
    PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790,
    PORT_CAPWAP = 5247,
    PORT_TZSP = 37008,
    PORT_GENEVE = 6081,
    PORT_GRE = 4754,
    PORT_MPLS = 6635,
    PORT_VXLAN_LINUX = 8472, /* what Linux used before IANA gave a number, and Flannel and Cilium still do */
};

/* The UDP header that a tunnel's packet is in, before what is inside it takes its place. */
static void push_outer(const struct wt_walk *w)
{
    struct wt_segment *s = w->segment;
    if (!w->sound || s->outer_count == WT_OUTER_DATAGRAMS)
        return;
    struct wt_datagram_ends *e = &s->outer[s->outer_count++];
    memcpy(e->source, s->source, 16);
    memcpy(e->target, s->target, 16);
    e->source_port = s->source_port;
    e->target_port = s->target_port;
    s->notes |= WT_NOTE_OUTER;
}

/* A datagram proved to be a tunnel's packet. */
static void enter(struct wt_walk *w, enum wt_layer layer)
{
    push_outer(w);
    w->tunnels++;
    wt_walk_layer(w, layer);
}

/* RFC 7348, 5: the I flag "MUST be set to 1"; with the generic protocol extension, P tells that a next protocol stands
 * in the fourth byte. */
static enum wt_packet_reason walk_vxlan(struct wt_walk *w)
{
    enum { I = 0x08, P = 0x04 };
    unsigned flags, next;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    flags = w->p[0];
    next = w->p[3];
    if (!(flags & I))
        return WT_PACKET_UDP;
    enter(w, WT_LAYER_VXLAN);
    wt_walk_take(w, 8);
    if (!(flags & P))
        return wt_walk_ethernet(w);
    return next == 1   ? wt_walk_ipv4(w)
           : next == 2 ? wt_walk_ipv6(w)
           : next == 3 ? wt_walk_ethernet(w)
           : next == 4 ? wt_walk_nsh(w)
           : next == 5 ? wt_walk_mpls(w)
                       : wt_walk_stop(w, WT_STOP_VXLAN_GPE, next);
}

/* RFC 8926, 3.4: version 0, options in words of four bytes, the type of what follows. */
static enum wt_packet_reason walk_geneve(struct wt_walk *w)
{
    uint32_t header;
    unsigned type;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    if (w->p[0] >> 6 != 0)
        return WT_PACKET_UDP;
    header = 8 + (w->p[0] & 0x3fu) * 4;
    type = wt_get16(w->p + 2);
    if (w->n < header)
        return wt_walk_short(w, header);
    enter(w, WT_LAYER_GENEVE);
    wt_walk_take(w, header);
    return wt_walk_ethertype(w, type);
}

/* 3GPP TS 29.281, 5.1: version 1, protocol type 1, message type 255; any of three flags brings four bytes more, and
 * extension headers chain from the last of them. */
static enum wt_packet_reason walk_gtp(struct wt_walk *w)
{
    enum { G_PDU = 255, ANY = 7, EXTENSION = 4 };
    bool extended;
    uint32_t header = 8;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    if (w->p[0] >> 4 != 3 || w->p[1] != G_PDU)
        return WT_PACKET_UDP;
    wt_walk_cut(w, 8u + wt_get16(w->p + 2));
    extended = w->p[0] & EXTENSION;
    header += w->p[0] & ANY ? 4 : 0;
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_take(w, header);
    extended = extended && w->p[-1] != 0;
    while (extended) {
        uint32_t n;
        if (w->n < 4)
            return wt_walk_short(w, 4);
        n = w->p[0] * 4u;
        if (n == 0 || !wt_walk_deeper(w))
            return WT_PACKET_MALFORMED;
        if (w->n < n)
            return wt_walk_short(w, n);
        wt_walk_take(w, n);
        extended = w->p[-1] != 0;
    }
    enter(w, WT_LAYER_OTHER);
    return wt_walk_ip(w);
}

/* RFC 4380, 5.1.1: IPv6, perhaps behind an authentication header and an origin indication. */
static enum wt_packet_reason walk_teredo(struct wt_walk *w)
{
    if (w->n >= 4 && w->p[0] == 0 && w->p[1] == 1) {
        uint32_t n = 13u + w->p[2] + w->p[3]; /* lengths of client identifier and authentication value */
        if (w->n < n)
            return wt_walk_short(w, n);
        wt_walk_take(w, n);
    }
    if (w->n >= 8 && w->p[0] == 0 && w->p[1] == 0)
        wt_walk_take(w, 8);
    if (w->n < 1 || w->p[0] >> 4 != 6)
        return WT_PACKET_UDP;
    enter(w, WT_LAYER_OTHER);
    return wt_walk_ipv6(w);
}

/* RFC 3931, 4.1.1 and 4.1.2: a session, then a cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4, as both ends agreed
 * in control messages: IP in what the session carries is what adds up. In IP, session 0 is control. */
enum wt_packet_reason wt_walk_l2tp3(struct wt_walk *w)
{
    enum { MOST = 12, ETHERNET = 14, VLAN = 4, PPP = 4 };
    if (w->n < 4)
        return wt_walk_short(w, 4);
    if (wt_get32(w->p) == 0)
        return wt_walk_stop(w, WT_STOP_IP_PROTOCOL, 115);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, 4);
    uint32_t at = wt_walk_find_ip(w, 0, MOST + ETHERNET + VLAN);
    if (at == UINT32_MAX)
        return w->missing ? WT_PACKET_TRUNCATED : wt_walk_stop(w, WT_STOP_IP_PROTOCOL, 115);
    wt_walk_take(w, at);
    return wt_walk_ip(w);
}

/* RFC 3931, 4.1.2.1: the same in UDP: version 3 and reserved bytes before the session. */
static enum wt_packet_reason walk_l2tp3(struct wt_walk *w)
{
    enum { CONTROL = 0x8000 };
    if (w->n < 8)
        return wt_walk_short(w, 8);
    if (wt_get16(w->p) & CONTROL || wt_get32(w->p + 4) == 0)
        return WT_PACKET_UDP;
    enter(w, WT_LAYER_OTHER);
    wt_walk_take(w, 4);
    return wt_walk_l2tp3(w);
}

/* RFC 2661, 3.1: data messages of version 2. */
static enum wt_packet_reason walk_l2tp(struct wt_walk *w)
{
    enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200 };
    unsigned flags;
    uint32_t header = 6;
    if (w->n < 6)
        return wt_walk_short(w, 6);
    flags = wt_get16(w->p);
    if ((flags & 15) == 3)
        return walk_l2tp3(w);
    if ((flags & CONTROL) || (flags & 15) != 2)
        return WT_PACKET_UDP;
    header += flags & LENGTH ? 2 : 0;
    header += flags & SEQUENCE ? 4 : 0;
    if (flags & LENGTH)
        wt_walk_cut(w, wt_get16(w->p + 2));
    if (flags & OFFSET) {
        header += 2;
        if (w->n < header)
            return wt_walk_short(w, header);
        header += wt_get16(w->p + header - 2);
    }
    if (w->n < header)
        return wt_walk_short(w, header);
    enter(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return wt_walk_ppp(w);
}

static enum wt_packet_reason walk_lisp(struct wt_walk *w)
{
    if (w->n < 8)
        return wt_walk_short(w, 8);
    enter(w, WT_LAYER_OTHER);
    wt_walk_take(w, 8);
    return wt_walk_ip(w);
}

/* RFC 5415, 4.3: a preamble of 0 (4.1: 1 is DTLS), the header's length in words of four bytes, T for the radio's own
 * frames. Its fragments are left alone. */
static enum wt_packet_reason walk_capwap(struct wt_walk *w)
{
    uint32_t header;
    bool native;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    header = (w->p[1] >> 3) * 4u;
    native = w->p[2] & 1;
    if (w->p[0] != 0 || header < 8 || (w->p[3] & 0x80))
        return WT_PACKET_UDP;
    if (w->n < header)
        return wt_walk_short(w, header);
    enter(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return native ? wt_walk_wlan_any_order(w) : wt_walk_ethernet(w);
}

/* RFC 8086, 5: GRE of version 0, after UDP. */
static enum wt_packet_reason walk_gre_in_udp(struct wt_walk *w)
{
    enum { RESERVED_AND_VERSION = 0x4fff };
    if (w->n < 4)
        return wt_walk_short(w, 4);
    if (wt_get16(w->p) & RESERVED_AND_VERSION)
        return WT_PACKET_UDP;
    push_outer(w);
    w->tunnels++;
    return wt_walk_gre(w);
}

/* Sniffers stream to port 37008 what they saw. */
static enum wt_packet_reason walk_tzsp(struct wt_walk *w)
{
    if (w->n < 4)
        return wt_walk_short(w, 4);
    if (w->p[0] != 1 || w->p[1] > 1)
        return WT_PACKET_UDP;
    push_outer(w);
    w->tunnels++;
    return wt_walk_tzsp(w);
}

/* What is inside a tunnel of these ports; WT_PACKET_UDP when they are none's. */
static enum wt_packet_reason walk_ports(struct wt_walk *w, unsigned source, unsigned target)
{
    switch (target) {
    case PORT_VXLAN:
    case PORT_VXLAN_GPE:
    case PORT_VXLAN_LINUX:
        return walk_vxlan(w);
    case PORT_GENEVE:
        return walk_geneve(w);
    case PORT_GTP_U:
        return walk_gtp(w);
    case PORT_L2TP:
        return walk_l2tp(w);
    case PORT_LISP:
        return walk_lisp(w);
    case PORT_GRE:
        return walk_gre_in_udp(w);
    case PORT_TZSP:
        return walk_tzsp(w);
    case PORT_MPLS:
        push_outer(w);
        w->tunnels++;
        return wt_walk_mpls(w);
    default:
        break;
    }
    /* These answer from the port they are asked on. */
    if (source == PORT_L2TP)
        return walk_l2tp(w);
    if (source == PORT_TEREDO || target == PORT_TEREDO)
        return walk_teredo(w);
    if (source == PORT_CAPWAP || target == PORT_CAPWAP)
        return walk_capwap(w);
    return WT_PACKET_UDP;
}

/* RFC 768, "Length is the length in octets of this user datagram including this header and the data. (This means the
 * minimum value of the length is eight.)"; RFC 2675, 4: 0 in a jumbogram, which IPv6 alone has. */
static bool is_length(const struct wt_segment *s, unsigned length)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return length >= 8 || (length == 0 && memcmp(s->source, mapped, sizeof mapped) != 0);
}

/* What follows UDP's header is its payload. */
static enum wt_packet_reason take_datagram(const struct wt_walk *w)
{
    w->segment->data = w->p;
    w->segment->length = w->n;
    w->segment->missing = w->missing;
    return WT_PACKET_UDP;
}

/* The ports of a tunnel make no tunnel: what its header does not prove to be one is a datagram like any other. A length
 * over what IP has was cut on its way, and the payload is as much as there is. */
enum wt_packet_reason wt_walk_udp(struct wt_walk *w)
{
    struct wt_segment *s = w->segment;
    unsigned length;
    wt_walk_layer(w, WT_LAYER_UDP);
    if (w->n < 8)
        return wt_walk_short(w, 8);
    s->source_port = wt_get16(w->p);
    s->target_port = wt_get16(w->p + 2);
    length = wt_get16(w->p + 4);
    bool sound = w->sound = is_length(s, length);
    if (length >= 8)
        wt_walk_cut(w, length);
    wt_walk_take(w, 8);
    struct wt_walk payload = *w;
    enum wt_packet_reason reason = walk_ports(w, s->source_port, s->target_port);
    if (w->tunnels != payload.tunnels)
        return reason;
    if (reason == WT_PACKET_TRUNCATED) { /* whether it is a tunnel's, the capture does not say */
        push_outer(w);
        return reason;
    }
    return sound ? take_datagram(&payload) : WT_PACKET_MALFORMED;
}

/* RFC 3828, 3.1: UDP's header with a checksum coverage in place of the length, which is IP's. */
enum wt_packet_reason wt_walk_udplite(struct wt_walk *w)
{
    wt_walk_layer(w, WT_LAYER_UDP);
    if (w->n < 8)
        return wt_walk_short(w, 8);
    unsigned coverage = wt_get16(w->p + 4);
    /* RFC 3828, 3.1: "the value of the Checksum Coverage field MUST be either 0 or at least 8. A UDP-Lite packet with a
     * Checksum Coverage value of 1 to 7 MUST be discarded by the receiver." */
    if (coverage > 0 && coverage < 8)
        return WT_PACKET_MALFORMED;
    w->segment->source_port = wt_get16(w->p);
    w->segment->target_port = wt_get16(w->p + 2);
    wt_walk_take(w, 8);
    return take_datagram(w);
}
