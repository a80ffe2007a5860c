/* What is kept of a conversation's places, shared by places.c and places_kept.c only. */
#ifndef WT_OBSERVER_PLACES_KEPT_H
#define WT_OBSERVER_PLACES_KEPT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "capture/stream_map.h"
#include "observer/transport/trace.h"
#include "registry/limits.h"
#include "wiretale/story.h"

struct wt_observer;

/* Bytes of a handshake message in progress that one record gave. */
struct wt_places_part {
    uint64_t at;     /* stream position of the first byte; of a record that was opened: of its header */
    uint32_t record; /* its number */
    uint32_t inside, n;
    bool opened;
};

struct wt_places_lane {
    struct wt_stream_map map;
    struct wt_places_part *parts;
    struct wt_record_seen *records;
    size_t part_count, part_cap, record_count, record_cap;
    uint64_t part_bytes; /* of all parts */
    uint64_t begin;      /* position of the current record's header */
    bool cut;            /* a part was left out: the message in progress has no pieces */
    bool placed;         /* the newest record's places are settled */
};

/* What is kept of a packet until its story is told. */
struct wt_places_packet {
    struct wt_time time;
    uint32_t frame, length;
    uint32_t at; /* of its bytes among those of all packets */
    uint16_t n, link;
    uint8_t direction;
    bool reassembled;
};
_Static_assert(WT_LIMIT_PACKET_HEADERS <= UINT16_MAX && WT_LIMIT_PACKET_HEADERS_BYTES <= UINT32_MAX,
               "they are counted");

struct wt_places {
    struct wt_places_lane lane[2];
    struct wt_arena arena;
    struct wt_places_packet *headers;
    struct wt_buffer header_text; /* their bytes */
    size_t header_count, header_cap, headers_dropped, header_bytes, records_dropped;
    struct wt_trace trace;
};

/* The packets of n bytes from that position on, how many there are in *count; what finds no room is counted. */
const struct wt_stream_place *wt_places_keep(struct wt_observer *o, struct wt_places *p, const struct wt_places_lane *l,
                                             uint64_t at, uint64_t n, size_t *count);
/* The newest record's pieces are known now: keeps them. */
void wt_places_settle(struct wt_observer *o, struct wt_places *p, struct wt_places_lane *l);

#endif
