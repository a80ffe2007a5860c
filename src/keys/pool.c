#include "keys/pool.h"

#include "base/array.h"
#include "base/memory.h"
#include "crypto/library.h"
#include "registry/limits.h"

#include <stdlib.h>

/* Entries and secrets are named by where they lie, counted in UNITs over all blocks: half of what a pointer costs. */
enum { UNIT = 4, BLOCK = 1 << 18, BLOCK_UNITS = BLOCK / UNIT, FIRST_SLOTS = 64, BY_MOST = 32 };
_Static_assert(WT_LIMIT_KEYLOG_BYTES / UNIT <= UINT32_MAX, "places have 32 bits");

struct entry {
    uint32_t first; /* its newest secret; 0: none, or wiped */
    uint8_t kind : 7;
    uint8_t asked : 1; /* for this a connection has asked */
    uint8_t n;
    uint16_t minute; /* when it was added or asked for, modulo 2^16 */
    uint8_t by[];
};

struct item {
    uint32_t next; /* the secret before it, 0 for none */
    uint16_t n;
    uint8_t label, source;
    uint8_t bytes[];
};

static void *place(const struct wt_pool *s, uint32_t at)
{
    return s->blocks[at / BLOCK_UNITS] + at % BLOCK_UNITS * (size_t)UNIT;
}

size_t wt_pool_bytes(const struct wt_pool *s)
{
    return s->block_count * BLOCK + s->size * sizeof *s->slots + s->block_cap * sizeof *s->blocks;
}

static bool add_block(struct wt_pool *s)
{
    if (wt_pool_bytes(s) + BLOCK > WT_LIMIT_KEYLOG_BYTES)
        return false;
    if (!wt_array_grow(&s->blocks, s->block_count, &s->block_cap, sizeof *s->blocks, 8))
        return false;
    uint8_t *block = wt_malloc(BLOCK);
    if (!block)
        return false;
    s->blocks[s->block_count++] = block;
    s->filled = s->block_count == 1 ? UNIT : 0; /* place 0 means none */
    return true;
}

/* Room for n bytes; 0 when refused. */
static uint32_t room(struct wt_pool *s, size_t n)
{
    n = (n + UNIT - 1) / UNIT * UNIT;
    if ((!s->block_count || BLOCK - s->filled < n) && !add_block(s))
        return 0;
    size_t at = (s->block_count - 1) * BLOCK_UNITS + s->filled / UNIT;
    s->filled += n;
    return (uint32_t)at;
}

static uint32_t hash_of(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by)
{
    return (uint32_t)(wt_siphash(&s->key, by) + kind);
}

static bool is(const struct wt_pool *s, uint32_t at, enum wt_secret_by kind, struct wt_span by)
{
    const struct entry *e = place(s, at);
    return e->kind == kind && e->n == by.n && memcmp(e->by, by.p, by.n) == 0;
}

/* The entry's slot, or the free one where it belongs. There is always a free one. */
static struct wt_pool_slot *slot_of(const struct wt_pool *s, uint32_t hash, enum wt_secret_by kind, struct wt_span by)
{
    size_t i = hash & (s->size - 1);
    while (s->slots[i].at && (s->slots[i].hash != hash || !is(s, s->slots[i].at, kind, by)))
        i = (i + 1) & (s->size - 1);
    return &s->slots[i];
}

static uint32_t entry_of(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by)
{
    return s->size ? slot_of(s, hash_of(s, kind, by), kind, by)->at : 0;
}

/* Slots hold no secrets: they need no wiping. At most three quarters of them are taken. */
static bool grow(struct wt_pool *s)
{
    if (s->used < s->size / 4 * 3)
        return true;
    size_t size = s->size ? 2 * s->size : FIRST_SLOTS;
    if (wt_pool_bytes(s) + size * sizeof *s->slots > WT_LIMIT_KEYLOG_BYTES)
        return false;
    struct wt_pool_slot *slots = wt_calloc(size, sizeof *slots);
    if (!slots)
        return false;
    for (size_t old = 0; old < s->size; old++) {
        size_t i = s->slots[old].hash & (size - 1);
        if (!s->slots[old].at)
            continue;
        while (slots[i].at)
            i = (i + 1) & (size - 1);
        slots[i] = s->slots[old];
    }
    free(s->slots);
    s->slots = slots;
    s->size = size;
    return true;
}

static uint32_t make_entry(struct wt_pool *s, enum wt_secret_by kind, struct wt_span by)
{
    if (!grow(s))
        return 0;
    uint32_t hash = hash_of(s, kind, by), at;
    struct wt_pool_slot *slot = slot_of(s, hash, kind, by);
    if (slot->at)
        return slot->at;
    if (!(at = room(s, sizeof(struct entry) + by.n)))
        return 0;
    struct entry *e = place(s, at);
    *e = (struct entry){.kind = kind & 0x7f, .n = (uint8_t)by.n, .minute = s->minute};
    memcpy(e->by, by.p, by.n);
    *slot = (struct wt_pool_slot){hash, at};
    s->used++;
    s->randoms += kind == WT_BY_RANDOM;
    return at;
}

static const struct item *item_of(const struct wt_pool *s, uint32_t entry, uint8_t label)
{
    const struct entry *e = place(s, entry);
    for (uint32_t at = e->first; at;) {
        const struct item *item = place(s, at);
        if (item->label == label)
            return item;
        at = item->next;
    }
    return NULL;
}

enum wt_pool_added wt_pool_add(struct wt_pool *s, enum wt_secret_by kind, struct wt_span by, uint8_t label,
                               uint8_t source, struct wt_span secret)
{
    if (!by.n || by.n > BY_MOST || secret.n > WT_LIMIT_KEYLOG_LINE)
        return WT_ADDED_REFUSED;
    uint32_t entry = s->last && is(s, s->last, kind, by) ? s->last : make_entry(s, kind, by);
    if (!entry)
        return WT_ADDED_REFUSED;
    s->last = entry;
    const struct item *old = item_of(s, entry, label);
    if (old)
        return wt_span_equal(wt_span_of(old->bytes, old->n), secret) ? WT_ADDED_SAME : WT_ADDED_OTHER;
    uint32_t at = room(s, sizeof(struct item) + secret.n);
    if (!at)
        return WT_ADDED_REFUSED;
    struct entry *e = place(s, entry);
    struct item *item = place(s, at);
    *item = (struct item){.next = e->first, .n = (uint16_t)secret.n, .label = label, .source = source};
    if (secret.n)
        memcpy(item->bytes, secret.p, secret.n);
    e->first = at;
    e->minute = s->minute;
    s->count++;
    return WT_ADDED;
}

bool wt_pool_find(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by, uint8_t label, uint8_t *source,
                  struct wt_span *secret)
{
    uint32_t entry = entry_of(s, kind, by);
    const struct item *item = entry ? item_of(s, entry, label) : NULL;
    if (!item)
        return false;
    struct entry *e = place(s, entry);
    e->asked = true;
    e->minute = s->minute;
    *source = item->source;
    *secret = wt_span_of(item->bytes, item->n);
    return true;
}

bool wt_pool_has(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by)
{
    uint32_t at = entry_of(s, kind, by);
    return at && ((const struct entry *)place(s, at))->first; // refused secrets leave an entry without any
}

static void free_blocks(const struct wt_pool *s)
{
    for (size_t i = 0; i < s->block_count; i++) {
        wt_wipe(s->blocks[i], i + 1 < s->block_count ? BLOCK : s->filled);
        free(s->blocks[i]);
    }
    free(s->blocks);
    free(s->slots);
}

void wt_pool_clear(struct wt_pool *s)
{
    free_blocks(s);
    *s = (struct wt_pool){0};
}

/* --- secrets that nobody needs any more --------------------------------------------------------------------------- */

static void wipe_secrets(struct wt_pool *s, struct entry *e)
{
    for (uint32_t at = e->first, next; at; at = next) {
        struct item *item = place(s, at);
        next = item->next;
        wt_wipe(item->bytes, item->n);
    }
    s->wiped += e->first != 0;
    e->first = 0;
}

void wt_pool_forget(struct wt_pool *s, enum wt_secret_by kind, struct wt_span by)
{
    const uint32_t entry = entry_of(s, kind, by);
    if (entry)
        wipe_secrets(s, place(s, entry));
}

static bool is_old(const struct wt_pool *s, const struct entry *e)
{
    const uint16_t age = (uint16_t)(s->minute - e->minute);
    const bool may_return = e->asked || e->kind == WT_BY_SESSION;
    return age >= (may_return ? WT_LIMIT_SECRET_ASKED_MINUTES : WT_LIMIT_SECRET_MINUTES);
}

static bool copy_entry(struct wt_pool *to, const struct wt_pool *from, const struct entry *e)
{
    const struct wt_span by = wt_span_of(e->by, e->n);
    for (uint32_t at = e->first; at;) {
        const struct item *item = place(from, at);
        if (wt_pool_add(to, (enum wt_secret_by)e->kind, by, item->label, item->source,
                        wt_span_of(item->bytes, item->n)) == WT_ADDED_REFUSED)
            return false;
        at = item->next;
    }
    struct entry *copy = place(to, to->last);
    copy->asked = e->asked;
    copy->minute = e->minute;
    return true;
}

/* Into blocks of their own, so that the others' room is there again. Without memory for it all stays where it is. */
static void gather(struct wt_pool *s)
{
    struct wt_pool kept = {.key = s->key, .minute = s->minute};
    bool ok = true;
    for (size_t i = 0; ok && i < s->size; i++) {
        const struct entry *e = s->slots[i].at ? place(s, s->slots[i].at) : NULL;
        ok = !e || !e->first || copy_entry(&kept, s, e);
    }
    if (!ok) {
        free_blocks(&kept);
        return;
    }
    kept.count = s->count;
    kept.randoms = s->randoms;
    free_blocks(s);
    *s = kept;
}

void wt_pool_expire(struct wt_pool *s, uint16_t minute)
{
    s->minute = minute;
    for (size_t i = 0; i < s->size; i++) {
        struct entry *e = s->slots[i].at ? place(s, s->slots[i].at) : NULL;
        if (e && e->first && is_old(s, e))
            wipe_secrets(s, e);
    }
    if (s->wiped > s->used / 2)
        gather(s);
}
