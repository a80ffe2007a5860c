#include "base/recent.h"

#include "base/memory.h"

struct node {
    uint64_t key;
    uint32_t next;         /* of the same bucket */
    uint32_t older, newer; /* by last use */
};

struct wt_recent {
    struct node *nodes;
    uint32_t *buckets; /* first node of each */
    uint32_t most, count, mask;
    uint32_t places; /* nodes that there are by now: all of `most` before the first key makes room */
    uint32_t oldest, newest;
    bool asked, forgets;
    uint64_t *forgotten; /* bits of the keys that made room; NULL: none did, or there was no memory */
};

/* For each place so many bits, of which so many are set by a key: the larger the first, the later all are set. */
enum { BITS = 128, SET = 8, LEAST = 64 };

static uint32_t *bucket_of(const struct wt_recent *r, uint64_t key)
{
    return &r->buckets[(key ^ key >> 32) & r->mask];
}

/* Into its bucket. */
static void put(struct wt_recent *r, uint32_t i)
{
    uint32_t *const bucket = bucket_of(r, r->nodes[i].key);
    r->nodes[i].next = *bucket;
    *bucket = i;
}

/* So many nodes, and buckets for them; false without memory: all stays as it is. */
static bool grow(struct wt_recent *r, uint32_t places)
{
    uint32_t size = 1;
    while (size < places)
        size *= 2;
    struct node *nodes = wt_reallocarray(r->nodes, places, sizeof *nodes);
    r->nodes = nodes ? nodes : r->nodes;
    uint32_t *buckets = nodes ? wt_malloc(size * sizeof *buckets) : NULL;
    if (!buckets)
        return false;
    memset(buckets, 0xff, size * sizeof *buckets);
    free(r->buckets);
    r->buckets = buckets;
    r->mask = size - 1;
    r->places = places;
    for (uint32_t i = 0; i < r->count; i++)
        put(r, i);
    return true;
}

struct wt_recent *wt_recent_new(uint32_t most)
{
    struct wt_recent *r = wt_calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->most = most;
    r->oldest = r->newest = WT_RECENT_NONE;
    if (!grow(r, most < LEAST ? most : LEAST)) {
        wt_recent_free(r);
        return NULL;
    }
    return r;
}

void wt_recent_free(struct wt_recent *r)
{
    if (!r)
        return;
    free(r->nodes);
    free(r->buckets);
    free(r->forgotten);
    free(r);
}

uint32_t wt_recent_count(const struct wt_recent *r)
{
    return r ? r->count : 0;
}

bool wt_recent_ensure(struct wt_recent **recent, uint32_t most)
{
    if (!*recent)
        *recent = wt_recent_new(most);
    return *recent;
}

bool wt_recent_ensure_asked(struct wt_recent **recent, uint32_t most)
{
    if (!wt_recent_ensure(recent, most))
        return false;
    (*recent)->asked = true;
    return true;
}

/* The i-th bit of a key: the word's index, and which of its bits. Each i mixes anew (as splitmix64 does): bits that
 * follow from each other would be in common by more than chance. */
static uint64_t bit_of(const struct wt_recent *r, uint64_t key, unsigned i, size_t *word)
{
    uint64_t at = key + (i + 1) * 0x9e3779b97f4a7c15;
    at = (at ^ at >> 30) * 0xbf58476d1ce4e5b9;
    at = (at ^ at >> 27) * 0x94d049bb133111eb;
    at ^= at >> 31;
    *word = (size_t)(at >> 6 & (((uint64_t)r->mask + 1) * (BITS / 64) - 1)); /* as many words as a power of two */
    return (uint64_t)1 << at % 64;
}

static void forget(struct wt_recent *r, uint64_t key)
{
    if (!r->asked)
        return;
    if (!r->forgets)
        r->forgotten = wt_calloc(((size_t)r->mask + 1) * BITS / 64, sizeof *r->forgotten);
    r->forgets = true;
    for (unsigned i = 0; r->forgotten && i < SET; i++) {
        size_t word;
        const uint64_t bit = bit_of(r, key, i, &word);
        r->forgotten[word] |= bit;
    }
}

bool wt_recent_forgot(const struct wt_recent *r, uint64_t key)
{
    if (!r || !r->forgets)
        return false;
    for (unsigned i = 0; r->forgotten && i < SET; i++) {
        size_t word;
        const uint64_t bit = bit_of(r, key, i, &word);
        if (!(r->forgotten[word] & bit))
            return false;
    }
    return true;
}

uint32_t wt_recent_find(const struct wt_recent *r, uint64_t key)
{
    uint32_t i = r ? *bucket_of(r, key) : WT_RECENT_NONE;
    while (i != WT_RECENT_NONE && r->nodes[i].key != key)
        i = r->nodes[i].next;
    return i;
}

/* Out of the order of use. */
static void take_out(struct wt_recent *r, uint32_t i)
{
    const struct node *n = &r->nodes[i];
    *(n->older == WT_RECENT_NONE ? &r->oldest : &r->nodes[n->older].newer) = n->newer;
    *(n->newer == WT_RECENT_NONE ? &r->newest : &r->nodes[n->newer].older) = n->older;
}

static void put_last(struct wt_recent *r, uint32_t i)
{
    r->nodes[i].older = r->newest;
    r->nodes[i].newer = WT_RECENT_NONE;
    *(r->newest == WT_RECENT_NONE ? &r->oldest : &r->nodes[r->newest].newer) = i;
    r->newest = i;
}

/* Whose key is forgotten, if all are in use. */
static uint32_t room(struct wt_recent *r)
{
    if (r->count == r->places && r->places < r->most && !grow(r, r->places > r->most / 2 ? r->most : 2 * r->places))
        r->most = r->places; /* without memory there are no more */
    if (r->count < r->places)
        return r->count++;
    const uint32_t i = r->oldest;
    forget(r, r->nodes[i].key);
    uint32_t *link = bucket_of(r, r->nodes[i].key);
    while (*link != i)
        link = &r->nodes[*link].next;
    *link = r->nodes[i].next;
    take_out(r, i);
    return i;
}

uint32_t wt_recent_take(struct wt_recent *r, uint64_t key, bool *is_new)
{
    uint32_t i = wt_recent_find(r, key);
    *is_new = i == WT_RECENT_NONE;
    if (!*is_new) {
        take_out(r, i);
    } else {
        i = room(r);
        r->nodes[i].key = key;
        put(r, i);
    }
    put_last(r, i);
    return i;
}
