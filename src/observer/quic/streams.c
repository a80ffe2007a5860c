#include "observer/quic/streams.h"

#include "base/memory.h"

#include <sys/random.h>

void wt_quic_streams_begin(struct wt_quic_streams *streams)
{
    if (getrandom(&streams->key, sizeof streams->key, GRND_NONBLOCK) != (ssize_t)sizeof streams->key)
        streams->key = (uint64_t)(uintptr_t)streams;
    streams->key |= 1;
}

static struct wt_quic_stream **bucket_of(struct wt_quic_streams *streams, uint64_t id)
{
    return &streams->buckets[(id * streams->key) >> 56];
}

static void forget(struct wt_quic_streams *streams, struct wt_quic_stream *s)
{
    struct wt_quic_stream **at = bucket_of(streams, s->id);
    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    *(s->before ? &s->before->after : &streams->oldest) = s->after;
    *(s->after ? &s->after->before : &streams->newest) = s->before;
    for (unsigned side = 0; side < 2; side++) {
        streams->held -= s->half[side].pieces.held;
        wt_pieces_clear(&s->half[side].pieces);
    }
    streams->open--;
    free(s);
}

void wt_quic_streams_clear(struct wt_quic_streams *streams)
{
    while (streams->oldest)
        forget(streams, streams->oldest);
}

/* --- which are over ---
 *
 * RFC 9000, 2.1: streams of a type are opened in order, and most end nearly so: a few ranges tell all. */

static struct wt_quic_stream_range *ranges_of(struct wt_quic_streams *streams, uint64_t id, uint16_t **count)
{
    *count = &streams->closed_count[id & 3];
    return streams->closed[id & 3];
}

static bool is_closed(struct wt_quic_streams *streams, uint64_t id)
{
    uint16_t *count;
    const struct wt_quic_stream_range *r = ranges_of(streams, id, &count);
    for (size_t i = *count; i-- > 0;)
        if (id >> 2 >= r[i].first)
            return id >> 2 < r[i].end;
    return false;
}

static void take_out(struct wt_quic_stream_range *r, uint16_t *count, size_t i)
{
    memmove(&r[i], &r[i + 1], (*count - i - 1) * sizeof *r);
    --*count;
}

/* Where there are too many ranges the two lowest become one: what was not over between them is not read any more. */
static void note_closed(struct wt_quic_streams *streams, uint64_t id)
{
    uint16_t *count;
    struct wt_quic_stream_range *r = ranges_of(streams, id, &count);
    const uint64_t number = id >> 2;
    size_t i = *count;
    while (i > 0 && r[i - 1].first > number)
        i--;
    if (i > 0 && number <= r[i - 1].end) {
        r[i - 1].end = number < r[i - 1].end ? r[i - 1].end : number + 1;
        i--;
    } else {
        if (*count == WT_LIMIT_QUIC_STREAM_RANGES) {
            r[0].end = r[1].end;
            take_out(r, count, 1);
            if (i < 2) { /* it was lower than what has become one, or within it */
                r[0].first = number < r[0].first ? number : r[0].first;
                return;
            }
            i--;
        }
        memmove(&r[i + 1], &r[i], (*count - i) * sizeof *r);
        r[i] = (struct wt_quic_stream_range){number, number + 1};
        ++*count;
    }
    if (i + 1u < *count && r[i + 1].first <= r[i].end) {
        r[i].end = r[i + 1].end > r[i].end ? r[i + 1].end : r[i].end;
        take_out(r, count, i + 1);
    }
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

struct wt_quic_stream *wt_quic_streams_find(struct wt_quic_streams *streams, uint64_t id, bool *full)
{
    struct wt_quic_stream **at = bucket_of(streams, id), *s = *at;
    *full = false;
    while (s && s->id != id)
        s = s->chain;
    if (s || is_closed(streams, id))
        return s;
    s = streams->open < WT_LIMIT_QUIC_STREAMS ? wt_calloc(1, sizeof *s) : NULL;
    if (!s) {
        *full = true;
        return NULL;
    }
    s->id = id;
    s->chain = *at;
    *at = s;
    s->before = streams->newest;
    *(s->before ? &s->before->after : &streams->oldest) = s;
    streams->newest = s;
    streams->open++;
    return s;
}

/* 0x02 of an id says that only its opener sends, 0x01 that this is the server (RFC 9000, 2.1). */
static bool has_half(const struct wt_quic_stream *s, unsigned side)
{
    return !(s->id & 2) || (s->id & 1) == side;
}

void wt_quic_streams_close(struct wt_quic_streams *streams, struct wt_quic_stream *s)
{
    for (unsigned side = 0; side < 2; side++)
        if (has_half(s, side) && !s->half[side].over)
            return;
    note_closed(streams, s->id);
    forget(streams, s);
}

bool wt_quic_streams_is_complete(const struct wt_quic_stream *s, unsigned side)
{
    const struct wt_quic_stream_half *half = &s->half[side];
    return half->has_final && half->pieces.next >= half->final;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

struct telling {
    wt_quic_streams_sink *sink;
    void *context;
    const struct wt_quic_stream *s;
    uint64_t lost;
};

static void tell(void *context, uint64_t at, struct wt_span bytes)
{
    struct telling *t = context;
    const uint64_t lost = t->lost;
    t->lost = 0;
    t->sink(t->context, t->s, at, lost, bytes);
}

static void skip_to(struct wt_quic_streams *streams, struct wt_quic_stream *s, unsigned side, uint64_t at,
                    struct telling *t)
{
    struct wt_pieces *pieces = &s->half[side].pieces;
    const size_t held = pieces->held;
    t->lost = at - pieces->next;
    wt_pieces_skip(pieces, at, tell, t);
    streams->held -= held - pieces->held;
    if (t->lost)
        tell(t, at, (struct wt_span){0});
}

bool wt_quic_streams_give_up(struct wt_quic_streams *streams, struct wt_quic_stream *s, unsigned side,
                             wt_quic_streams_sink *sink, void *context)
{
    struct wt_pieces *pieces = &s->half[side].pieces;
    struct telling t = {sink, context, s, 0};
    if (!pieces->count)
        return false;
    skip_to(streams, s, side, pieces->early[0].at, &t);
    return true;
}

void wt_quic_streams_feed(struct wt_quic_streams *streams, struct wt_quic_stream *s, unsigned side, uint64_t offset,
                          struct wt_span bytes, wt_quic_streams_sink *sink, void *context)
{
    struct wt_pieces *pieces = &s->half[side].pieces;
    struct telling t = {sink, context, s, 0};
    for (;;) {
        const size_t held = pieces->held;
        const struct wt_pieces_limits limits = {.count = WT_LIMIT_QUIC_STREAM_PIECES,
                                                .bytes = held + (WT_LIMIT_QUIC_STREAM_BYTES - streams->held),
                                                .ahead = UINT64_MAX};
        const enum wt_pieces_fed fed = wt_pieces_feed(pieces, offset, bytes, &limits, tell, &t);
        streams->held = streams->held - held + pieces->held;
        if (fed != WT_PIECES_FULL && fed != WT_PIECES_MEMORY)
            return;
        /* each turn goes on by at least a byte that was not there before, and with the last one nothing is missing */
        skip_to(streams, s, side, pieces->count && pieces->early[0].at < offset ? pieces->early[0].at : offset, &t);
    }
}
