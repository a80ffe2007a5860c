/* Which packets carried which bytes of one direction's stream, for as long as somebody needs to know.
 *
 * Positions count the bytes of a protocol that the stream carries, from the stream offset of its first byte on. They
 * are the stream's offsets, unless a carrier (TDS, OpenVPN) wraps the protocol in packets of its own: then slices say
 * where in the stream each run of it is. */
#ifndef WT_CAPTURE_STREAM_MAP_H
#define WT_CAPTURE_STREAM_MAP_H

#include "base/span.h"
#include "wiretale/capture.h"

/* A carrier's packets: from position `at` on, the protocol is in the stream from `offset` on. */
struct wt_stream_slice {
    uint64_t at, offset;
};

/* All zero is a stream of which nothing was seen. Free with wt_stream_map_free(). */
struct wt_stream_map {
    struct wt_stream_place *packets; /* by offset; they never overlap */
    struct wt_stream_slice *slices;  /* by position; none without a carrier */
    size_t packet_count, packet_cap, slice_count, slice_cap;
    uint64_t end;      /* offset after the newest packet's bytes */
    uint64_t position; /* after the bytes that were carried last */
    uint64_t needed;   /* what lies before this position may be forgotten: the caller's to set */
    uint64_t lost;     /* packets that were forgotten although they were needed, or not remembered */
    bool adrift;       /* a slice was left out: positions have no offsets any more */
};

/* A packet brings the next n bytes, the first of which has this offset modulo 2^32. At most `most` are remembered. */
void wt_stream_map_packet(struct wt_stream_map *m, uint32_t offset, size_t n, uint32_t frame, size_t most);
/* A carrier takes n bytes of the protocol out of the stream; `after` bytes of those that came come after them. */
void wt_stream_map_carried(struct wt_stream_map *m, size_t n, size_t after);

uint64_t wt_stream_map_offset(const struct wt_stream_map *m, uint64_t position);
/* The packets of n bytes of the protocol, with the bytes of each, in order; what was lost to the capture has none.
 * Returns how many there are; the first `most` of them are in `out`. */
size_t wt_stream_map_find(const struct wt_stream_map *m, uint64_t position, uint64_t n, struct wt_stream_place *out,
                          size_t most);

void wt_stream_map_free(struct wt_stream_map *m);

#endif
