#include "capture/tcp_pending.h"

#include "base/memory.h"

#include <stdlib.h>

/* bytes: what a slot costs beside its bytes, in this file and in the allocator */
enum { SLOT_COST = sizeof(struct wt_tcp_slot) + 32 };

void wt_tcp_pending_release(const struct wt_tcp_lane *l, struct wt_tcp_slot *s)
{
    uint64_t cost = SLOT_COST + (s->bytes ? s->n : 0);
    l->d->pending->held -= cost;
    l->totals->pending_bytes -= cost;
    free(s->bytes);
}

void wt_tcp_pending_forget(const struct wt_tcp_lane *l)
{
    struct wt_tcp_pending *p = l->d->pending;
    if (!p)
        return;
    while (p->first < p->end)
        wt_tcp_pending_release(l, &p->slots[p->first++]);
    free(p->slots);
    free(p);
    l->d->pending = NULL;
}

struct wt_tcp_pending *wt_tcp_pending_of(const struct wt_tcp_lane *l)
{
    if (!l->d->pending)
        l->d->pending = wt_calloc(1, sizeof *l->d->pending);
    return l->d->pending;
}

static void note_conflict(const struct wt_tcp_lane *l)
{
    if (l->d->conflict)
        return;
    l->d->conflict = 1;
    l->sink->conflict(l->sink->context, l->direction);
}

static bool make_slot(struct wt_tcp_pending *p, uint32_t at)
{
    if (p->end == p->cap && p->first > 0 && p->slots) {
        memmove(p->slots, p->slots + p->first, (p->end - p->first) * sizeof *p->slots);
        at -= p->first;
        p->end -= p->first;
        p->first = 0;
    } else if (p->end == p->cap || !p->slots) {
        uint32_t cap = p->cap ? 2 * p->cap : 8;
        struct wt_tcp_slot *grown = wt_realloc(p->slots, cap * sizeof *grown);
        if (!grown)
            return false;
        p->slots = grown;
        p->cap = cap;
    }
    memmove(p->slots + at + 1, p->slots + at, (p->end - at) * sizeof *p->slots);
    p->end++;
    return true;
}

/* Keeps n bytes (bytes may be NULL) as slot number `at`, counted from the first; false when there is no memory. */
static bool place(const struct wt_tcp_lane *l, uint32_t at, uint32_t sequence, const uint8_t *bytes, uint32_t n)
{
    struct wt_tcp_pending *p = l->d->pending;
    uint8_t *copy = bytes ? wt_malloc(n) : NULL;
    uint64_t cost = SLOT_COST + (bytes ? n : 0);
    if ((bytes && !copy) || !make_slot(p, p->first + at)) {
        free(copy);
        return false;
    }
    if (copy)
        memcpy(copy, bytes, n);
    const struct wt_tcp_turn turn = l->turn ? *l->turn : (struct wt_tcp_turn){0};
    p->slots[p->first + at] = (struct wt_tcp_slot){sequence, n, copy, l->totals->now, turn.needs, turn.other};
    if (turn.other) {
        p->other = turn.other;
        p->in_turn = true;
    }
    p->held += cost;
    l->totals->pending_bytes += cost;
    return true;
}

/* The first slot that ends behind `sequence`, counted from the first. */
static uint32_t find(const struct wt_tcp_lane *l, uint32_t sequence)
{
    const struct wt_tcp_pending *p = l->d->pending;
    uint32_t low = 0, high = p->end - p->first, offset = sequence - l->d->next;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct wt_tcp_slot *s = &p->slots[p->first + middle];
        if (s->sequence - l->d->next + s->n > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Keeps what of n bytes from `sequence` on is not kept yet; compares the rest. */
bool wt_tcp_pending_keep(const struct wt_tcp_lane *l, uint32_t sequence, const uint8_t *bytes, uint32_t n)
{
    uint32_t at = find(l, sequence);
    /* RFC 9293, 3.8.4: a keep-alive "may or may not contain one garbage octet of data", in place of what was sent */
    const bool may_be_garbage = n == 1;
    while (n > 0) {
        struct wt_tcp_pending *p = l->d->pending;
        const struct wt_tcp_slot *s = p->first + at < p->end ? &p->slots[p->first + at] : NULL;
        uint32_t part = n, there;
        if (s && s->sequence - sequence < n && wt_tcp_beyond(s->sequence, sequence) >= 0)
            part = s->sequence - sequence;
        else if (s && wt_tcp_beyond(s->sequence, sequence) < 0)
            part = 0;
        if (part > 0) {
            if (!place(l, at, sequence, bytes, part))
                return false;
        } else { /* part of this slot is what we have already */
            there = s->sequence + s->n - sequence;
            part = n < there ? n : there;
            if (!may_be_garbage && bytes && s->bytes && memcmp(s->bytes + (sequence - s->sequence), bytes, part) != 0)
                note_conflict(l);
        }
        at++;
        sequence += part;
        bytes = bytes ? bytes + part : NULL;
        n -= part;
    }
    return true;
}
