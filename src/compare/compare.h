/* What is kept of each capture until both have been read: conversations with their segments' heads, the beginnings of
 * their streams, and the messages that passed in the clear. All of it is bounded. */
#ifndef WT_COMPARE_COMPARE_H
#define WT_COMPARE_COMPARE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "capture/packet.h"
#include "wiretale/compare.h"
#include "wiretale/observer.h"

#include <string.h>

/* The head of a segment. `end` is that of the conversation which sent it. */
struct wt_seen_segment {
    int64_t ns;
    uint32_t frame, sequence, acknowledgment, length;
    uint8_t flags, ttl, end;
    struct wt_seen_segment *mate; /* the same in the other capture */
};

struct wt_seen_range {
    uint32_t from, to; /* bytes behind `reference` */
};

struct wt_seen_ranges { /* apart from each other, in order */
    struct wt_seen_range *list;
    uint32_t count, capacity;
};

/* What one end sent. Offsets count from `reference`, the sequence number of its first byte as far as was known. */
struct wt_seen_stream {
    uint32_t reference;
    bool started, syn, fin, has_ack;
    uint32_t end;     /* with fin: offset behind the last byte */
    uint32_t acked;   /* with has_ack: offset that the other end acknowledged */
    uint32_t reached; /* offset that its own numbers came to, those of empty segments too: so far it has sent */
    struct wt_seen_ranges passed, kept; /* what the segments had; what the capture has of it */
    uint64_t cut;                       /* bytes that the capture left out of its packets (snaplen) */
    struct wt_buffer bytes;             /* of the first WT_LIMIT_COMPARE_STREAM, as far as `kept` has them */
    struct wt_span options;             /* of its SYN; in the arena */
    uint16_t mss;
};

struct wt_seen_message {
    uint32_t frame;
    uint8_t from, content_type, type;
    uint16_t flags;
    struct wt_shape shape;
    struct wt_span body;
};

struct wt_seen_tls {
    uint32_t stream;
    bool has_random[2]; /* by hello */
    uint8_t random[2][32];
    struct wt_span sni;
    struct wt_seen_message *messages;
    size_t count;
    bool cut;
};

struct wt_conversation_seen {
    struct wt_address end[2];
    uint8_t client;                 /* which end */
    bool client_known, client_sure; /* sure: by a SYN or a ClientHello; else guessed */
    bool cut;
    uint32_t first_frame, last_frame;
    struct wt_seen_segment *segments;
    uint32_t count, capacity;
    struct wt_seen_stream stream[2]; /* by end */
    struct wt_seen_tls *tls;
    struct wt_conversation_seen *mate; /* in the other capture */
    uint8_t match;
    uint32_t older; /* number and 1 of the one before with the same ends */
};

struct wt_seen_capture {
    struct wt_observer *observer;
    struct wt_fragments *fragments;
    struct wt_conversation_seen **list; /* in the order of their first packets */
    uint32_t count, capacity;
    uint32_t *slots; /* number and 1, by the ends' hash */
    uint32_t mask;
    uint64_t key;        /* against chosen collisions */
    int64_t first, last; /* times of packets */
    bool any;
    struct wt_compare *compare;
};

struct wt_compare {
    struct wt_seen_capture capture[2];
    struct wt_arena arena;
    uint64_t segments, stream_bytes; /* kept */
    uint64_t left_out;
    uint32_t tried; /* pairs of conversations that were held against each other */
};

/* --- match.c */
void wt_compare_match_all(struct wt_compare *c);
/* The same for both directions; no secret is in it. */
uint64_t wt_compare_hash_ends(const struct wt_address *a, const struct wt_address *b, uint64_t key);

/* --- the kinds of differences */
enum wt_difference {
#define DIFFERENCE(ident, id, severity, directed) WT_DIFFERENCE_##ident,
#include "compare/differences.def"
#undef DIFFERENCE
    WT_DIFFERENCES
};

/* --- the pair as it is compared: captures 0 and 1, directions by enum wt_side */
struct wt_pair {
    struct wt_compare *compare;
    struct wt_conversation_seen *seen[2];
    uint32_t origin[2][2]; /* [capture][side]: sequence number of the stream's byte 0 */
    bool aligned[2];       /* by side: the origins of both captures are of the same byte */
    bool relayed;          /* one TLS connection in two TCP connections */
    bool two;              /* these are two TLS connections: their bytes have nothing to do with each other */
    uint8_t near;          /* enum wt_compare_near */
    bool has_clock;
    int64_t clock;
    struct wt_compared *out;
    struct wt_compare_difference *list;
    size_t count, capacity;
    struct wt_arena arena; /* of this pair's sentences */
};

static inline unsigned wt_pair_end(const struct wt_pair *p, unsigned capture, unsigned side)
{
    const struct wt_conversation_seen *s = p->seen[capture];
    return side == WT_CLIENT ? s->client : 1u - s->client;
}

static inline struct wt_seen_stream *wt_pair_stream(const struct wt_pair *p, unsigned capture, unsigned side)
{
    return &p->seen[capture]->stream[wt_pair_end(p, capture, side)];
}

static inline unsigned wt_pair_side(const struct wt_pair *p, unsigned capture, const struct wt_seen_segment *s)
{
    return s->end == p->seen[capture]->client ? WT_CLIENT : WT_SERVER;
}

/* The capture that what a side sends passes first. */
static inline unsigned wt_pair_first(const struct wt_pair *p, unsigned side)
{
    unsigned near = p->near == WT_COMPARE_NEAR_B;
    return side == WT_CLIENT ? near : 1 - near;
}

/* Whether a capture shows by later numbers that the side has sent all before this offset, though the bytes may be
 * wanting. */
static inline bool wt_pair_has_sent(const struct wt_pair *p, unsigned capture, unsigned side, int64_t offset)
{
    const struct wt_seen_stream *s = wt_pair_stream(p, capture, side);
    return s->started && (int64_t)s->reached + (int32_t)(s->reference - p->origin[capture][side]) >= offset;
}

/* Offset in its side's stream. */
static inline int64_t wt_pair_offset(const struct wt_pair *p, unsigned capture, unsigned side, uint32_t sequence)
{
    return (int32_t)(sequence - p->origin[capture][side]);
}

struct wt_compare_difference *wt_pair_say(struct wt_pair *p, enum wt_difference what, unsigned from, const char *format,
                                          ...) __attribute__((format(printf, 4, 5)));
/* "client", "server"; "A", "B" */
const char *wt_pair_side_name(unsigned side);
static inline const char *wt_pair_capture_name(unsigned capture)
{
    return capture ? "B" : "A";
}

void wt_pair_align(struct wt_pair *p); /* align.c */
/* How often a capture saw the byte at an offset pass. segments.c */
unsigned wt_pair_times_seen(const struct wt_pair *p, unsigned capture, unsigned side, int64_t offset);
void wt_pair_match(struct wt_pair *p);    /* segments.c: fills `mate` */
void wt_pair_times(struct wt_pair *p);    /* times.c */
void wt_pair_segments(struct wt_pair *p); /* segments.c: those that only one capture saw */
void wt_pair_streams(struct wt_pair *p);  /* streams.c: other bytes and missing ones */
/* Whether the other capture ran when this passed, as far as the clocks are known. */
bool wt_pair_was_running(const struct wt_pair *p, unsigned capture, int64_t ns);
void wt_pair_messages(struct wt_pair *p); /* messages.c */

#endif
