/* GRE, and what is only in it: ERSPAN, PPTP, WCCP. */
#include "capture/walk.h"

enum { TYPE_ERSPAN = 0x88be, TYPE_ERSPAN_3 = 0x22eb, TYPE_WCCP = 0x883e, TYPE_EOIP = 0x6400, TYPE_ARUBA = 0x8200 };

/* Cisco's mirrored frames. Without a sequence number in GRE there is no header (type I). */
static enum wt_packet_reason walk_erspan(struct wt_walk *w, unsigned type, bool sequenced)
{
    uint32_t header = type == TYPE_ERSPAN_3 ? 12 : sequenced ? 8 : 0;
    if (w->n < header)
        return wt_walk_short(w, header);
    if (type == TYPE_ERSPAN_3 && (w->p[11] & 1)) { /* O: a platform's subheader follows */
        header += 8;
        if (w->n < header)
            return wt_walk_short(w, header);
    }
    wt_walk_take(w, header);
    return wt_walk_ethernet(w);
}

/* RFC 2784 and 2890 (version 0), RFC 2637 (version 1, PPTP's). */
enum wt_packet_reason wt_walk_gre(struct wt_walk *w)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACK = 0x0080 };
    unsigned flags, type, version;
    uint32_t header = 4;
    if (w->n < 4)
        return wt_walk_short(w, 4);
    flags = wt_get16(w->p);
    type = wt_get16(w->p + 2);
    version = flags & 7;
    /* RFC 2784, 2.3: "a receiver MUST discard a packet where any of bits 1-5 are non-zero, unless that receiver
     * implements RFC 1701" (and 2 and 3 are RFC 2890's) */
    if (version > 1 || (flags & ROUTING))
        return wt_walk_stop(w, WT_STOP_GRE, 0);
    header += flags & CHECKSUM ? 4 : 0;
    header += flags & KEY ? 4 : 0;
    header += flags & SEQUENCE ? 4 : 0;
    header += version == 1 && (flags & ACK) ? 4 : 0;
    if (w->n < header)
        return wt_walk_short(w, header);
    if (version == 1 && type == TYPE_EOIP) { /* MikroTik's: length and tunnel in place of the key */
        if (w->n < 8)
            return wt_walk_short(w, 8);
        wt_walk_layer(w, WT_LAYER_GRE);
        wt_walk_take(w, 8);
        return wt_walk_ethernet(w);
    }
    if (version == 1 && !(flags & SEQUENCE)) /* RFC 2637, 4.1: no sequence number, no payload */
        return wt_walk_stop(w, WT_STOP_GRE, 0);
    wt_walk_layer(w, WT_LAYER_GRE);
    wt_walk_take(w, header);
    if (version == 1)
        return type == WT_ETHERTYPE_PPP ? wt_walk_ppp(w) : wt_walk_stop(w, WT_STOP_ETHERTYPE, type);
    if (type == TYPE_ERSPAN || type == TYPE_ERSPAN_3)
        return walk_erspan(w, type, flags & SEQUENCE);
    if (type == TYPE_WCCP) { /* version 2 has a redirect header of four bytes, version 1 none */
        if (w->n < 5)
            return wt_walk_short(w, 5);
        wt_walk_take(w, w->p[0] == 0x45 ? 0 : 4);
        return wt_walk_ipv4(w);
    }
    if ((type & 0xfe0f) == TYPE_ARUBA) /* Aruba's access points: 802.11's frames, the type says of which radio */
        return wt_walk_wlan(w);
    return wt_walk_ethertype(w, type);
}
