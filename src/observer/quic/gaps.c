#include "observer/quic/gaps.h"

#include "base/array.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { ONE_BY_ONE = 64 };

void wt_quic_gaps_add(struct wt_quic_gaps *gaps, const struct wt_quic_gap *gap)
{
    enum { LEAST = 2 };
    if (gap->last - gap->first < ONE_BY_ONE &&
        wt_array_grow_within(&gaps->list, gaps->count, &gaps->room, sizeof *gaps->list, LEAST, WT_LIMIT_QUIC_GAPS))
        gaps->list[gaps->count++] = *gap;
}

static bool is_of(const struct wt_quic_gap *g, unsigned from, unsigned space)
{
    return g->from == from && g->space == space;
}

void wt_quic_gaps_came(struct wt_quic_gaps *gaps, unsigned from, unsigned space, uint64_t number)
{
    for (size_t i = gaps->count; i-- > 0;) {
        struct wt_quic_gap *g = &gaps->list[i];
        if (is_of(g, from, space) && number >= g->first && number <= g->last)
            g->came |= (uint64_t)1 << (number - g->first);
    }
}

static uint64_t bits(uint64_t from, uint64_t to)
{
    const uint64_t n = to - from + 1;
    return (n < ONE_BY_ONE ? ((uint64_t)1 << n) - 1 : UINT64_MAX) << from;
}

void wt_quic_gaps_acknowledged(struct wt_quic_gaps *gaps, unsigned from, unsigned space, struct wt_quic_numbers_range r)
{
    for (size_t i = gaps->count; i-- > 0;) {
        struct wt_quic_gap *g = &gaps->list[i];
        if (is_of(g, from, space) && r.first <= g->last && r.last >= g->first)
            g->acknowledged |=
                bits(r.first > g->first ? r.first - g->first : 0, (r.last < g->last ? r.last : g->last) - g->first);
    }
}

struct wt_quic_gap *wt_quic_gaps_between(struct wt_quic_gaps *gaps, unsigned from, unsigned space, uint64_t before,
                                         uint64_t behind)
{
    for (size_t i = gaps->count; i-- > 0;) {
        struct wt_quic_gap *g = &gaps->list[i];
        if (is_of(g, from, space) && g->first > before && g->last < behind)
            return g;
    }
    return NULL;
}

unsigned wt_quic_gaps_missing(const struct wt_quic_gap *gap, unsigned *acknowledged)
{
    unsigned n = 0;
    *acknowledged = 0;
    for (uint64_t i = 0; i <= gap->last - gap->first; i++) {
        if (gap->came >> i & 1)
            continue;
        n++;
        *acknowledged += gap->acknowledged >> i & 1;
    }
    return n;
}

void wt_quic_gaps_turn(struct wt_quic_gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++)
        gaps->list[i].from = !gaps->list[i].from;
}

void wt_quic_gaps_clear(struct wt_quic_gaps *gaps)
{
    free(gaps->list);
    *gaps = (struct wt_quic_gaps){.list = NULL};
}
