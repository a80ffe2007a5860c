/* pcap: a header of 24 bytes, then a header of 16 and its bytes for each packet
 * (draft-ietf-opsawg-pcap). Numbers are in the byte order of the machine that wrote them. */
#include "capture/file.h"
#include "registry/limits.h"

enum { HEADER = 24 };

static const struct variant {
    uint32_t magic;
    uint32_t unit;
    uint8_t digits;
    uint8_t extra_file; /* bytes behind the file's header */
    uint8_t packet;     /* bytes of a packet's header */
} variants[] = {
    {0xa1b2c3d4, 1000, 6, 0, 16},
    {0xa1b23c4d, 1, 9, 0, 16},
    /* Alexey Kuznetsov's libpcap of 1998: interface, protocol and packet type behind each header */
    {0xa1b2cd34, 1000, 6, 0, 24},
    /* IXIA's lcap, by hardware and by software: the packets' total size behind the file's header */
    {0x1c0001ac, 1, 9, 4, 16},
    {0x1c0001ab, 1, 9, 4, 16},
};

static inline bool next(struct wt_capture *c, struct wt_packet *packet, const bool swapped)
{
    const uint32_t header = c->pcap.header;
    const uint64_t at = c->input.offset;
    const uint8_t *p = wt_input_need(&c->input, header);
    uint32_t length, original;
    if (__builtin_expect(!p, 0))
        return wt_capture_ends(c, "packet", at, header, true);
    length = wt_load32(p + 8, swapped);
    original = wt_load32(p + 12, swapped);
    if (__builtin_expect(c->pcap.lengths != 0, 0) && (c->pcap.lengths == 1 || length > original)) {
        uint32_t other = length;
        length = original;
        original = other;
    }
    if (__builtin_expect(length > WT_LIMIT_PACKET, 0))
        return wt_capture_fail(c, WT_LENGTH, "packet", at, length, WT_LIMIT_PACKET);
    p = wt_input_need(&c->input, (size_t)header + length);
    if (__builtin_expect(!p, 0))
        return wt_capture_ends(c, "packet", at, (uint64_t)header + length, false);
    wt_capture_prefetch(c, p, (size_t)header + length);
    packet->frame = ++c->frame;
    packet->link = c->pcap.link;
    packet->time.ns = (int64_t)wt_load32(p, swapped) * 1000000000 + (int64_t)wt_load32(p + 4, swapped) * c->pcap.unit;
    packet->time.digits = c->pcap.digits;
    packet->data = p + header;
    packet->length = length;
    packet->original = original > length ? original : length;
    wt_input_take(&c->input, (size_t)header + length);
    return true;
}

static bool next_same(struct wt_capture *c, struct wt_packet *packet)
{
    return next(c, packet, false);
}

static bool next_swapped(struct wt_capture *c, struct wt_packet *packet)
{
    return next(c, packet, true);
}

static const struct variant *find(uint32_t magic)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (variants[i].magic == magic)
            return &variants[i];
    return NULL;
}

bool wt_pcap_open(struct wt_capture *c)
{
    const uint8_t *p = wt_input_need(&c->input, HEADER);
    const struct variant *v;
    uint16_t major, minor;
    if (!p)
        return false;
    v = find(wt_load32(p, false));
    if (!v) {
        v = find(wt_load32(p, true));
        c->swapped = true;
    }
    if (!v)
        return false;
    p = wt_input_need(&c->input, (size_t)HEADER + v->extra_file);
    if (!p)
        return false;
    major = wt_load16(p + 4, c->swapped);
    minor = wt_load16(p + 6, c->swapped);
    c->format = "pcap";
    c->next = c->swapped ? next_swapped : next_same;
    c->pcap.header = v->packet;
    c->pcap.digits = v->digits;
    c->pcap.unit = v->unit;
    /* Before version 2.3 the two lengths stood the other way round; some that say 2.3 still have them so. */
    c->pcap.lengths = major == 2 && minor < 3 ? 1 : major == 2 && minor == 3 ? 2 : 0;
    /* The upper bits of the link type tell of frame check sequences, which lie behind what IP calls its length. */
    c->pcap.link = (uint16_t)wt_load32(p + 20, c->swapped);
    wt_input_take(&c->input, (size_t)HEADER + v->extra_file);
    return true;
}
