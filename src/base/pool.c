#include "base/pool.h"

bool wt_pool_keep(struct wt_pool *pool, void *block, size_t steps)
{
    /* a sanitizer sees what is used after it was given back only if the system has it back */
    if (WT_SANITIZED || pool->bytes + steps * WT_POOL_STEP > pool->most)
        return false;
    memcpy(block, &pool->first[steps], sizeof pool->first[steps]);
    pool->first[steps] = block;
    pool->bytes += steps * WT_POOL_STEP;
    return true;
}

void wt_pool_free(struct wt_pool *pool)
{
    for (size_t i = 0; i < sizeof pool->first / sizeof *pool->first; i++)
        for (void *block = pool->first[i], *next; block; block = next) {
            memcpy(&next, block, sizeof next);
            free(block);
        }
    *pool = (struct wt_pool){.most = pool->most};
}
