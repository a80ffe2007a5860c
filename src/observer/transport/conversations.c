#include "observer/transport/conversations.h"

#include "base/array.h"
#include "base/fold.h"
#include "base/memory.h"

#include <stdlib.h>
#include <sys/random.h>

/* Slots of the open-addressing table: the hash beside the conversation's id, so that most misses end without touching a
 * conversation. An empty slot has NONE for an id, a deleted one GONE. */
#define NONE UINT32_MAX
#define GONE (UINT32_MAX - 1)

/* Conversations whose room is allocated at once. */
enum { BLOCK = 1024 };

struct slot {
    uint32_t hash;
    uint32_t id;
};

struct list {
    uint32_t first, last; /* ids; NONE: it is empty */
    uint32_t length;
};

struct wt_conversations {
    struct slot *slots;
    size_t mask, used;               /* used counts deleted ones too */
    struct wt_conversation **blocks; /* by id */
    size_t block_count, block_cap;
    uint32_t rooms; /* ids that were ever given */
    uint32_t free;  /* of the room that became free last, which names the one before in `after`; NONE: none is */
    uint32_t count; /* of all that ever were: the number of the next */
    struct list lists[WT_LISTS];
    struct wt_conversation *last; /* found or added last: packets of one conversation come in runs */
    uint32_t quoted;              /* conversations that ICMP errors are kept of */
    uint64_t key[2];              /* against chosen collisions */
};

static struct slot *empty_slots(size_t size)
{
    struct slot *slots = wt_calloc(size, sizeof *slots);
    for (size_t i = 0; slots && i < size; i++)
        slots[i].id = NONE;
    return slots;
}

static struct wt_conversation *room(const struct wt_conversations *t, uint32_t id)
{
    return &t->blocks[id / BLOCK][id % BLOCK];
}

struct wt_conversations *wt_conversations_new(void)
{
    struct wt_conversations *t = wt_calloc(1, sizeof *t);
    if (!t)
        return NULL;
    if (getrandom(t->key, sizeof t->key, GRND_NONBLOCK) != (ssize_t)sizeof t->key)
        t->key[0] = (uint64_t)(uintptr_t)t;
    t->free = NONE;
    for (unsigned i = 0; i < WT_LISTS; i++)
        t->lists[i] = (struct list){NONE, NONE, 0};
    t->mask = 255;
    t->slots = empty_slots(t->mask + 1);
    if (!t->slots) {
        free(t);
        return NULL;
    }
    return t;
}

void wt_conversations_free(struct wt_conversations *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; t->quoted && i < t->rooms; i++)
        wt_conversations_forget_icmp(t, room(t, i));
    for (size_t i = 0; i < t->block_count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->slots);
    free(t);
}

static uint64_t end_hash(const struct wt_conversations *t, const uint8_t ip[16], uint16_t port)
{
    uint64_t a, b;
    memcpy(&a, ip, 8);
    memcpy(&b, ip + 8, 8);
    return wt_fold(a ^ t->key[0], b ^ t->key[1] ^ (uint64_t)port << 17);
}

/* The same for both directions. */
static uint32_t hash_of(const struct wt_conversations *t, const struct wt_segment *s)
{
    uint64_t h = end_hash(t, s->source, s->source_port) + end_hash(t, s->target, s->target_port);
    h = wt_fold(h ^ t->key[1], 0x9e3779b97f4a7c15u);
    return (uint32_t)h;
}

static int direction_of(const struct wt_conversation *c, const struct wt_segment *s)
{
    if (c->port[0] == s->source_port && c->port[1] == s->target_port && memcmp(c->ip[0], s->source, 16) == 0 &&
        memcmp(c->ip[1], s->target, 16) == 0)
        return 0;
    if (c->port[1] == s->source_port && c->port[0] == s->target_port && memcmp(c->ip[1], s->source, 16) == 0 &&
        memcmp(c->ip[0], s->target, 16) == 0)
        return 1;
    return -1;
}

/* The slot of the segment's conversation, or the empty one where it would stand. */
static struct slot *slot_of(struct wt_conversations *t, const struct wt_segment *s, uint32_t hash, int *direction)
{
    for (size_t i = hash & t->mask;; i = (i + 1) & t->mask) {
        struct slot *slot = &t->slots[i];
        if (slot->id == NONE)
            return slot;
        if (slot->id != GONE && slot->hash == hash && (*direction = direction_of(room(t, slot->id), s)) >= 0)
            return slot;
    }
}

struct wt_conversation *wt_conversations_find(struct wt_conversations *t, const struct wt_segment *s,
                                              unsigned *direction)
{
    int d = t->last ? direction_of(t->last, s) : -1;
    if (d < 0) {
        struct slot *slot = slot_of(t, s, hash_of(t, s), &d);
        if (slot->id == NONE)
            return NULL;
        t->last = room(t, slot->id);
    }
    *direction = (unsigned)d;
    return t->last;
}

/* Keeps at least a quarter of the slots empty; deleted ones vanish on the way. */
static bool grow(struct wt_conversations *t)
{
    if (4 * (t->used + 1) < 3 * (t->mask + 1))
        return true;
    size_t live = wt_conversations_held(t), size = t->mask + 1;
    while (2 * (live + 1) > size)
        size *= 2;
    struct slot *slots = empty_slots(size);
    if (!slots)
        return 8 * (t->used + 1) < 7 * (t->mask + 1);
    t->used = 0;
    for (size_t i = 0; i <= t->mask; i++)
        if (t->slots[i].id < GONE) {
            size_t at = t->slots[i].hash & (size - 1);
            while (slots[at].id != NONE)
                at = (at + 1) & (size - 1);
            slots[at] = t->slots[i];
            t->used++;
        }
    free(t->slots);
    t->slots = slots;
    t->mask = size - 1;
    return true;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void link_last(struct wt_conversations *t, struct wt_conversation *c, enum wt_conversation_list list)
{
    struct list *l = &t->lists[list];
    c->list = (uint8_t)list;
    c->before = l->last;
    c->after = NONE;
    if (l->last == NONE)
        l->first = c->id;
    else
        room(t, l->last)->after = c->id;
    l->last = c->id;
    l->length++;
}

static void unlink_from(struct wt_conversations *t, struct wt_conversation *c)
{
    struct list *l = &t->lists[c->list];
    if (c->before == NONE)
        l->first = c->after;
    else
        room(t, c->before)->after = c->after;
    if (c->after == NONE)
        l->last = c->before;
    else
        room(t, c->after)->before = c->before;
    l->length--;
}

static struct wt_conversation *of(struct wt_conversations *t, uint32_t id)
{
    return id == NONE ? NULL : room(t, id);
}

struct wt_conversation *wt_conversations_first(struct wt_conversations *t, enum wt_conversation_list list)
{
    return of(t, t->lists[list].first);
}

struct wt_conversation *wt_conversations_last(struct wt_conversations *t, enum wt_conversation_list list)
{
    return of(t, t->lists[list].last);
}

struct wt_conversation *wt_conversations_next(struct wt_conversations *t, const struct wt_conversation *c)
{
    return of(t, c->after);
}

struct wt_conversation *wt_conversations_before(struct wt_conversations *t, const struct wt_conversation *c)
{
    return of(t, c->before);
}

uint32_t wt_conversations_length(const struct wt_conversations *t, enum wt_conversation_list list)
{
    return t->lists[list].length;
}

void wt_conversations_move(struct wt_conversations *t, struct wt_conversation *c, enum wt_conversation_list list)
{
    unlink_from(t, c);
    link_last(t, c, list);
}

void wt_conversations_reopen(struct wt_conversations *t, struct wt_conversation *c)
{
    enum { NEAR = 256 };
    struct list *l = &t->lists[WT_LIST_OPEN];
    unlink_from(t, c);
    struct wt_conversation *next = of(t, l->first);
    for (unsigned i = 0; i < NEAR && next && next->stream < c->stream; i++)
        next = of(t, next->after);
    if (!next || next->stream < c->stream) {
        link_last(t, c, WT_LIST_OPEN);
        return;
    }
    c->list = WT_LIST_OPEN;
    c->after = next->id;
    c->before = next->before;
    if (next->before == NONE)
        l->first = c->id;
    else
        room(t, next->before)->after = c->id;
    next->before = c->id;
    l->length++;
}

/* --- rooms -------------------------------------------------------------------------------------------------------- */

/* An id whose room is free. NONE without memory. */
static uint32_t take_room(struct wt_conversations *t)
{
    if (t->free != NONE) {
        uint32_t id = t->free;
        t->free = room(t, id)->after;
        return id;
    }
    if (t->rooms == t->block_count * BLOCK) {
        if (!wt_array_grow(&t->blocks, t->block_count, &t->block_cap, sizeof(struct wt_conversation *), 16))
            return NONE;
        struct wt_conversation *block = wt_calloc(BLOCK, sizeof *block);
        if (!block)
            return NONE;
        t->blocks[t->block_count++] = block;
    }
    return t->rooms++;
}

static struct wt_conversation *place(struct wt_conversations *t)
{
    uint32_t id = take_room(t);
    if (id == NONE)
        return NULL;
    struct wt_conversation *c = room(t, id);
    *c = (struct wt_conversation){.stream = t->count++, .id = id};
    link_last(t, c, WT_LIST_OPEN);
    return c;
}

struct wt_conversation *wt_conversations_get(struct wt_conversations *t, uint32_t id, uint32_t stream)
{
    struct wt_conversation *c = id < t->rooms ? room(t, id) : NULL;
    return c && c->list < WT_LISTS && c->stream == stream ? c : NULL;
}

struct wt_conversation *wt_conversations_add(struct wt_conversations *t, const struct wt_segment *s, unsigned direction)
{
    if (!grow(t))
        return NULL;
    struct wt_conversation *c = place(t);
    if (!c || !s)
        return c;
    int d;
    c->hash = hash_of(t, s);
    memcpy(c->ip[direction], s->source, 16);
    memcpy(c->ip[!direction], s->target, 16);
    c->port[direction] = s->source_port;
    c->port[!direction] = s->target_port;
    c->layer_count = s->layer_count;
    memcpy(c->layers, s->layers, sizeof c->layers);
    struct slot *slot = slot_of(t, s, c->hash, &d);
    t->used += slot->id == NONE;
    *slot = (struct slot){c->hash, c->id};
    t->last = c;
    return c;
}

struct wt_icmp_errors *wt_conversations_icmp(struct wt_conversations *t, struct wt_conversation *c)
{
    if (!c->icmp && t->quoted < WT_LIMIT_ICMP_CONVERSATIONS && (c->icmp = wt_calloc(1, sizeof *c->icmp)))
        t->quoted++;
    return c->icmp;
}

void wt_conversations_forget_icmp(struct wt_conversations *t, struct wt_conversation *c)
{
    t->quoted -= c->icmp != NULL;
    free(c->icmp);
    c->icmp = NULL;
    c->path.watched &= (uint8_t)~WT_WATCH_ICMP;
}

uint32_t wt_conversations_count(const struct wt_conversations *t)
{
    return t->count;
}

uint32_t wt_conversations_held(const struct wt_conversations *t)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < WT_LISTS; i++)
        n += t->lists[i].length;
    return n;
}

void wt_conversations_drop(struct wt_conversations *t, struct wt_conversation *c)
{
    if (t->last == c)
        t->last = NULL;
    wt_conversations_forget_icmp(t, c);
    /* a newer one with the same ends has taken its slot: then none has its id */
    for (size_t at = c->hash & t->mask; t->slots[at].id != NONE; at = (at + 1) & t->mask)
        if (t->slots[at].id == c->id) {
            t->slots[at].id = GONE;
            break;
        }
    unlink_from(t, c);
    c->list = WT_LISTS;
    c->after = t->free;
    t->free = c->id;
}
