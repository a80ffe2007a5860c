#include "carriage/pieces.h"

#include "base/memory.h"

#include <stdlib.h>

static uint64_t end_of(const struct wt_piece *piece)
{
    return piece->at + piece->n;
}

static void take_out(struct wt_pieces *p, uint32_t i)
{
    p->held -= p->early[i].n;
    free(p->early[i].bytes);
    p->count--;
    memmove(&p->early[i], &p->early[i + 1], (p->count - i) * sizeof *p->early);
}

/* The first early piece that ends behind `at`: the one to compare with, or the next after a gap. */
static uint32_t find(const struct wt_pieces *p, uint64_t at)
{
    uint32_t low = 0, high = p->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (end_of(&p->early[middle]) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool make_room(struct wt_pieces *p)
{
    if (p->early && p->count < p->cap)
        return true;
    const uint32_t cap = p->cap ? 2 * p->cap : 4;
    struct wt_piece *grown = wt_reallocarray(p->early, cap, sizeof *grown);
    if (!grown)
        return false;
    p->early = grown;
    p->cap = cap;
    return true;
}

static enum wt_pieces_fed keep(struct wt_pieces *p, uint32_t i, uint64_t at, struct wt_span bytes,
                               const struct wt_pieces_limits *limits)
{
    if (p->count >= limits->count || bytes.n > limits->bytes - p->held || at - p->next > limits->ahead)
        return WT_PIECES_FULL;
    uint8_t *copy = make_room(p) ? wt_malloc(bytes.n) : NULL;
    if (!copy)
        return WT_PIECES_MEMORY;
    memcpy(copy, bytes.p, bytes.n);
    memmove(&p->early[i + 1], &p->early[i], (p->count - i) * sizeof *p->early);
    p->early[i] = (struct wt_piece){at, bytes.n, copy};
    p->count++;
    p->held += bytes.n;
    return WT_PIECES_TAKEN;
}

/* Early pieces whose turn it is, as far as they end at `end` or before. */
static void drain(struct wt_pieces *p, uint64_t end, wt_pieces_sink *sink, void *context)
{
    while (p->count && p->early[0].at == p->next && end_of(&p->early[0]) <= end) {
        const struct wt_piece piece = p->early[0];
        p->next += piece.n;
        sink(context, piece.at, wt_span_of(piece.bytes, piece.n));
        take_out(p, 0);
    }
}

/* The worse of two. */
static enum wt_pieces_fed both(enum wt_pieces_fed a, enum wt_pieces_fed b)
{
    if (a == WT_PIECES_KNOWN || b == WT_PIECES_KNOWN)
        return a == WT_PIECES_KNOWN ? b : a;
    return a > b ? a : b;
}

enum wt_pieces_fed wt_pieces_feed(struct wt_pieces *p, uint64_t at, struct wt_span bytes,
                                  const struct wt_pieces_limits *limits, wt_pieces_sink *sink, void *context)
{
    enum wt_pieces_fed fed = WT_PIECES_KNOWN;
    if (at < p->next) {
        bytes = wt_span_cut(bytes, p->next - at < bytes.n ? (size_t)(p->next - at) : bytes.n, SIZE_MAX);
        at = p->next;
    }
    while (bytes.p && bytes.n) {
        const uint32_t i = find(p, at);
        const struct wt_piece *early = i < p->count ? &p->early[i] : NULL;
        size_t part = bytes.n;
        if (early && early->at <= at) { /* we have these */
            part = end_of(early) - at < part ? (size_t)(end_of(early) - at) : part;
            p->differs = p->differs || memcmp(early->bytes + (at - early->at), bytes.p, part) != 0;
        } else {
            part = early && early->at - at < part ? (size_t)(early->at - at) : part;
            if (at == p->next) {
                p->next += part;
                sink(context, at, wt_span_of(bytes.p, part));
                fed = both(fed, WT_PIECES_TAKEN);
            } else {
                fed = both(fed, keep(p, i, at, wt_span_of(bytes.p, part), limits));
            }
        }
        at += part;
        bytes = wt_span_of(bytes.p + part, bytes.n - part);
        drain(p, at, sink, context); /* what was compared to its end */
    }
    drain(p, UINT64_MAX, sink, context);
    return fed;
}

void wt_pieces_skip(struct wt_pieces *p, uint64_t at, wt_pieces_sink *sink, void *context)
{
    if (at <= p->next)
        return;
    while (p->count && p->early[0].at < at && end_of(&p->early[0]) <= at)
        take_out(p, 0);
    p->next = at;
    if (p->count && p->early[0].at < at) { /* of which the end is behind the gap */
        const struct wt_piece piece = p->early[0];
        p->next = end_of(&piece);
        sink(context, at, wt_span_cut(wt_span_of(piece.bytes, piece.n), (size_t)(at - piece.at), SIZE_MAX));
        take_out(p, 0);
    }
    drain(p, UINT64_MAX, sink, context);
}

void wt_pieces_clear(struct wt_pieces *p)
{
    while (p->count)
        take_out(p, p->count - 1);
    free(p->early);
    *p = (struct wt_pieces){0};
}
