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

static bool keeps(const struct wt_quic *q)
{
    return q->list && q->list->at != SIZE_MAX && q->o->options.keep_datagrams;
}

/* All of these for the entry, or nothing; what was kept of it before only when it is the newest that goes. */
static void keep(struct wt_quic *q, const struct wt_span *parts, size_t count)
{
    struct wt_quic_listed *l = q->list;
    struct wt_quic_entry *e = &l->entries[l->at];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += parts[i].n;
    if (e->bytes && e->bytes_at + e->bytes == l->bytes.n)
        l->bytes.n = e->bytes_at;
    e->bytes = 0;
    if (n > WT_LIMIT_LISTED_BYTES - l->bytes.n || !wt_buffer_room(&l->bytes, n)) {
        q->o->lost[WT_LOST_PLACES]++;
        return;
    }
    e->bytes_at = (uint32_t)l->bytes.n;
    e->bytes = (uint32_t)n;
    for (size_t i = 0; i < count; i++)
        (void)wt_buffer_add(&l->bytes, parts[i].p, parts[i].n);
}

/* RFC 9001, 5.4.1: of the first byte its low bits are protected, which are not shown. */
void wt_quic_ledger_header(struct wt_quic *q, const struct wt_quic_header *h, struct wt_span packet, size_t offset)
{
    if (!keeps(q))
        return;
    struct wt_quic_entry *e = &q->list->entries[q->list->at];
    const struct wt_span header = wt_span_cut(packet, 0, h->number_at ? h->number_at : packet.n);
    e->length = (uint32_t)packet.n;
    e->offset = (uint32_t)offset;
    e->id_length = (uint8_t)(h->dcid.n <= UINT8_MAX ? h->dcid.n : 0);
    keep(q, &header, 1);
}

/* Without its protection: the tag stays behind what it covers. */
static void keep_opened(struct wt_quic *q, const struct wt_quic_sent *p)
{
    const struct wt_span parts[] = {p->plain, p->payload, wt_span_cut(p->bytes, p->plain.n + p->payload.n, SIZE_MAX)};
    q->list->entries[q->list->at].length = (uint32_t)p->bytes.n;
    keep(q, parts, sizeof parts / sizeof *parts);
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
    if (keeps(q))
        keep_opened(q, p);
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
    wt_buffer_wipe(&list->bytes);
    free(list);
}

size_t wt_quic_ledger_bytes(const struct wt_quic_listed *list)
{
    return list ? sizeof *list + list->room * sizeof *list->entries + list->kinds.cap + list->bytes.cap : 0;
}
