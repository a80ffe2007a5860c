#include "observer/quic/ledger.h"

#include "base/array.h"
#include "base/memory.h"

#include <stdlib.h>

static struct wt_quic_listed *list_of(struct wt_quic *q)
{
    if (!q->list && q->c->tls->log)
        q->list = wt_calloc(1, sizeof *q->list);
    return q->list;
}

static void list_packet(struct wt_quic *q, unsigned from, enum wt_quic_packet type)
{
    enum { LEAST = 16 };
    struct wt_quic_listed *l = list_of(q);
    if (!l)
        return;
    l->at = SIZE_MAX;
    if (!wt_array_grow_within(&l->entries, l->count, &l->room, sizeof *l->entries, LEAST, WT_LIMIT_QUIC_LISTED)) {
        l->dropped++;
        q->o->lost[WT_LOST_MESSAGES]++;
        return;
    }
    l->at = l->count++;
    l->entries[l->at] =
        (struct wt_quic_entry){.time = q->o->now, .frame = q->o->frame, .from = (uint8_t)from, .type = (uint8_t)type};
}

void wt_quic_ledger_packet(struct wt_quic *q, unsigned from, enum wt_quic_packet type)
{
    q->side[from].packets[type] += q->side[from].packets[type] < UINT32_MAX;
    list_packet(q, from, type);
}

size_t wt_quic_ledger_place(const struct wt_quic *q)
{
    return q->list ? q->list->at : SIZE_MAX;
}

void wt_quic_ledger_return(struct wt_quic *q, size_t place)
{
    if (q->list)
        q->list->at = place;
}

void wt_quic_ledger_opened(struct wt_quic *q, const struct wt_quic_sent *p)
{
    q->side[p->from].opened[p->type] += q->side[p->from].opened[p->type] < UINT32_MAX;
    if (!q->list || q->list->at == SIZE_MAX)
        return;
    struct wt_quic_entry *e = &q->list->entries[q->list->at];
    e->frames_at = (uint32_t)q->list->kinds.n;
    e->number = p->number;
    e->opened = true;
}

void wt_quic_ledger_verified(struct wt_quic *q)
{
    if (q->list && q->list->at != SIZE_MAX)
        q->list->entries[q->list->at].opened = true;
}

void wt_quic_ledger_frame(struct wt_quic *q, unsigned from, enum wt_quic_frame_kind kind)
{
    struct wt_quic_listed *l = q->list;
    q->side[from].frames[kind] += q->side[from].frames[kind] < UINT32_MAX;
    if (l && l->at != SIZE_MAX && l->kinds.n < WT_LIMIT_QUIC_LISTED_FRAMES && wt_buffer_add_char(&l->kinds, (char)kind))
        l->entries[l->at].frame_count++;
}

void wt_quic_ledger_turn(struct wt_quic *q)
{
    for (size_t i = 0; q->list && i < q->list->count; i++)
        q->list->entries[i].from = !q->list->entries[i].from;
}

void wt_quic_ledger_free(struct wt_quic_listed *list)
{
    if (!list)
        return;
    free(list->entries);
    wt_buffer_free(&list->kinds);
    free(list);
}

size_t wt_quic_ledger_bytes(const struct wt_quic_listed *list)
{
    return list ? sizeof *list + list->room * sizeof *list->entries + list->kinds.cap : 0;
}
