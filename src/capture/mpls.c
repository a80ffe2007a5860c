/* MPLS (RFC 3032) and the pseudowires in it (RFC 4448, RFC 4385). */
#include "capture/walk.h"

static bool is_ethernet_inside(const struct wt_walk *w, uint32_t skip)
{
    enum { QINQ = 0x88a8, PPPOE_SESSION = 0x8864, ARP = 0x0806 };
    unsigned type;
    if (w->n < skip + 14)
        return false;
    type = wt_get16(w->p + skip + 12);
    return type == WT_ETHERTYPE_IPV4 || type == WT_ETHERTYPE_IPV6 || type == WT_ETHERTYPE_VLAN || type == QINQ ||
           type == WT_ETHERTYPE_MPLS || type == PPPOE_SESSION || type == ARP;
}

/* RFC 3032: labels of four bytes up to the one with the bottom-of-stack bit. What follows is not said. RFC 4928, 3:
 * IP shows its version in the first nibble, and a pseudowire's control word starts with 0 there; Ethernet without a
 * control word is known by its type field. */
enum wt_packet_reason wt_walk_mpls(struct wt_walk *w)
{
    bool bottom;
    wt_walk_layer(w, WT_LAYER_MPLS);
    do {
        if (w->n < 4)
            return wt_walk_short(w, 4);
        if (!wt_walk_deeper(w))
            return WT_PACKET_TOO_DEEP;
        bottom = w->p[2] & 1;
        wt_walk_take(w, 4);
    } while (!bottom);
    if (w->n < 1)
        return wt_walk_short(w, 1);
    if (w->p[0] >> 4 == 4 && (w->p[0] & 15) >= 5)
        return wt_walk_ipv4(w);
    if (w->p[0] >> 4 == 6 && !is_ethernet_inside(w, 0))
        return wt_walk_ipv6(w);
    if (w->p[0] >> 4 == 0 && is_ethernet_inside(w, 4)) {
        wt_walk_take(w, 4);
        return wt_walk_ethernet(w);
    }
    return is_ethernet_inside(w, 0) ? wt_walk_ethernet(w) : wt_walk_stop(w, WT_STOP_MPLS, 0);
}
