/* What a packet starts with, by the LINKTYPE_ of its interface (tcpdump.org/linktypes). */
#include "capture/walk.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_TOKEN_RING = 6,
    LINK_PPP = 9,
    LINK_FDDI = 10,
    LINK_RAW_BSD = 12, /* DLT_RAW, as files written with the platform's number have it */
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPP_ETHER = 51,
    LINK_ATM_RFC1483 = 100,
    LINK_RAW = 101,
    LINK_CISCO_HDLC = 104,
    LINK_WLAN = 105,
    LINK_FRELAY = 107,
    LINK_LOOP = 108,
    LINK_ENC = 109,
    LINK_LINUX_SLL = 113,
    LINK_PFLOG = 117,
    LINK_PRISM = 119,
    LINK_IP_OVER_FC = 122,
    LINK_WLAN_RADIOTAP = 127,
    LINK_APPLE_IP_OVER_1394 = 138,
    LINK_USER2 = 149,
    LINK_WLAN_AVS = 163,
    LINK_PPP_PPPD = 166,
    LINK_PPI = 192,
    LINK_PPP_WITH_DIRECTION = 204,
    LINK_HDLC_WITH_DIRECTION = 205,
    LINK_FRELAY_WITH_DIRECTION = 206,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_PKTAP = 258,
    LINK_LINUX_SLL2 = 276,
};

/* ARPHRD_… numbers that change what the protocol field of a cooked header means. */
enum {
    ARPHRD_FRAD = 770,
    ARPHRD_WLAN = 801,
    ARPHRD_WLAN_PRISM = 802,
    ARPHRD_WLAN_RADIOTAP = 803,
    ARPHRD_NETLINK = 824,
};

/* Below 1536 the protocol of a cooked header is no ethertype but one of Linux's ETH_P_… */
enum { ETH_P_802_3 = 1, ETH_P_802_2 = 4, ETH_P_PPP = 7 };

/* Address families of the systems that write BSD loopback headers. */
static bool is_ipv6_family(uint32_t family)
{
    return family == 10 /* Linux */ || family == 23 /* Windows */ || family == 24 /* NetBSD, OpenBSD, BSD/OS */ ||
           family == 28 /* FreeBSD, DragonFly */ || family == 30 /* Darwin */;
}

static enum wt_packet_reason walk_family(struct wt_walk *w, uint32_t family)
{
    if (family == 2)
        return wt_walk_ipv4(w);
    return is_ipv6_family(family) ? wt_walk_ipv6(w) : wt_walk_stop(w, WT_STOP_ADDRESS_FAMILY, family);
}

/* Four bytes of address family, in the byte order of the machine that captured (null) or big-endian (loop). */
static enum wt_packet_reason walk_loopback(struct wt_walk *w)
{
    uint32_t family;
    if (w->n < 4)
        return wt_walk_short(w, 4);
    if (w->p[0] == 0xff && w->p[1] == 0x03) /* PPP that some systems pass off as null */
        return wt_walk_ppp(w);
    family = wt_get32(w->p);
    if (family > 0xffff)
        family = wt_get32le(w->p);
    wt_walk_layer(w, WT_LAYER_LOOPBACK);
    wt_walk_take(w, 4);
    return family >= 0x600 && family <= 0xffff ? wt_walk_ethertype(w, family) : walk_family(w, family);
}

/* Frame relay with two address bytes and RFC 2427 encapsulation. */
enum wt_packet_reason wt_walk_frame_relay(struct wt_walk *w)
{
    unsigned type;
    if (w->n < 4)
        return wt_walk_short(w, 4);
    wt_walk_layer(w, WT_LAYER_OTHER);
    if ((w->p[1] & 1) == 0)
        return wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    if (w->p[2] != 0x03) { /* Cisco's encapsulation: an ethertype */
        type = wt_get16(w->p + 2);
        wt_walk_take(w, 4);
        return wt_walk_ethertype(w, type);
    }
    unsigned protocol = w->p[3], at = protocol ? 4 : 5; /* 0: padding */
    if (w->n < at)
        return wt_walk_short(w, at);
    if (!protocol)
        protocol = w->p[4];
    wt_walk_take(w, at);
    if (protocol == 0xcc || protocol == 0x8e)
        return wt_walk_ip(w);
    if (protocol == 0xcf) /* RFC 1973 */
        return wt_walk_ppp(w);
    if (protocol != 0x80) /* SNAP, as after LLC */
        return wt_walk_stop(w, WT_STOP_NLPID, protocol);
    return wt_walk_snap(w, 0);
}

/* Linux's cooked headers, of `header` bytes: where they say the kind of hardware and the protocol. */
static enum wt_packet_reason walk_cooked_header(struct wt_walk *w, uint32_t header, unsigned hardware_at,
                                                unsigned protocol_at)
{
    unsigned hardware, protocol;
    if (w->n < header)
        return wt_walk_short(w, header);
    hardware = wt_get16(w->p + hardware_at);
    protocol = wt_get16(w->p + protocol_at);
    wt_walk_layer(w, WT_LAYER_COOKED);
    wt_walk_take(w, header);
    switch (hardware) {
    case ARPHRD_NETLINK:
        return wt_walk_stop(w, WT_STOP_ARPHRD, hardware);
    case ARPHRD_FRAD:
        return wt_walk_frame_relay(w);
    case ARPHRD_WLAN:
        return wt_walk_wlan(w);
    case ARPHRD_WLAN_PRISM:
        return wt_walk_prism(w);
    case ARPHRD_WLAN_RADIOTAP:
        return wt_walk_radiotap(w);
    default:
        break;
    }
    if (protocol >= 0x600)
        return wt_walk_ethertype(w, protocol);
    if (protocol == ETH_P_802_2)
        return wt_walk_llc(w);
    if (protocol == ETH_P_PPP)
        return wt_walk_ppp(w);
    return protocol == ETH_P_802_3 ? wt_walk_ethernet(w) : wt_walk_stop(w, WT_STOP_LINUX_PROTOCOL, protocol);
}

static enum wt_packet_reason walk_cooked(struct wt_walk *w)
{
    return walk_cooked_header(w, 16, 2, 14);
}

static enum wt_packet_reason walk_cooked2(struct wt_walk *w)
{
    return walk_cooked_header(w, 20, 8, 0);
}

static enum wt_packet_reason walk_raw(struct wt_walk *w)
{
    wt_walk_layer(w, WT_LAYER_RAW);
    return wt_walk_ip(w);
}

/* A header whose last two bytes are an ethertype. */
static enum wt_packet_reason walk_to_ethertype(struct wt_walk *w, uint32_t header)
{
    unsigned type;
    if (w->n < header)
        return wt_walk_short(w, header);
    type = wt_get16(w->p + header - 2);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return wt_walk_ethertype(w, type);
}

/* Address, control, and an ethertype: Cisco's HDLC. */
static enum wt_packet_reason walk_cisco_hdlc(struct wt_walk *w)
{
    return walk_to_ethertype(w, 4);
}

/* RFC 1662 framing, or Cisco's, which shows in the address. */
enum wt_packet_reason wt_walk_hdlc(struct wt_walk *w)
{
    if (w->n < 1)
        return wt_walk_short(w, 1);
    return w->p[0] == 0x0f || w->p[0] == 0x8f ? walk_cisco_hdlc(w) : wt_walk_ppp(w);
}

/* Token Ring (IEEE 802.5) has a source route where the source address says so, FDDI has none; then LLC. */
static enum wt_packet_reason walk_ring(struct wt_walk *w, uint32_t control, unsigned kind)
{
    uint32_t header = control + 12;
    if (w->n < header + 1)
        return wt_walk_short(w, header + 1);
    if ((w->p[control - 1] & 0xc0) != kind)
        return wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    if (control == 2 && w->p[8] & 0x80)
        header += w->p[header] & 0x1f;
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return wt_walk_llc(w);
}

static enum wt_packet_reason walk_token_ring(struct wt_walk *w)
{
    return walk_ring(w, 2, 0x40);
}

static enum wt_packet_reason walk_fddi(struct wt_walk *w)
{
    return walk_ring(w, 1, 0x40);
}

/* The BSDs' enc0, what IPsec has opened or is about to close: address family in the capturing machine's order, SPI,
 * flags. */
static enum wt_packet_reason walk_enc(struct wt_walk *w)
{
    uint32_t family;
    if (w->n < 12)
        return wt_walk_short(w, 12);
    family = wt_get32(w->p);
    if (family > 0xffff)
        family = wt_get32le(w->p);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, 12);
    return walk_family(w, family);
}

/* Drops a header that tells its own length, then goes on with another link type. */
static enum wt_packet_reason walk_behind(struct wt_walk *w, uint32_t header,
                                         enum wt_packet_reason (*next)(struct wt_walk *))
{
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_take(w, header);
    return next(w);
}

/* OpenBSD's firewall log: length (padded to four), address family, … */
static enum wt_packet_reason walk_pflog(struct wt_walk *w)
{
    uint32_t header, family;
    if (w->n < 2)
        return wt_walk_short(w, 2);
    header = (w->p[0] + 3u) & ~3u;
    family = w->p[1];
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return walk_family(w, family);
}

/* Linux's firewall log: attributes in the capturing machine's order, of which one (9) is the packet. */
static enum wt_packet_reason walk_nflog(struct wt_walk *w)
{
    enum { PAYLOAD = 9 };
    if (w->n < 4)
        return wt_walk_short(w, 4);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, 4);
    while (w->n >= 4) {
        /* A type is below 256, which tells the order. */
        bool little = w->p[3] == 0;
        uint32_t n = little ? wt_get16le(w->p) : wt_get16(w->p);
        unsigned type = little ? wt_get16le(w->p + 2) : wt_get16(w->p + 2);
        if (n < 4)
            return WT_PACKET_MALFORMED;
        if (type == PAYLOAD) {
            wt_walk_cut(w, n);
            wt_walk_take(w, 4);
            return wt_walk_ip(w);
        }
        n = (n + 3) & ~3u;
        if (n > w->n)
            return wt_walk_short(w, n);
        wt_walk_take(w, n);
    }
    return w->missing ? WT_PACKET_TRUNCATED : wt_walk_stop(w, WT_STOP_NFLOG, 0);
}

/* Darwin's and PPI's headers: length and the link type of what follows, little-endian. */
static enum wt_packet_reason walk_pktap(struct wt_walk *w)
{
    uint32_t header, link;
    if (w->n < 12)
        return wt_walk_short(w, 12);
    header = wt_get32le(w->p);
    link = wt_get32le(w->p + 8);
    if (header < 12 || !wt_walk_deeper(w))
        return WT_PACKET_MALFORMED;
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_take(w, header);
    return wt_walk_link(w, link);
}

/* A number that is anybody's. Darwin's tcpdump wrote pktap's packets under it: a header of 108 bytes or more, type 1 (a
 * packet follows), and a link type. */
static enum wt_packet_reason walk_user2(struct wt_walk *w)
{
    enum { LEAST = 108, MOST = 512, LINKS = 300 };
    uint32_t header = w->n >= 12 ? wt_get32le(w->p) : 0;
    if (header < LEAST || header > MOST || wt_get32le(w->p + 4) != 1 || wt_get32le(w->p + 8) >= LINKS) {
        (void)wt_walk_stop(w, WT_STOP_LINK_TYPE, LINK_USER2);
        return w->n < 12 && w->missing ? WT_PACKET_TRUNCATED : WT_PACKET_LINK_UNKNOWN;
    }
    return walk_pktap(w);
}

static enum wt_packet_reason walk_ppi(struct wt_walk *w)
{
    uint32_t header, link;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    header = wt_get16le(w->p + 2);
    link = wt_get32le(w->p + 4);
    if (header < 8 || !wt_walk_deeper(w))
        return WT_PACKET_MALFORMED;
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_take(w, header);
    return wt_walk_link(w, link);
}

static enum wt_packet_reason walk_apple_1394(struct wt_walk *w)
{
    return walk_to_ethertype(w, 18);
}

static enum wt_packet_reason walk_pppd(struct wt_walk *w)
{
    return walk_behind(w, 2, wt_walk_ppp);
}

static enum wt_packet_reason walk_ppp_with_direction(struct wt_walk *w)
{
    return walk_behind(w, 1, wt_walk_ppp);
}

static enum wt_packet_reason walk_hdlc_with_direction(struct wt_walk *w)
{
    return walk_behind(w, 1, wt_walk_hdlc);
}

static enum wt_packet_reason walk_frame_relay_with_direction(struct wt_walk *w)
{
    return walk_behind(w, 1, wt_walk_frame_relay);
}

/* RFC 2625: two addresses of eight bytes. */
static enum wt_packet_reason walk_fibre_channel_ip(struct wt_walk *w)
{
    return walk_behind(w, 16, wt_walk_llc);
}

static const struct {
    uint16_t link;
    enum wt_packet_reason (*walk)(struct wt_walk *w);
} links[] = {
    {LINK_NULL, walk_loopback},
    {LINK_TOKEN_RING, walk_token_ring},
    {LINK_PPP, wt_walk_ppp},
    {LINK_FDDI, walk_fddi},
    {LINK_RAW_BSD, walk_raw},
    {LINK_RAW_OPENBSD, walk_raw},
    {LINK_PPP_HDLC, wt_walk_hdlc},
    {LINK_PPP_ETHER, wt_walk_pppoe},
    {LINK_ATM_RFC1483, wt_walk_llc},
    {LINK_RAW, walk_raw},
    {LINK_CISCO_HDLC, walk_cisco_hdlc},
    {LINK_WLAN, wt_walk_wlan},
    {LINK_FRELAY, wt_walk_frame_relay},
    {LINK_LOOP, walk_loopback},
    {LINK_ENC, walk_enc},
    {LINK_LINUX_SLL, walk_cooked},
    {LINK_PFLOG, walk_pflog},
    {LINK_PRISM, wt_walk_prism},
    {LINK_IP_OVER_FC, walk_fibre_channel_ip},
    {LINK_WLAN_RADIOTAP, wt_walk_radiotap},
    {LINK_APPLE_IP_OVER_1394, walk_apple_1394},
    {LINK_USER2, walk_user2},
    {LINK_WLAN_AVS, wt_walk_avs},
    {LINK_PPP_PPPD, walk_pppd},
    {LINK_PPI, walk_ppi},
    {LINK_PPP_WITH_DIRECTION, walk_ppp_with_direction},
    {LINK_HDLC_WITH_DIRECTION, walk_hdlc_with_direction},
    {LINK_FRELAY_WITH_DIRECTION, walk_frame_relay_with_direction},
    {LINK_IPV4, walk_raw},
    {LINK_IPV6, walk_raw},
    {LINK_NFLOG, walk_nflog},
    {LINK_PKTAP, walk_pktap},
    {LINK_LINUX_SLL2, walk_cooked2},
};

enum wt_packet_reason wt_walk_link(struct wt_walk *w, unsigned link)
{
    if (__builtin_expect(link == LINK_ETHERNET, 1))
        return wt_walk_ethernet(w);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (links[i].link == link)
            return links[i].walk(w);
    enum wt_packet_reason reason;
    if (wt_walk_device(w, link, &reason))
        return reason;
    (void)wt_walk_stop(w, WT_STOP_LINK_TYPE, link);
    return WT_PACKET_LINK_UNKNOWN;
}
