#include "base/arena.h"

enum { ALIGN = 16, FIRST = 496, MOST = 64 * 1024 };

/* Blocks grow with the arena, so that a connection that keeps little costs little. */
struct wt_arena_block {
    struct wt_arena_block *before;
    size_t n, cap;
};

static size_t align(size_t n)
{
    return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct wt_arena_block *grow(struct wt_arena *a, size_t n)
{
    size_t head = align(sizeof(struct wt_arena_block));
    size_t cap = a->last ? 2 * a->last->cap : a->first ? a->first : FIRST;
    if (cap > MOST)
        cap = MOST;
    if (cap < n)
        cap = n;
    if (a->limit && a->used + head + cap > a->limit) {
        cap = n;
        if (a->used + head + cap > a->limit)
            return NULL;
    }
    struct wt_arena_block *b = wt_pool_take(a->pool, head + cap);
    if (!b)
        return NULL;
    *b = (struct wt_arena_block){a->last, 0, cap};
    a->last = b;
    a->used += head + cap;
    return b;
}

/* n bytes with whatever is in them; n is no more than SIZE_MAX / 4. */
static uint8_t *take(struct wt_arena *a, size_t n)
{
    struct wt_arena_block *b = a->last;
    n = align(n);
    if (!b || b->cap - b->n < n)
        b = grow(a, n);
    if (!b) {
        a->refused = true;
        return NULL;
    }
    uint8_t *p = (uint8_t *)b + align(sizeof *b) + b->n;
    b->n += n;
    return p;
}

static bool is_too_much(struct wt_arena *a, size_t n)
{
    a->refused |= n > SIZE_MAX / 4;
    return n > SIZE_MAX / 4;
}

void *wt_arena_alloc(struct wt_arena *a, size_t n)
{
    uint8_t *p = is_too_much(a, n) ? NULL : take(a, n ? n : 1);
    return p ? memset(p, 0, n) : NULL;
}

struct wt_span wt_arena_copy(struct wt_arena *a, struct wt_span s)
{
    uint8_t *p = is_too_much(a, s.n) ? NULL : take(a, s.n + 1);
    if (!p)
        return (struct wt_span){0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct wt_span){p, s.n};
}

void wt_arena_free(struct wt_arena *a)
{
    for (struct wt_arena_block *b = a->last, *before; b; b = before) {
        before = b->before;
        wt_pool_give(a->pool, b, align(sizeof *b) + b->cap);
    }
    a->last = NULL;
    a->used = 0;
}

void wt_arena_wipe(struct wt_arena *a)
{
    for (struct wt_arena_block *b = a->last; b; b = b->before)
        explicit_bzero((uint8_t *)b + align(sizeof *b), b->n);
    wt_arena_free(a);
}
