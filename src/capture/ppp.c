/* PPPoE (RFC 2516) and PPP (RFC 1661, 1662, 1990). */
#include "capture/walk.h"

/* RFC 2516, 4: version and type, code (0 for a session's data), session, length. */
enum wt_packet_reason wt_walk_pppoe(struct wt_walk *w)
{
    if (w->n < 6)
        return wt_walk_short(w, 6);
    if (w->p[0] != 0x11 || w->p[1] != 0)
        return wt_walk_stop(w, WT_STOP_PPPOE, 0);
    wt_walk_cut(w, 6u + wt_get16(w->p + 4));
    wt_walk_layer(w, WT_LAYER_PPPOE);
    wt_walk_take(w, 6);
    return wt_walk_ppp(w);
}

/* RFC 1661 and 1662: address and control may be left out, and so may the protocol's first byte when it is zero. */
enum wt_packet_reason wt_walk_ppp(struct wt_walk *w)
{
    enum { IPV4 = 0x21, IPV6 = 0x57, MULTILINK = 0x3d, MPLS = 0x281, MPLS_MULTICAST = 0x283, BRIDGING = 0x31 };
    unsigned protocol;
    const uint8_t *begin = w->p;
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    if (w->n >= 2 && w->p[0] == 0xff && w->p[1] == 0x03)
        wt_walk_take(w, 2);
    if (w->n < 2)
        return wt_walk_short(w, 2);
    protocol = w->p[0];
    if (protocol & 1) {
        wt_walk_take(w, 1);
    } else {
        protocol = wt_get16(w->p);
        wt_walk_take(w, 2);
    }
    wt_walk_layer_at(w, WT_LAYER_PPP, begin);
    switch (protocol) {
    case IPV4:
        return wt_walk_ipv4(w);
    case IPV6:
        return wt_walk_ipv6(w);
    case MPLS:
    case MPLS_MULTICAST:
        return wt_walk_mpls(w);
    case MULTILINK: /* RFC 1990, 3: beginning and ending bits, 24 bits of number; pieces are not put together */
        if (w->n < 4)
            return wt_walk_short(w, 4);
        if ((w->p[0] & 0xc0) != 0xc0)
            return wt_walk_stop(w, WT_STOP_PPP, protocol);
        wt_walk_take(w, 4);
        return wt_walk_ppp(w);
    case BRIDGING: /* RFC 3518, 4.2: flags, MAC type (1: Ethernet) */
        if (w->n < 2)
            return wt_walk_short(w, 2);
        if (w->p[1] != 1)
            return wt_walk_stop(w, WT_STOP_PPP, protocol);
        wt_walk_take(w, 2);
        return wt_walk_ethernet(w);
    default:
        return wt_walk_stop(w, WT_STOP_PPP, protocol);
    }
}

