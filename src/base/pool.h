/* Blocks that come and go with each connection, kept for the next one: taking one back costs a tenth of what the
 * system's allocator takes. Sizes are the caller's to remember. What is in a block when it is given back stays in it:
 * secrets are wiped before. */
#ifndef WT_BASE_POOL_H
#define WT_BASE_POOL_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { WT_POOL_STEP = 32, WT_POOL_MOST = 4096 }; /* bytes; larger blocks are the system's each time */

/* All zero but for `most` is an empty pool. One thread at a time. */
struct wt_pool {
    void *first[WT_POOL_MOST / WT_POOL_STEP + 1]; /* by size; each block points to the next */
    size_t bytes, most;                           /* in all of them, and how many there may be */
};

/* Gives up what is kept. */
void wt_pool_free(struct wt_pool *pool);

/* Keeps a block for the next of its size; false: there is no room, it is the caller's still. */
bool wt_pool_keep(struct wt_pool *pool, void *block, size_t steps);

/* A block of n bytes, not zeroed, for wt_pool_give() with the same pool and n; NULL when the system gives no memory.
 * `pool` may be NULL: then it is malloc() and free(). */
static inline void *wt_pool_take(struct wt_pool *pool, size_t n)
{
    if (!pool || n > WT_POOL_MOST)
        return wt_malloc(n);
    const size_t steps = (n + WT_POOL_STEP - 1) / WT_POOL_STEP;
    void *block = pool->first[steps];
    if (!block)
        return wt_malloc(steps ? steps * WT_POOL_STEP : 1);
    memcpy(&pool->first[steps], block, sizeof pool->first[steps]);
    pool->bytes -= steps * WT_POOL_STEP;
    return block;
}

static inline void *wt_pool_take_zeroed(struct wt_pool *pool, size_t n)
{
    void *block = wt_pool_take(pool, n);
    return block ? memset(block, 0, n) : NULL;
}

static inline void wt_pool_give(struct wt_pool *pool, void *block, size_t n)
{
    const size_t steps = (n + WT_POOL_STEP - 1) / WT_POOL_STEP;
    if (block && !(pool && n && n <= WT_POOL_MOST && wt_pool_keep(pool, block, steps)))
        free(block);
}

#endif
