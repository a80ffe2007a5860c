/* 802.11's frames (IEEE 802.11, 9.2 and 9.3), and what monitors put before them. */
#include "capture/walk.h"

enum { VERSION_AND_TYPE = 0x0f, DATA = 0x08, CONTROL = 0x04, QOS = 0x80, NO_DATA = 0x40 }; /* Frame Control, first byte */
enum { FROM = 2, TO_AND_FROM = 3, PROTECTED = 0x40, ORDER = 0x80 };                         /* the second */
enum { SUBFRAME = 14 };                                                                    /* addresses, length */

/* IEEE 802.11, 9.3.2.2.1: frames in one, each with addresses and a length, padded to four bytes but for the last. The
 * first one here is read; what is behind it comes with wt_packet_next(). */
enum wt_packet_reason wt_walk_wlan_subframes(struct wt_walk *w)
{
    if (w->n < SUBFRAME)
        return wt_walk_short(w, SUBFRAME);
    uint32_t length = SUBFRAME + wt_get16(w->p + 12), next = (length + 3) & ~3u;
    if (w->n > next && w->n - next >= SUBFRAME && !w->quoted) {
        w->segment->rest = wt_span_of(w->p + next, w->n - next);
        w->segment->rest_missing = w->missing;
        w->segment->rest_kind = WT_REST_SUBFRAMES;
        w->segment->notes |= WT_NOTE_MORE;
    }
    wt_walk_cut(w, length);
    wt_walk_take(w, SUBFRAME);
    return wt_walk_llc(w);
}

/* IEEE 802.11, 9.2.4.8.3: flags, hops, number, and by two of the flags no, one or two addresses. It is there where QoS
 * says so, in frames between mesh stations; elsewhere that bit has another meaning, and an LLC header follows. */
static uint32_t mesh_length(const struct wt_walk *w, unsigned flags, uint32_t quality, uint32_t header)
{
    enum { CONTROL_PRESENT = 1, EXTENSION = 3, ADDRESS = 6, SHORTEST = 6 };
    bool between = (flags & TO_AND_FROM) == TO_AND_FROM || (flags & TO_AND_FROM) == FROM;
    if (!between || !(w->p[quality + 1] & CONTROL_PRESENT) || w->n < header + SHORTEST)
        return 0;
    uint8_t mesh = w->p[header];
    return mesh & ~EXTENSION || mesh == EXTENSION ? 0 : SHORTEST + (uint32_t)mesh * ADDRESS;
}

/* An LLC header with SNAP, as each MSDU begins (RFC 1042). What begins so is no later piece of one, whatever the number in
 * Sequence Control says: access points that tunnel frames to a controller write that field in the other byte order. */
static bool begins_with_snap(const uint8_t *p, uint32_t n)
{
    static const uint8_t snap[5] = {0xaa, 0xaa, 0x03, 0x00, 0x00};
    return n >= sizeof snap && memcmp(p, snap, sizeof snap) == 0;
}

/* IEEE 802.11, 9.2.4: data frames in the clear. `type` and `flags` are the two bytes of Frame Control. */
static enum wt_packet_reason walk_wlan_frame(struct wt_walk *w, unsigned type, unsigned flags)
{
    enum { A_MSDU = 0x80, FRAGMENT_NUMBER = 15 };
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
    if (w->padded)
        header = (header + 3) & ~3u;
    if (w->n < header)
        return wt_walk_short(w, header);
    bool later = wt_get16le(w->p + 22) & FRAGMENT_NUMBER;
    if (type & QOS) {
        several = w->p[quality] & A_MSDU;
        header += mesh_length(w, flags, quality, header);
        if (w->n < header)
            return wt_walk_short(w, header);
    }
    if (later && !begins_with_snap(w->p + header, w->n - header)) /* pieces are not put together */
        return wt_walk_stop(w, WT_STOP_WLAN_FRAGMENT, 0);
    wt_walk_layer(w, WT_LAYER_OTHER);
    wt_walk_take(w, header);
    return several ? wt_walk_wlan_subframes(w) : wt_walk_llc(w);
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

/* --- monitors' headers -------------------------------------------------------------------------------------------- */

/* Drops a header of so many bytes. */
static enum wt_packet_reason walk_frame_after(struct wt_walk *w, uint32_t header)
{
    if (w->n < header)
        return wt_walk_short(w, header);
    wt_walk_take(w, header);
    return wt_walk_wlan(w);
}

/* radiotap.org: version, length, and words of what is present (the highest bit: another word follows); fields are
 * aligned to their size. TSFT, of eight bytes, is the first, the flags are the second. */
enum wt_packet_reason wt_walk_radiotap(struct wt_walk *w)
{
    enum { TSFT = 1, FLAGS = 2, PADDED = 0x20, FRAME_CHECK = 0x10, CHECK = 4 };
    if (w->n < 8)
        return wt_walk_short(w, w->n < 4 ? 4 : 8);
    uint32_t header = wt_get16le(w->p + 2), at = 4, present = wt_get32le(w->p + 4);
    if (header < 8)
        return WT_PACKET_MALFORMED;
    while (at + 8 <= w->n && wt_get32le(w->p + at) & 0x80000000u)
        at += 4;
    at += 4;
    if (present & TSFT)
        at = ((at + 7) & ~7u) + 8;
    if (present & FLAGS && at < header && at < w->n) {
        w->padded = w->p[at] & PADDED;
        if (w->p[at] & FRAME_CHECK && w->n + w->missing >= header + CHECK)
            wt_walk_cut(w, w->n + w->missing - CHECK);
    }
    return walk_frame_after(w, header);
}

enum wt_packet_reason wt_walk_avs(struct wt_walk *w)
{
    if (w->n < 8)
        return wt_walk_short(w, 8);
    return walk_frame_after(w, wt_get32(w->p + 4));
}

enum wt_packet_reason wt_walk_prism(struct wt_walk *w)
{
    const uint32_t prism_header = 144, avs_magic = 0x80211000u;
    if (w->n < 4)
        return wt_walk_short(w, 4);
    return (wt_get32(w->p) & 0xfffff000) == avs_magic ? wt_walk_avs(w) : walk_frame_after(w, prism_header);
}
