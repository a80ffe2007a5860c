/* The walk from a packet's first byte to its innermost TCP segment or UDP datagram. Each function looks at the header
 * that comes, goes past it and hands on to the next; none knows where the walk began. */
#ifndef WT_CAPTURE_WALK_H
#define WT_CAPTURE_WALK_H

#include "capture/packet.h"
#include "registry/limits.h"
#include "wiretale/layer.h"

struct wt_walk {
    const uint8_t *p;
    uint32_t n;       /* bytes there */
    uint32_t missing; /* bytes that were behind them on the wire */
    uint32_t depth;   /* headers passed */
    uint32_t tunnels; /* UDP's that were entered */
    bool sound;       /* the newest UDP header's length can be one */
    bool quoted;      /* by an ICMP error */
    bool padded;      /* 802.11's header is followed by padding to four bytes */
    struct wt_segment *segment;
    const uint8_t **begins; /* where the first byte of each of its layers is noted; NULL: nobody asks */
    struct wt_fragments *fragments;
    int64_t now; /* the packet's time, nanoseconds */
};

enum {
    WT_ETHERTYPE_IPV4 = 0x0800,
    WT_ETHERTYPE_IPV6 = 0x86dd,
    WT_ETHERTYPE_VLAN = 0x8100,
    WT_ETHERTYPE_BRIDGING = 0x6558,
    WT_ETHERTYPE_PPP = 0x880b,
    WT_ETHERTYPE_MPLS = 0x8847,
};

/* By a LINKTYPE_ number. */
enum wt_packet_reason wt_walk_link(struct wt_walk *w, unsigned link);
enum wt_packet_reason wt_walk_ethernet(struct wt_walk *w);
enum wt_packet_reason wt_walk_ethertype(struct wt_walk *w, unsigned type);
enum wt_packet_reason wt_walk_llc(struct wt_walk *w);
/* Behind LLC's header, or frame relay's; bridged Ethernet has `pad` bytes before it. */
enum wt_packet_reason wt_walk_snap(struct wt_walk *w, uint32_t pad);
enum wt_packet_reason wt_walk_nsh(struct wt_walk *w);
enum wt_packet_reason wt_walk_hdlc(struct wt_walk *w);
enum wt_packet_reason wt_walk_frame_relay(struct wt_walk *w);
/* False when the link type is none of a device's. */
bool wt_walk_device(struct wt_walk *w, unsigned link, enum wt_packet_reason *reason);
enum wt_packet_reason wt_walk_tzsp(struct wt_walk *w);
enum wt_packet_reason wt_walk_docsis(struct wt_walk *w);
enum wt_packet_reason wt_walk_mpls(struct wt_walk *w);
enum wt_packet_reason wt_walk_pppoe(struct wt_walk *w);
enum wt_packet_reason wt_walk_ppp(struct wt_walk *w);
enum wt_packet_reason wt_walk_wlan(struct wt_walk *w);
enum wt_packet_reason wt_walk_wlan_subframes(struct wt_walk *w);
enum wt_packet_reason wt_walk_radiotap(struct wt_walk *w);
enum wt_packet_reason wt_walk_avs(struct wt_walk *w);
enum wt_packet_reason wt_walk_prism(struct wt_walk *w);
/* Some access points send the two bytes of Frame Control in the wrong order through CAPWAP. */
enum wt_packet_reason wt_walk_wlan_any_order(struct wt_walk *w);
enum wt_packet_reason wt_walk_ipv4(struct wt_walk *w);
enum wt_packet_reason wt_walk_ipv6(struct wt_walk *w);
/* By the first nibble, where nothing else tells. */
enum wt_packet_reason wt_walk_ip(struct wt_walk *w);
enum wt_packet_reason wt_walk_protocol(struct wt_walk *w, unsigned protocol);
enum wt_packet_reason wt_walk_tcp(struct wt_walk *w);
enum wt_packet_reason wt_walk_udp(struct wt_walk *w);
enum wt_packet_reason wt_walk_udplite(struct wt_walk *w);
enum wt_packet_reason wt_walk_gre(struct wt_walk *w);
enum wt_packet_reason wt_walk_l2tp3(struct wt_walk *w);
/* Where, between `from` and `to` bytes on, an IP header is that adds up; UINT32_MAX: there is none. */
uint32_t wt_walk_find_ip(const struct wt_walk *w, uint32_t from, uint32_t to);

/* One piece of an IP datagram. */
struct wt_piece {
    uint8_t source[16], target[16];
    uint32_t id;
    uint8_t version;  /* 4 or 6 */
    uint8_t protocol; /* of what the whole carries */
    bool more;
    uint32_t offset;
    struct wt_span bytes;
    int64_t now;
};

/* Why n bytes cannot be had: the capture cut them, or they never were. */
static inline enum wt_packet_reason wt_walk_short(const struct wt_walk *w, uint32_t n)
{
    return (uint64_t)w->n + w->missing >= n ? WT_PACKET_TRUNCATED : WT_PACKET_MALFORMED;
}

/* The packet holds no TCP and no UDP: reading ends here. */
static inline enum wt_packet_reason wt_walk_stop(struct wt_walk *w, enum wt_stop stop, uint32_t number)
{
    w->segment->stop = (uint8_t)stop;
    w->segment->stop_number = number;
    return WT_PACKET_OTHER;
}

/* Goes past n bytes that are there. */
static inline void wt_walk_take(struct wt_walk *w, uint32_t n)
{
    w->p += n;
    w->n -= n;
}

/* What lies behind the next n bytes (padding, trailers, frame checks) is no part of what follows. */
static inline void wt_walk_cut(struct wt_walk *w, uint32_t n)
{
    if (n <= w->n) {
        w->n = n;
        w->missing = 0;
    } else if (n - w->n < w->missing) {
        w->missing = n - w->n;
    }
}

/* A header begins at p. */
static inline void wt_walk_layer_at(struct wt_walk *w, enum wt_layer layer, const uint8_t *p)
{
    struct wt_segment *s = w->segment;
    if (s->layer_count >= sizeof s->layers)
        return;
    if (__builtin_expect(w->begins != NULL, 0))
        w->begins[s->layer_count] = p;
    s->layers[s->layer_count++] = (uint8_t)layer;
}

/* A header begins here. */
static inline void wt_walk_layer(struct wt_walk *w, enum wt_layer layer)
{
    wt_walk_layer_at(w, layer, w->p);
}

/* Counts a header; false when there are too many. */
static inline bool wt_walk_deeper(struct wt_walk *w)
{
    return ++w->depth <= WT_LIMIT_ENCAPSULATION;
}

#endif
