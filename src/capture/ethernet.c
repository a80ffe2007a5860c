/* Ethernet and what its type field says that follows: tags, LLC, and headers of other layers. */
#include "capture/eap.h"
#include "capture/walk.h"

enum {
    TYPE_ARP = 0x0806,
    TYPE_FABRICPATH = 0x8903,
    TYPE_RARP = 0x8035,
    TYPE_BATMAN = 0x4305,
    TYPE_MPLS_MULTICAST = 0x8848,
    TYPE_PPPOE_SESSION = 0x8864,
    TYPE_JUMBO_LLC = 0x8870,
    TYPE_EAPOL = 0x888e,
    TYPE_MACSEC = 0x88e5,
    TYPE_PROVIDER_BACKBONE = 0x88e7,
    TYPE_CISCO_METADATA = 0x8909,
    TYPE_NSH = 0x894f,
    TYPE_TRILL = 0x22f3,
};

/* Tags whose last two bytes are the type of what follows: by their own type, and their length after it. */
static const struct {
    uint16_t type;
    uint8_t length;
    uint8_t layer; /* enum wt_layer */
} tags[] = {
    {WT_ETHERTYPE_VLAN, 4, WT_LAYER_VLAN}, /* IEEE 802.1Q */
    {0x88a8, 4, WT_LAYER_VLAN},            /* IEEE 802.1ad */
    {0x9100, 4, WT_LAYER_VLAN},            /* the same before the standard */
    {0x9200, 4, WT_LAYER_VLAN},
    {0x9300, 4, WT_LAYER_VLAN},
    {0x8926, 6, WT_LAYER_OTHER}, /* Cisco's VN-tag */
    {0x893f, 8, WT_LAYER_OTHER}, /* IEEE 802.1BR: E-tag */
    {0x8988, 8, WT_LAYER_OTHER}, /* Cisco's TTag: a time */
    {0x892f, 6, WT_LAYER_OTHER}, /* IEC 62439-3: HSR */
    {0xf1c1, 6, WT_LAYER_OTHER}, /* IEEE 802.1CB: R-tag */
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
    wt_walk_layer(w, WT_LAYER_ETHERNET);
    wt_walk_take(w, 14);
    return wt_walk_ethertype(w, type);
}

/* A tag of n bytes whose last two are the type of what follows. */
static enum wt_packet_reason walk_tag(struct wt_walk *w, uint32_t n, enum wt_layer layer)
{
    unsigned type;
    if (w->n < n)
        return wt_walk_short(w, n);
    type = wt_get16(w->p + n - 2);
    wt_walk_layer(w, layer);
    wt_walk_take(w, n);
    return wt_walk_ethertype(w, type);
}

/* RFC 8300: base header with its length in words and the protocol that follows. */
enum wt_packet_reason wt_walk_nsh(struct wt_walk *w)
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
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, length);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    return protocol == 1   ? wt_walk_ipv4(w)
           : protocol == 2 ? wt_walk_ipv6(w)
           : protocol == 3 ? wt_walk_ethernet(w)
           : protocol == 4 ? wt_walk_nsh(w)
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

/* After a header of n bytes an Ethernet frame. */
static enum wt_packet_reason walk_frame(struct wt_walk *w, uint32_t n)
{
    if (w->n < n)
        return wt_walk_short(w, n);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, n);
    return wt_walk_ethernet(w);
}

/* Cisco MetaData, which carries security group tags: version 1, length 1 (in eight bytes), option, tag, type. No other
 * version or length is known. */
static enum wt_packet_reason walk_metadata(struct wt_walk *w)
{
    if (w->n < 8)
        return wt_walk_short(w, 8);
    if (w->p[0] != 1 || w->p[1] != 1)
        return wt_walk_stop(w, WT_STOP_ETHERTYPE, TYPE_CISCO_METADATA);
    return walk_tag(w, 8, WT_LAYER_OTHER);
}

/* IEEE 802.1AE, 9.3: the bits E (encrypted) and C (changed text) are both 0 where there is integrity alone; a short
 * length, 32 bits of packet number, with SC a channel's identifier; at the end an integrity check value of 16 bytes. */
static enum wt_packet_reason walk_macsec(struct wt_walk *w)
{
    enum { SC = 0x20, E = 0x08, C = 0x04, CHECK = 16 };
    uint32_t header = 6;
    if (w->n < 6)
        return wt_walk_short(w, 6);
    if (w->p[0] & (E | C))
        return wt_walk_stop(w, WT_STOP_MACSEC, 0);
    header += w->p[0] & SC ? 8 : 0;
    if (w->n < header + 2)
        return wt_walk_short(w, header + 2);
    if (w->p[1] & 0x3f)
        wt_walk_cut(w, header + (w->p[1] & 0x3fu));
    else if (w->n + w->missing >= header + CHECK)
        wt_walk_cut(w, w->n + w->missing - CHECK);
    return walk_tag(w, header + 2, WT_LAYER_OTHER);
}

/* RFC 6325, 3: version, flags, length of the options in words and hops; nicknames of two bridges; the frame. */
static enum wt_packet_reason walk_trill(struct wt_walk *w)
{
    if (w->n < 6)
        return wt_walk_short(w, 6);
    if (w->p[0] >> 6 != 0)
        return wt_walk_stop(w, WT_STOP_ETHERTYPE, TYPE_TRILL);
    return walk_frame(w, 6 + (wt_get16(w->p) >> 6 & 31u) * 4);
}

/* batman-adv, version 15: unicast packets (0x40), and those that name their source, too (0x42), carry a frame. */
static enum wt_packet_reason walk_batman(struct wt_walk *w)
{
    if (w->n < 2)
        return wt_walk_short(w, 2);
    if (w->p[1] != 15 || (w->p[0] != 0x40 && w->p[0] != 0x42))
        return wt_walk_stop(w, WT_STOP_ETHERTYPE, TYPE_BATMAN);
    return walk_frame(w, w->p[0] == 0x40 ? 10 : 18);
}

/* A type that is not known: some switches and taps put a header of their own there. An IP header that adds up, within
 * the next 16 bytes, is too much for chance; that it was a guess is said. */
static enum wt_packet_reason walk_unknown(struct wt_walk *w, unsigned type)
{
    enum { FARTHEST = 16 };
    uint32_t skip = wt_walk_find_ip(w, 0, FARTHEST);
    if (skip == UINT32_MAX)
        return wt_walk_stop(w, WT_STOP_ETHERTYPE, type);
    if (!w->quoted && !(w->segment->notes & WT_NOTE_GUESSED)) {
        w->segment->notes |= WT_NOTE_GUESSED;
        w->segment->guessed = (uint16_t)type;
    }
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, skip);
    return wt_walk_ip(w);
}

enum wt_packet_reason wt_walk_ethertype(struct wt_walk *w, unsigned type)
{
    if (__builtin_expect(type == WT_ETHERTYPE_IPV4, 1))
        return wt_walk_ipv4(w);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    if (type == WT_ETHERTYPE_IPV6)
        return wt_walk_ipv6(w);
    if (type < LEAST_ETHERTYPE) {
        wt_walk_cut(w, type);
        return wt_walk_llc(w);
    }
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tags[i].type == type)
            return walk_tag(w, tags[i].length, (enum wt_layer)tags[i].layer);
    switch (type) {
    case WT_ETHERTYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
        return wt_walk_mpls(w);
    case TYPE_PPPOE_SESSION:
        return wt_walk_pppoe(w);
    case WT_ETHERTYPE_PPP:
        return wt_walk_ppp(w);
    case WT_ETHERTYPE_BRIDGING:
        return wt_walk_ethernet(w);
    case TYPE_JUMBO_LLC:
        return wt_walk_llc(w);
    case TYPE_NSH:
        return wt_walk_nsh(w);
    case TYPE_CISCO_METADATA:
        return walk_metadata(w);
    case TYPE_MACSEC:
        return walk_macsec(w);
    case TYPE_PROVIDER_BACKBONE: /* IEEE 802.1ah: the service tag, then the customer's frame */
        return walk_frame(w, 4);
    case TYPE_FABRICPATH: /* Cisco: a forwarding tag and hops, then the frame */
        return walk_frame(w, 2);
    case TYPE_TRILL:
        return walk_trill(w);
    case TYPE_BATMAN:
        return walk_batman(w);
    case TYPE_EAPOL:
        return walk_eapol(w);
    case TYPE_ARP:
    case TYPE_RARP:
        return wt_walk_stop(w, WT_STOP_ARP, 0);
    default:
        return walk_unknown(w, type);
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
    if (w->p[0] == 0xfe && w->p[1] == 0xfe && w->n >= 4 && (w->p[3] == 0xcc || w->p[3] == 0x8e)) { /* RFC 2684, 5.1 */
        wt_walk_take(w, 4);
        return wt_walk_ip(w);
    }
    if (w->p[0] != 0xaa || w->p[1] != 0xaa || w->p[2] != 0x03)
        return wt_walk_stop(w, WT_STOP_LLC, w->p[0]);
    wt_walk_take(w, 3);
    return wt_walk_snap(w, 2);
}

/* IEEE 802, 9.2.3: an organization, and a number of its own. Bridged Ethernet follows after `pad` bytes: RFC 2684, 5.2,
 * has two, frame relay (RFC 2427, 4.2) none. */
enum wt_packet_reason wt_walk_snap(struct wt_walk *w, uint32_t pad)
{
    if (w->n < 5)
        return wt_walk_short(w, 5);
    uint32_t organization = wt_get32(w->p) >> 8;
    unsigned number = wt_get16(w->p + 3);
    if (organization == 0x0080c2) { /* RFC 2684 and 2427: bridged Ethernet, 7 without its check */
        if (number != 7 && number != 1)
            return wt_walk_stop(w, WT_STOP_SNAP, organization);
        if (w->n < 5 + pad)
            return wt_walk_short(w, 5 + pad);
        wt_walk_take(w, 5 + pad);
        return wt_walk_ethernet(w);
    }
    /* RFC 1042's encapsulation, and IEEE 802.1H's for bridges */
    if ((organization != 0 && organization != 0x0000f8) || number < LEAST_ETHERTYPE)
        return wt_walk_stop(w, WT_STOP_SNAP, organization);
    return walk_tag(w, 5, WT_LAYER_OTHER);
}
