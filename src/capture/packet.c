#include "capture/packet.h"

#include "capture/fragment.h"
#include "capture/straight.h"
#include "capture/walk.h"

#include <stdio.h>

static const char *const reasons[WT_PACKET_REASONS] = {
    [WT_PACKET_TCP] = "tcp",
    [WT_PACKET_UDP] = "udp",
    [WT_PACKET_OTHER] = "other",
    [WT_PACKET_FRAGMENT_HELD] = "fragment_held",
    [WT_PACKET_QUOTED] = "quoted",
    [WT_PACKET_QUOTED_UDP] = "quoted_udp",
    [WT_PACKET_QUOTED_START] = "quoted_start",
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
    if (__builtin_expect(wt_fragments_holds_whole(fragments), 0))
        wt_fragments_release(fragments);
    return wt_straight_decode(packet, segment) ? WT_PACKET_TCP : wt_packet_walk(fragments, packet, segment);
}

enum wt_packet_reason wt_packet_walk(struct wt_fragments *fragments, const struct wt_packet *packet,
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
    segment->layer_count = segment->outer_count = segment->notes = segment->stop = 0;
    segment->joined = 0;
    return wt_walk_link(&w, packet->link);
}

enum wt_packet_reason wt_packet_next(struct wt_fragments *fragments, const struct wt_packet *packet,
                                     struct wt_segment *segment)
{
    struct wt_walk w = {
        .p = segment->rest.p,
        .n = (uint32_t)segment->rest.n,
        .missing = segment->rest_missing,
        .segment = segment,
        .fragments = fragments,
        .now = packet->time.ns,
    };
    segment->layer_count = segment->outer_count = segment->notes = segment->stop = 0;
    segment->joined = 0;
    if (wt_fragments_holds_whole(fragments))
        wt_fragments_release(fragments);
    wt_walk_layer(&w, WT_LAYER_OTHER);
    return segment->rest_kind == WT_REST_DOCSIS ? wt_walk_docsis(&w) : wt_walk_wlan_subframes(&w);
}

size_t wt_packet_layers(const struct wt_packet *packet, uint32_t length, struct wt_layer_place places[8])
{
    const uint8_t *begins[8] = {NULL};
    struct wt_segment segment = {.layer_count = 0};
    struct wt_walk w = {.p = packet->data, .n = packet->length, .segment = &segment, .begins = begins};
    size_t n = 0;
    if (!w.n)
        return 0;
    (void)wt_walk_link(&w, packet->link);
    if (length > packet->length)
        length = packet->length;
    for (unsigned i = 0; i < segment.layer_count; i++) {
        const uint32_t at = (uint32_t)(begins[i] - packet->data);
        if (at >= length)
            break;
        if (n)
            places[n - 1].length = at - places[n - 1].offset;
        places[n++] = (struct wt_layer_place){segment.layers[i], at, length - at};
    }
    /* what stands before the first that is known is a header, too */
    if (n && places[0].offset > 0) {
        places[0].length += places[0].offset;
        places[0].offset = 0;
    }
    return n;
}

/* --- where reading ended ------------------------------------------------------------------------------------------ */

enum form { BARE, DECIMAL, HEX2, HEX4, HEX6 };

static const struct {
    const char *name;
    uint8_t form;
} stops[] = {
#define WT_STOP(ID, name, form) {name, form},
#include "capture/stops.def"
#undef WT_STOP
};

const char *wt_stop_bare(enum wt_stop stop)
{
    return stops[stop].form == BARE ? stops[stop].name : NULL;
}

const char *wt_stop_name(enum wt_stop stop, uint32_t number, char out[WT_STOP_NAME])
{
    static const int digits[] = {[HEX2] = 2, [HEX4] = 4, [HEX6] = 6};
    uint8_t form = stops[stop].form;
    if (form == BARE)
        (void)snprintf(out, WT_STOP_NAME, "%s", stops[stop].name);
    else if (form == DECIMAL)
        (void)snprintf(out, WT_STOP_NAME, "%s_%u", stops[stop].name, (unsigned)number);
    else
        (void)snprintf(out, WT_STOP_NAME, "%s_0x%0*x", stops[stop].name, digits[form], (unsigned)number);
    return out;
}

/* The header that was being read is the last that was begun. */
static enum wt_stop malformed(const struct wt_segment *s)
{
    switch (s->layer_count ? s->layers[s->layer_count - 1] : WT_LAYER_NONE) {
    case WT_LAYER_IPV4:
    case WT_LAYER_IPV6:
        return WT_STOP_MALFORMED_IP;
    case WT_LAYER_TCP:
        return WT_STOP_MALFORMED_TCP;
    case WT_LAYER_UDP:
        return WT_STOP_MALFORMED_UDP;
    default:
        return WT_STOP_MALFORMED_LINK;
    }
}

enum wt_stop wt_packet_stop(enum wt_packet_reason reason, const struct wt_packet *packet,
                            const struct wt_segment *segment, uint32_t *number)
{
    *number = 0;
    switch (reason) {
    case WT_PACKET_TRUNCATED:
        return WT_STOP_CUT;
    case WT_PACKET_LINK_UNKNOWN:
        *number = segment->stop == WT_STOP_LINK_TYPE ? segment->stop_number : packet->link;
        return WT_STOP_LINK_TYPE;
    case WT_PACKET_MALFORMED:
        return malformed(segment);
    case WT_PACKET_TOO_DEEP:
        return WT_STOP_TOO_DEEP;
    case WT_PACKET_FRAGMENT_HELD:
    case WT_PACKET_FRAGMENT_LIMIT:
        return WT_STOP_FRAGMENTS;
    case WT_PACKET_QUOTED:
    case WT_PACKET_QUOTED_UDP:
    case WT_PACKET_QUOTED_START:
    default:
        if (!wt_stop_bare((enum wt_stop)segment->stop))
            *number = segment->stop_number;
        return (enum wt_stop)segment->stop;
    }
}
