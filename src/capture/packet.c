#include "capture/packet.h"

#include "capture/fragment.h"
#include "capture/walk.h"

static const char *const reasons[WT_PACKET_REASONS] = {
    [WT_PACKET_TCP] = "tcp",
    [WT_PACKET_UDP] = "udp",
    [WT_PACKET_OTHER] = "other",
    [WT_PACKET_FRAGMENT_HELD] = "fragment_held",
    [WT_PACKET_QUOTED] = "quoted",
    [WT_PACKET_QUOTED_UDP] = "quoted_udp",
    [WT_PACKET_TRUNCATED] = "packet_truncated",
    [WT_PACKET_LINK_UNKNOWN] = "link_type_unknown",
    [WT_PACKET_MALFORMED] = "packet_malformed",
    [WT_PACKET_TOO_DEEP] = "encapsulation_too_deep",
    [WT_PACKET_FRAGMENT_LOST] = "fragment_lost",
    [WT_PACKET_FRAGMENT_LIMIT] = "fragment_limit",
};

const char *wt_packet_reason_name(enum wt_packet_reason reason)
{
    return (unsigned)reason < WT_PACKET_REASONS ? reasons[reason] : "unknown";
}

enum wt_packet_reason wt_packet_decode(struct wt_fragments *fragments, const struct wt_packet *packet,
                                       struct wt_segment *segment)
{
    struct wt_walk w = {
        .p = packet->data,
        .n = packet->length,
        .missing = packet->original > packet->length ? packet->original - packet->length : 0,
        .segment = segment,
        .fragments = fragments,
        .now = packet->time.ns,
    };
    /* The original length is only a claim; nothing of its size exists here. */
    if (w.missing > WT_LIMIT_PACKET)
        w.missing = WT_LIMIT_PACKET;
    segment->layer_count = segment->outer_count = 0;
    if (__builtin_expect(wt_fragments_holds_whole(fragments), 0))
        wt_fragments_release(fragments);
    return wt_walk_link(&w, packet->link);
}
