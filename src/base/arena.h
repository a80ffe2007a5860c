/* A bump allocator: many small things of one life, freed whole. Memory is zeroed and aligned for any scalar. */
#ifndef WT_BASE_ARENA_H
#define WT_BASE_ARENA_H

#include "base/pool.h"
#include "base/span.h"

struct wt_arena_block;

/* All zero is an empty arena without a limit. */
struct wt_arena {
    struct wt_arena_block *last;
    struct wt_pool *pool; /* where its blocks come from; NULL: the system */
    size_t used;    /* bytes held from the system */
    uint32_t limit; /* bytes that `used` may reach; 0 for none */
    uint16_t first; /* bytes of the first block; 0 for a default of 496 */
    bool refused;   /* an allocation hit the limit or the system: say so in the output */
};

/* NULL when the limit or the system refuses. */
void *wt_arena_alloc(struct wt_arena *a, size_t n);
/* A copy of the bytes, with a NUL behind them that does not count; {NULL, 0} when refused. */
struct wt_span wt_arena_copy(struct wt_arena *a, struct wt_span s);
void wt_arena_free(struct wt_arena *a);
/* The same for an arena that held secrets: its bytes are overwritten first. */
void wt_arena_wipe(struct wt_arena *a);

#endif
