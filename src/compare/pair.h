/* A pair of conversations as it is compared: captures 0 and 1, directions by enum wt_side. */
#ifndef WT_COMPARE_PAIR_H
#define WT_COMPARE_PAIR_H

#include "compare/compare.h"

/* The kinds of differences. */
enum wt_difference {
#define DIFFERENCE(ident, id, severity, directed) WT_DIFFERENCE_##ident,
#include "compare/differences.def"
#undef DIFFERENCE
    WT_DIFFERENCES
};

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

/* Both captures' sequence numbers are put to the same byte. */
void wt_pair_align(struct wt_pair *p);
/* Fills `mate` of the segments; then those that only one capture saw. */
void wt_pair_match(struct wt_pair *p);
void wt_pair_segments(struct wt_pair *p);
/* How often a capture saw the byte at an offset pass. */
unsigned wt_pair_times_seen(const struct wt_pair *p, unsigned capture, unsigned side, int64_t offset);
/* Whether the other capture ran when this passed, as far as the clocks are known. */
bool wt_pair_was_running(const struct wt_pair *p, unsigned capture, int64_t ns);
void wt_pair_times(struct wt_pair *p);
/* Other bytes and missing ones. */
void wt_pair_streams(struct wt_pair *p);
void wt_pair_messages(struct wt_pair *p);

#endif
