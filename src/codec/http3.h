/* HTTP/3 in the STREAM frames of packets that come one by one (RFC 9114, 6.2 and 7; RFC 9204, 4.5): each field where it
 * is. Frames do not begin with packets: what a stream stands at is remembered from one to the next. */
#ifndef WT_CODEC_HTTP3_H
#define WT_CODEC_HTTP3_H

#include "base/reader.h"
#include "registry/limits.h"

enum { WT_HTTP3_HEAD = 16 }; /* bytes of two integers */

/* Where one side's half of a stream stands. */
struct wt_http3_place {
    uint64_t id, next;   /* the stream, and the offset of what it goes on with */
    uint64_t type, left; /* of the frame that it is in */
    uint8_t from, state;
    uint8_t head[WT_HTTP3_HEAD], have; /* a frame's beginning, as much as has come */
};

/* All zero to begin with. */
struct wt_http3_places {
    struct wt_http3_place list[WT_LIMIT_HTTP3_PLACES];
    uint32_t count; /* grows on: the oldest makes room */
    uint8_t from;   /* who sends the packet that is read */
    bool sections;  /* field sections are read, too: what the application says */
};

/* The stream's data become fields below the event that has them as bytes, the trail's last. They stay bytes where it is
 * not known what they are: behind a gap, and on streams that HTTP/3 knows nothing of. Without a trail only the place
 * goes on. */
void wt_http3_fields(struct wt_http3_places *places, uint64_t stream, uint64_t offset, struct wt_span data,
                     const struct wt_reader *r);

#endif
