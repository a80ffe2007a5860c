/* The streams of a QUIC connection (RFC 9000, 2): their bytes put in order. */
#ifndef WT_OBSERVER_QUIC_STREAMS_H
#define WT_OBSERVER_QUIC_STREAMS_H

#include "carriage/pieces.h"
#include "registry/limits.h"

enum { WT_QUIC_STREAM_BUCKETS = 256, WT_QUIC_STREAM_TYPES = 4 };

/* What one side sends on a stream. */
struct wt_quic_stream_half {
    struct wt_pieces pieces;
    uint64_t final; /* with has_final: bytes that it has in all */
    bool has_final;
    bool over; /* its end, or its reset, has been told */
};

struct wt_quic_stream {
    uint64_t id;
    struct wt_quic_stream *chain;
    struct wt_quic_stream *before, *after; /* in the order in which they began */
    struct wt_quic_stream_half half[2];    /* by side */
};

/* Streams of one type that are over, by their numbers among their type: from `first` to before `end`. */
struct wt_quic_stream_range {
    uint64_t first, end;
};

struct wt_quic_streams {
    struct wt_quic_stream *buckets[WT_QUIC_STREAM_BUCKETS];
    struct wt_quic_stream *oldest, *newest;
    struct wt_quic_stream_range closed[WT_QUIC_STREAM_TYPES][WT_LIMIT_QUIC_STREAM_RANGES];
    uint16_t closed_count[WT_QUIC_STREAM_TYPES];
    uint64_t key; /* odd; of their hash: a peer chooses the numbers */
    uint32_t open;
    size_t held; /* bytes that came before their turn */
};

/* Gets a stream's bytes in order. `lost`: how many before them will not come; `bytes` may be empty. */
typedef void wt_quic_streams_sink(void *context, const struct wt_quic_stream *s, uint64_t offset, uint64_t lost,
                                  struct wt_span bytes);

void wt_quic_streams_begin(struct wt_quic_streams *streams);
void wt_quic_streams_clear(struct wt_quic_streams *streams);
/* The stream, opened where it is new; NULL: it is over, or more are open than are followed (then *full). */
struct wt_quic_stream *wt_quic_streams_find(struct wt_quic_streams *streams, uint64_t id, bool *full);
/* What a STREAM frame of that side has. Where it is too far ahead of what has come to be kept, what is missing is given
 * up. */
void wt_quic_streams_feed(struct wt_quic_streams *streams, struct wt_quic_stream *s, unsigned side, uint64_t offset,
                          struct wt_span bytes, wt_quic_streams_sink *sink, void *context);
/* What is missing of that side before the next piece that has come is given up. False when there is none. */
bool wt_quic_streams_give_up(struct wt_quic_streams *streams, struct wt_quic_stream *s, unsigned side,
                             wt_quic_streams_sink *sink, void *context);
/* Whether all of what the side sends has been told. */
bool wt_quic_streams_is_complete(const struct wt_quic_stream *s, unsigned side);
/* Forgets the stream if both directions, or the one that it has, are over. */
void wt_quic_streams_close(struct wt_quic_streams *streams, struct wt_quic_stream *s);

#endif
