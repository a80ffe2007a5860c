/* Headers that capturing devices and switches put before a frame, or into it. */
#include "capture/walk.h"

enum {
    LINK_TZSP = 128,
    LINK_JUNIPER_MLPPP = 130,
    LINK_JUNIPER_ATM1 = 137,
    LINK_DOCSIS = 143,
    LINK_JUNIPER_MONITOR = 164,
    LINK_JUNIPER_ETHER = 178,
    LINK_JUNIPER_PPP = 179,
    LINK_JUNIPER_FRELAY = 180,
    LINK_JUNIPER_CHDLC = 181,
    LINK_JUNIPER_VP = 183,
    LINK_JUNIPER_ISM = 194,
    LINK_ERF = 197,
    LINK_JUNIPER_ST = 200,
    LINK_JUNIPER_VS = 233,
    LINK_JUNIPER_FC = 234,
    LINK_JUNIPER_ATM_CEMIC = 238,
    LINK_NETANALYZER = 240,
    LINK_NETANALYZER_TRANSPARENT = 241,
    LINK_EPON = 259,
    LINK_MPACKET = 274,
    LINK_DSA_BROADCOM = 281,
    LINK_DSA_BROADCOM_PREPENDED = 282,
    LINK_DSA = 284,
    LINK_EDSA = 285,
};

static enum wt_packet_reason walk_after(struct wt_walk *w, uint32_t header,
                                        enum wt_packet_reason (*next)(struct wt_walk *))
{
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return next(w);
}

/* Two addresses, a switch's tag, and the type of what follows. */
static enum wt_packet_reason walk_switch(struct wt_walk *w, uint32_t tag)
{
    uint32_t header = 12 + tag + 2;
    if (w->n < header)
        return wt_walk_short(w, header);
    unsigned type = wt_get16(w->p + header - 2);
    wt_walk_layer(w, WT_LAYER_ETHERNET);
    wt_walk_take(w, header);
    return wt_walk_ethertype(w, type);
}

/* TaZmen's sniffer protocol: version 1, type (0 and 1 hold a frame), what frame; tags, of which 0 pads and 1 ends. */
enum wt_packet_reason wt_walk_tzsp(struct wt_walk *w)
{
    enum { ETHERNET = 1, WLAN = 0x12, PRISM = 0x77, AVS = 0x7f, PADDING = 0, END = 1 };
    if (w->n < 4)
        return wt_walk_short(w, 4);
    unsigned inside = wt_get16(w->p + 2);
    if (w->p[0] != 1 || w->p[1] > 1)
        return wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    wt_walk_take(w, 4);
    for (;;) {
        if (w->n < 1)
            return wt_walk_short(w, 1);
        uint8_t tag = w->p[0];
        wt_walk_take(w, 1);
        if (tag == END)
            break;
        if (tag == PADDING)
            continue;
        if (w->n < 1 || w->n < 1u + w->p[0])
            return wt_walk_short(w, w->n < 1 ? 1 : 1u + w->p[0]);
        wt_walk_take(w, 1u + w->p[0]);
    }
    wt_walk_layer(w, WT_LAYER_OTHER);
    return inside == ETHERNET ? wt_walk_ethernet(w)
           : inside == WLAN   ? wt_walk_wlan(w)
           : inside == PRISM  ? wt_walk_prism(w)
           : inside == AVS    ? wt_walk_avs(w)
                              : wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
}

/* Endace's extensible record format: time, type (its highest bit: extension headers, each of which says the same of the
 * next), flags, record length, losses, wire length. Ethernet has two bytes of padding before it. */
static enum wt_packet_reason walk_erf(struct wt_walk *w)
{
    enum { MORE = 0x80, HEADER = 16, HDLC = 1, ETHERNET = 2, COLOR_HDLC = 10, COLOR_ETHERNET = 11, DSM_HDLC = 15,
           DSM_ETHERNET = 16, COLOR_HASH_HDLC = 19, COLOR_HASH_ETHERNET = 20, IPV4 = 22, IPV6 = 23 };
    if (w->n < HEADER)
        return wt_walk_short(w, HEADER);
    unsigned type = w->p[8] & 0x7f;
    bool more = w->p[8] & MORE;
    wt_walk_take(w, HEADER);
    while (more) {
        if (w->n < 8)
            return wt_walk_short(w, 8);
        if (!wt_walk_deeper(w))
            return WT_PACKET_TOO_DEEP;
        more = w->p[0] & MORE;
        wt_walk_take(w, 8);
    }
    switch (type) {
    case ETHERNET:
    case COLOR_ETHERNET:
    case DSM_ETHERNET:
    case COLOR_HASH_ETHERNET:
        return walk_after(w, 2, wt_walk_ethernet);
    case HDLC:
    case COLOR_HDLC:
    case DSM_HDLC:
    case COLOR_HASH_HDLC:
        wt_walk_layer(w, WT_LAYER_OTHER);
        return wt_walk_hdlc(w);
    case IPV4:
    case IPV6:
        wt_walk_layer(w, WT_LAYER_OTHER);
        return wt_walk_ip(w);
    default:
        return wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    }
}

/* Juniper's: "MGC", flags (0x80: extensions, whose length follows); then what the interface has. Interfaces of services
 * put up to 16 bytes of cookie before it, of which none tells its length: there IP is what adds up. */
static enum wt_packet_reason walk_juniper(struct wt_walk *w, unsigned link)
{
    enum { EXTENDED = 0x80, NO_LINK = 0x02, COOKIE = 16 };
    uint32_t header = 4;
    if (w->n < 4)
        return wt_walk_short(w, 4);
    if (memcmp(w->p, "MGC", 3) != 0)
        return WT_PACKET_MALFORMED;
    bool bare = w->p[3] & NO_LINK;
    if (w->p[3] & EXTENDED) {
        if (w->n < 6)
            return wt_walk_short(w, 6);
        header = 6u + wt_get16(w->p + 4);
    }
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    if (!bare && link == LINK_JUNIPER_ETHER)
        return wt_walk_ethernet(w);
    if (!bare && link == LINK_JUNIPER_PPP)
        return wt_walk_ppp(w);
    if (!bare && link == LINK_JUNIPER_FRELAY)
        return wt_walk_frame_relay(w);
    if (!bare && link == LINK_JUNIPER_CHDLC)
        return wt_walk_hdlc(w);
    uint32_t cookie = wt_walk_find_ip(w, 0, COOKIE);
    if (cookie == UINT32_MAX)
        return w->missing ? WT_PACKET_TRUNCATED : wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    wt_walk_take(w, cookie);
    return wt_walk_ip(w);
}

/* Whether a DOCSIS extended header says that the packet is encrypted: baseline privacy's elements (types 3, 4 and 7)
 * have a bit for that in their second byte. */
static bool is_private(const uint8_t *p, uint32_t n)
{
    while (n >= 2) {
        uint32_t type = p[0] >> 4, length = p[0] & 15u;
        if (1 + length > n)
            return false;
        if ((type == 3 || type == 4 || type == 7) && length >= 2 && p[2] & 0x80)
            return true;
        p += 1 + length;
        n -= 1 + length;
    }
    return false;
}

/* DOCSIS, MAC and upper layer protocols, 6.2: frame control, a parameter, length of the rest (extended header and PDU),
 * check sequence; type 0 and 2 hold an Ethernet frame; of MAC-specific headers one (28) concatenates others. */
enum wt_packet_reason wt_walk_docsis(struct wt_walk *w)
{
    enum { HEADER = 6, EXTENDED = 1, PACKET = 0, ISOLATION = 2, MAC_SPECIFIC = 3, CONCATENATION = 28 };
    if (w->n < HEADER)
        return wt_walk_short(w, HEADER);
    if (!wt_walk_deeper(w))
        return WT_PACKET_TOO_DEEP;
    unsigned type = w->p[0] >> 6, parameter = w->p[0] >> 1 & 31u;
    uint32_t extended = w->p[0] & EXTENDED ? w->p[1] : 0, length = HEADER + wt_get16(w->p + 2);
    if (type == MAC_SPECIFIC && parameter == CONCATENATION) {
        wt_walk_take(w, HEADER);
        return wt_walk_docsis(w);
    }
    if (w->n > length && w->n - length >= HEADER) {
        w->segment->rest = wt_span_of(w->p + length, w->n - length);
        w->segment->rest_missing = w->missing;
        w->segment->rest_kind = WT_REST_DOCSIS;
        w->segment->notes |= WT_NOTE_MORE;
    }
    if (type != PACKET && type != ISOLATION)
        return wt_walk_stop(w, WT_STOP_LINK_CONTROL, 0);
    wt_walk_cut(w, length);
    if (w->n < HEADER + extended)
        return wt_walk_short(w, HEADER + extended);
    if (is_private(w->p + 4, extended))
        return wt_walk_stop(w, WT_STOP_DOCSIS_PRIVATE, 0);
    return walk_after(w, HEADER + extended, wt_walk_ethernet);
}

bool wt_walk_device(struct wt_walk *w, unsigned link, enum wt_packet_reason *reason)
{
    if (link == LINK_TZSP)
        *reason = wt_walk_tzsp(w);
    else if (link == LINK_DOCSIS)
        *reason = wt_walk_docsis(w);
    else if (link == LINK_ERF)
        *reason = walk_erf(w);
    else if (link == LINK_NETANALYZER)
        *reason = walk_after(w, 4, wt_walk_ethernet);
    else if (link == LINK_NETANALYZER_TRANSPARENT) /* with preamble and start of frame */
        *reason = walk_after(w, 4 + 8, wt_walk_ethernet);
    else if (link == LINK_EPON || link == LINK_MPACKET)
        *reason = walk_after(w, 8, wt_walk_ethernet);
    else if (link == LINK_DSA || link == LINK_DSA_BROADCOM)
        *reason = walk_switch(w, 4);
    else if (link == LINK_EDSA) /* its own type, two reserved bytes, the tag */
        *reason = walk_switch(w, 8);
    else if (link == LINK_DSA_BROADCOM_PREPENDED)
        *reason = walk_after(w, 4, wt_walk_ethernet);
    else if ((link >= LINK_JUNIPER_MLPPP && link <= LINK_JUNIPER_ATM1) || link == LINK_JUNIPER_MONITOR ||
             (link >= LINK_JUNIPER_ETHER && link <= LINK_JUNIPER_CHDLC) || link == LINK_JUNIPER_VP ||
             link == LINK_JUNIPER_ISM || link == LINK_JUNIPER_ST || link == LINK_JUNIPER_VS ||
             link == LINK_JUNIPER_FC || link == LINK_JUNIPER_ATM_CEMIC)
        *reason = walk_juniper(w, link);
    else
        return false;
    return true;
}
