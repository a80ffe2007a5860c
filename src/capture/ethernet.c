/* Ethernet and what stands where its type field says: VLAN tags, LLC, MPLS, PPPoE and PPP, and 802.11's frames. */
#include "capture/eap.h"
#include "capture/walk.h"

enum {
    TYPE_ARP = 0x0806,
    TYPE_RARP = 0x8035,
    TYPE_EAPOL = 0x888e,
    TYPE_QINQ = 0x88a8,
    TYPE_QINQ_OLD = 0x9100,
    TYPE_QINQ_OLDER = 0x9200,
    TYPE_MPLS_MULTICAST = 0x8848,
    TYPE_PPPOE_SESSION = 0x8864,
    TYPE_PROVIDER_BACKBONE = 0x88e7,
    TYPE_VNTAG = 0x8926,
    TYPE_NSH = 0x894f,
};

/* Below this the type field is the length of an 802.3 frame (IEEE 802.3, 3.2.6). */
#define LEAST_ETHERTYPE 0x600u

enum wt_packet_reason wt_walk_ethernet(struct wt_walk *w)
{
    unsigned type;
    if (w->n < 14)
        return wt_walk_short(w, 14);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    type = wt_get16(w->p + 12);
    wt_walk_take(w, 14);
    wt_walk_layer(w, WT_LAYER_ETHERNET);
    return wt_walk_ethertype(w, type);
}

/* A tag of n bytes whose last two are the type of what follows. */
static enum wt_packet_reason walk_tag(struct wt_walk *w, uint32_t n, enum wt_layer layer)
{
    unsigned type;
    if (w->n < n)
        return wt_walk_short(w, n);
    type = wt_get16(w->p + n - 2);
    wt_walk_take(w, n);
    wt_walk_layer(w, layer);
    return wt_walk_ethertype(w, type);
}

/* RFC 8300: base header with its length in words and the protocol that follows. */
static enum wt_packet_reason walk_nsh(struct wt_walk *w)
{
    uint32_t length;
    unsigned protocol;
    if (w->n < 8)
        return wt_walk_short(w, 8);
    length = (w->p[1] & 0x3fu) * 4;
    protocol = w->p[3];
    if (length < 8)
        return WT_PACKET_MALFORMED;
    if (w->n < length)
        return wt_walk_short(w, length);
    wt_walk_take(w, length);
    wt_walk_layer(w, WT_LAYER_OTHER);
    return protocol == 1   ? wt_walk_ipv4(w)
           : protocol == 2 ? wt_walk_ipv6(w)
           : protocol == 3 ? wt_walk_ethernet(w)
           : protocol == 5 ? wt_walk_mpls(w)
                           : wt_walk_stop(w, WT_STOP_NSH, protocol);
}

/* IEEE 802.1X, 11.3: version, type (0: an EAP packet), length. */
static enum wt_packet_reason walk_eapol(struct wt_walk *w)
{
    if (w->n >= 4 && w->p[1] == 0 && wt_eap_carries_tls(wt_span_of(w->p + 4, w->n - 4)))
        return wt_walk_stop(w, WT_STOP_EAP_TLS, 0);
    return wt_walk_stop(w, WT_STOP_ETHERTYPE, TYPE_EAPOL);
}

enum wt_packet_reason wt_walk_ethertype(struct wt_walk *w, unsigned type)
{
    if (__builtin_expect(type == WT_ETHERTYPE_IPV4, 1))
        return wt_walk_ipv4(w);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    if (type < LEAST_ETHERTYPE) {
        wt_walk_cut(w, type);
        return wt_walk_llc(w);
    }
    switch (type) {
    case WT_ETHERTYPE_IPV6:
        return wt_walk_ipv6(w);
    case WT_ETHERTYPE_VLAN:
    case TYPE_QINQ:
    case TYPE_QINQ_OLD:
    case TYPE_QINQ_OLDER:
        return walk_tag(w, 4, WT_LAYER_VLAN);
    case TYPE_VNTAG:
        return walk_tag(w, 6, WT_LAYER_OTHER);
    case WT_ETHERTYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
        return wt_walk_mpls(w);
    case TYPE_PPPOE_SESSION:
        return wt_walk_pppoe(w);
    case WT_ETHERTYPE_PPP:
        return wt_walk_ppp(w);
    case WT_ETHERTYPE_BRIDGING:
        return wt_walk_ethernet(w);
    case TYPE_NSH:
        return walk_nsh(w);
    case TYPE_PROVIDER_BACKBONE: /* IEEE 802.1ah: the service tag, then the customer's frame */
        if (w->n < 4)
            return wt_walk_short(w, 4);
        wt_walk_take(w, 4);
        wt_walk_layer(w, WT_LAYER_OTHER);
        return wt_walk_ethernet(w);
    case TYPE_EAPOL:
        return walk_eapol(w);
    case TYPE_ARP:
    case TYPE_RARP:
        return wt_walk_stop(w, WT_STOP_ARP, 0);
    default:
        return wt_walk_stop(w, WT_STOP_ETHERTYPE, type);
    }
}

/* IEEE 802.2: the two service access points tell SNAP, or IP itself. */
enum wt_packet_reason wt_walk_llc(struct wt_walk *w)
{
    if (w->n < 3)
        return wt_walk_short(w, 3);
    if (w->p[0] == 0x06 && w->p[1] == 0x06 && w->p[2] == 0x03) {
        wt_walk_take(w, 3);
        return wt_walk_ipv4(w);
    }
    if (w->p[0] != 0xaa || w->p[1] != 0xaa || w->p[2] != 0x03)
        return wt_walk_stop(w, WT_STOP_LLC, w->p[0]);
    if (w->n < 8)
        return wt_walk_short(w, 8);
    if (w->p[3] == 0x00 && w->p[4] == 0x80 && w->p[5] == 0xc2) { /* RFC 2684: bridged Ethernet, 7 without its check */
        if (w->p[7] != 0x07 && w->p[7] != 0x01)
            return wt_walk_stop(w, WT_STOP_SNAP, 0x0080c2);
        if (w->n < 10)
            return wt_walk_short(w, 10);
        wt_walk_take(w, 10);
        return wt_walk_ethernet(w);
    }
    /* RFC 1042's encapsulation, and IEEE 802.1H's for bridges */
    if (w->p[3] != 0 || w->p[4] != 0 || (w->p[5] != 0 && w->p[5] != 0xf8) || wt_get16(w->p + 6) < LEAST_ETHERTYPE)
        return wt_walk_stop(w, WT_STOP_SNAP, wt_get32(w->p + 2) & 0xffffff);
    return walk_tag(w, 8, WT_LAYER_OTHER);
}

static bool is_ethernet_inside(const struct wt_walk *w, uint32_t skip)
{
    unsigned type;
    if (w->n < skip + 14)
        return false;
    type = wt_get16(w->p + skip + 12);
    return type == WT_ETHERTYPE_IPV4 || type == WT_ETHERTYPE_IPV6 || type == WT_ETHERTYPE_VLAN || type == TYPE_QINQ ||
           type == WT_ETHERTYPE_MPLS || type == TYPE_PPPOE_SESSION;
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

/* RFC 2516, 4: version and type, code (0 for a session's data), session, length. */
enum wt_packet_reason wt_walk_pppoe(struct wt_walk *w)
{
    if (w->n < 6)
        return wt_walk_short(w, 6);
    if (w->p[0] != 0x11 || w->p[1] != 0)
        return wt_walk_stop(w, WT_STOP_PPPOE, 0);
    wt_walk_cut(w, 6u + wt_get16(w->p + 4));
    wt_walk_take(w, 6);
    wt_walk_layer(w, WT_LAYER_PPPOE);
    return wt_walk_ppp(w);
}

/* RFC 1661 and 1662: address and control may be left out, and so may the protocol's first byte when it is zero. */
enum wt_packet_reason wt_walk_ppp(struct wt_walk *w)
{
    enum { IPV4 = 0x21, IPV6 = 0x57, MPLS = 0x281, MPLS_MULTICAST = 0x283, BRIDGING = 0x31 };
    unsigned protocol;
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
    wt_walk_layer(w, WT_LAYER_PPP);
    switch (protocol) {
    case IPV4:
        return wt_walk_ipv4(w);
    case IPV6:
        return wt_walk_ipv6(w);
    case MPLS:
    case MPLS_MULTICAST:
        return wt_walk_mpls(w);
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

/* IEEE 802.11, 9.2.4: data frames in the clear. `type` and `flags` are the two bytes of Frame Control. */
static enum wt_packet_reason walk_wlan_frame(struct wt_walk *w, unsigned type, unsigned flags)
{
    enum { VERSION_AND_TYPE = 0x0f, DATA = 0x08, CONTROL = 0x04, QOS = 0x80, NO_DATA = 0x40 };
    enum { TO_AND_FROM = 3, PROTECTED = 0x40, ORDER = 0x80, A_MSDU = 0x80 };
    uint32_t header = 24, quality;
    bool several = false;
    if ((type & VERSION_AND_TYPE) != DATA)
        return wt_walk_stop(w, (type & VERSION_AND_TYPE) == CONTROL ? WT_STOP_WLAN_CONTROL : WT_STOP_WLAN_MANAGEMENT, 0);
    if (type & NO_DATA)
        return wt_walk_stop(w, WT_STOP_WLAN_EMPTY, 0);
    if (flags & PROTECTED)
        return wt_walk_stop(w, WT_STOP_WLAN_PROTECTED, 0);
    if ((flags & TO_AND_FROM) == TO_AND_FROM)
        header += 6;
    quality = header;
    if (type & QOS)
        header += flags & ORDER ? 6 : 2;
    if (w->n < header)
        return wt_walk_short(w, header);
    if (type & QOS)
        several = w->p[quality] & A_MSDU;
    wt_walk_take(w, header);
    wt_walk_layer(w, WT_LAYER_OTHER);
    if (several) { /* the first of the frames in one: addresses and length, then as any other */
        if (w->n < 14)
            return wt_walk_short(w, 14);
        wt_walk_cut(w, 14u + wt_get16(w->p + 12));
        wt_walk_take(w, 14);
    }
    return wt_walk_llc(w);
}

enum wt_packet_reason wt_walk_wlan(struct wt_walk *w)
{
    if (w->n < 2)
        return wt_walk_short(w, 2);
    return walk_wlan_frame(w, w->p[0], w->p[1]);
}

enum wt_packet_reason wt_walk_wlan_any_order(struct wt_walk *w)
{
    if (w->n < 2)
        return wt_walk_short(w, 2);
    if ((w->p[0] & 0x0f) == 0x08)
        return walk_wlan_frame(w, w->p[0], w->p[1]);
    return walk_wlan_frame(w, w->p[1], w->p[0]);
}
