#include "observer/transport/conversations.h"

#include "base/array.h"
#include "base/fold.h"

#include <stdlib.h>
#include <sys/random.h>

/* Slots of the open-addressing table: part of the hash beside the stream number, so that most misses end without
 * touching a conversation. An empty slot has stream == NONE, a deleted one GONE. */
enum { NONE = -1, GONE = -2 };

struct slot {
    uint32_t hash;
    int64_t stream;
};

struct wt_conversations {
    struct slot *slots;
    size_t mask, used; /* used counts deleted ones too */
    struct wt_conversation **blocks;
    size_t block_count, block_cap;
    uint32_t first, count;
    struct wt_conversation *last; /* found or added last: packets of one conversation come in runs */
    uint32_t quoted; /* conversations that ICMP errors are kept of */
    uint64_t key[2]; /* against chosen collisions */
};

static struct slot *empty_slots(size_t size)
{
    struct slot *slots = calloc(size, sizeof *slots);
    for (size_t i = 0; slots && i < size; i++)
        slots[i].stream = NONE;
    return slots;
}

struct wt_conversations *wt_conversations_new(void)
{
    struct wt_conversations *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    if (getrandom(t->key, sizeof t->key, GRND_NONBLOCK) != (ssize_t)sizeof t->key)
        t->key[0] = (uint64_t)(uintptr_t)t;
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
    for (uint32_t i = t->first; t->quoted && i < t->count; i++)
        wt_conversations_forget_icmp(t, wt_conversations_at(t, i));
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

struct wt_conversation *wt_conversations_at(struct wt_conversations *t, uint32_t stream)
{
    uint32_t i = stream - t->first;
    return &t->blocks[i / WT_CONVERSATION_BLOCK][i % WT_CONVERSATION_BLOCK];
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
        if (slot->stream == NONE)
            return slot;
        if (slot->stream != GONE && slot->hash == hash &&
            (*direction = direction_of(wt_conversations_at(t, (uint32_t)slot->stream), s)) >= 0)
            return slot;
    }
}

struct wt_conversation *wt_conversations_find(struct wt_conversations *t, const struct wt_segment *s,
                                              unsigned *direction)
{
    int d = t->last ? direction_of(t->last, s) : -1;
    if (d < 0) {
        struct slot *slot = slot_of(t, s, hash_of(t, s), &d);
        if (slot->stream == NONE)
            return NULL;
        t->last = wt_conversations_at(t, (uint32_t)slot->stream);
    }
    *direction = (unsigned)d;
    return t->last;
}

/* Keeps at least a quarter of the slots empty; deleted ones vanish on the way. */
static bool grow(struct wt_conversations *t)
{
    if (4 * (t->used + 1) < 3 * (t->mask + 1))
        return true;
    size_t live = t->count - t->first, size = t->mask + 1;
    while (2 * (live + 1) > size)
        size *= 2;
    struct slot *slots = empty_slots(size);
    if (!slots)
        return 8 * (t->used + 1) < 7 * (t->mask + 1);
    t->used = 0;
    for (size_t i = 0; i <= t->mask; i++)
        if (t->slots[i].stream >= 0) {
            size_t at = t->slots[i].hash & (size - 1);
            while (slots[at].stream != NONE)
                at = (at + 1) & (size - 1);
            slots[at] = t->slots[i];
            t->used++;
        }
    free(t->slots);
    t->slots = slots;
    t->mask = size - 1;
    return true;
}

static struct wt_conversation *place(struct wt_conversations *t)
{
    size_t i = t->count - t->first;
    if (i / WT_CONVERSATION_BLOCK == t->block_count) {
        if (!wt_array_grow(&t->blocks, t->block_count, &t->block_cap, sizeof(struct wt_conversation *), 16))
            return NULL;
        struct wt_conversation *block = calloc(WT_CONVERSATION_BLOCK, sizeof *block);
        if (!block)
            return NULL;
        t->blocks[t->block_count++] = block;
    }
    struct wt_conversation *c = wt_conversations_at(t, t->count);
    *c = (struct wt_conversation){.stream = t->count};
    t->count++;
    return c;
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
    t->used += slot->stream == NONE;
    *slot = (struct slot){c->hash, c->stream};
    t->last = c;
    return c;
}

struct wt_icmp_errors *wt_conversations_icmp(struct wt_conversations *t, struct wt_conversation *c)
{
    if (!c->icmp && t->quoted < WT_LIMIT_ICMP_CONVERSATIONS && (c->icmp = calloc(1, sizeof *c->icmp)))
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

uint32_t wt_conversations_first(const struct wt_conversations *t)
{
    return t->first;
}

uint32_t wt_conversations_count(const struct wt_conversations *t)
{
    return t->count;
}

void wt_conversations_drop_block(struct wt_conversations *t)
{
    if (!t->block_count || t->count - t->first < WT_CONVERSATION_BLOCK)
        return;
    t->last = NULL;
    for (uint32_t i = 0; i < WT_CONVERSATION_BLOCK; i++) {
        struct wt_conversation *c = &t->blocks[0][i];
        wt_conversations_forget_icmp(t, c);
        for (size_t at = c->hash & t->mask; t->slots[at].stream != NONE; at = (at + 1) & t->mask)
            if (t->slots[at].stream == (int64_t)c->stream) {
                t->slots[at].stream = GONE;
                break;
            }
    }
    free(t->blocks[0]);
    t->block_count--;
    memmove(t->blocks, t->blocks + 1, t->block_count * sizeof(struct wt_conversation *));
    t->first += WT_CONVERSATION_BLOCK;
}
