#include "observer/quic/waiting.h"

#include "base/memory.h"
#include "observer/quic/ledger.h"

#include <stdlib.h>

struct wt_quic_waiting {
    struct wt_quic_waiting *next;
    struct wt_time time;
    size_t place; /* in the list of packets */
    uint32_t frame;
    uint32_t n, id_length; /* of the packet; of a short header's id */
    uint8_t from;
    uint8_t bytes[];
};

bool wt_quic_waiting_add(struct wt_quic *q, const struct wt_quic_sent *p)
{
    struct wt_quic_waiting *w;
    if (q->waiting_count >= WT_LIMIT_QUIC_WAITING || q->waiting_bytes + p->bytes.n > WT_LIMIT_QUIC_WAITING_BYTES ||
        !(w = wt_malloc(sizeof *w + p->bytes.n)))
        return false;
    *w = (struct wt_quic_waiting){.time = q->o->now,
                                  .place = wt_quic_ledger_place(q),
                                  .frame = q->o->frame,
                                  .n = (uint32_t)p->bytes.n,
                                  .id_length = (uint32_t)p->header->dcid.n,
                                  .from = (uint8_t)p->from};
    memcpy(w->bytes, p->bytes.p, p->bytes.n);
    if (!q->waiting)
        q->waiting_end = &q->waiting;
    *q->waiting_end = w;
    q->waiting_end = &w->next;
    q->waiting_count++;
    q->waiting_bytes += w->n;
    return true;
}

static bool read_one(struct wt_quic *q, struct wt_quic_waiting *w, wt_quic_waiting_reader *read)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    const struct wt_span bytes = wt_span_of(w->bytes, w->n);
    struct wt_reader r = wt_reader_start(&decode, bytes, NULL);
    if (!wt_quic_header_read(&r, w->id_length, &header))
        return true;
    struct wt_quic_sent p = {.header = &header, .bytes = bytes, .type = header.packet, .from = w->from};
    q->o->frame = w->frame;
    q->o->now = w->time;
    wt_quic_ledger_return(q, w->place);
    return read(q, &p);
}

void wt_quic_waiting_retry(struct wt_quic *q, wt_quic_waiting_reader *read)
{
    struct wt_observer *o = q->o;
    const uint32_t frame = o->frame;
    const struct wt_time now = o->now;
    const size_t place = wt_quic_ledger_place(q);
    struct wt_quic_waiting *w = q->waiting, *next;
    q->waiting = NULL;
    q->waiting_end = &q->waiting;
    q->waiting_count = q->waiting_bytes = 0;
    for (; w; w = next) {
        next = w->next;
        w->next = NULL;
        if (read_one(q, w, read)) {
            free(w);
            continue;
        }
        *q->waiting_end = w;
        q->waiting_end = &w->next;
        q->waiting_count++;
        q->waiting_bytes += w->n;
    }
    o->frame = frame;
    o->now = now;
    wt_quic_ledger_return(q, place);
}

void wt_quic_waiting_free(struct wt_quic *q)
{
    for (struct wt_quic_waiting *next, *w = q->waiting; w; w = next) {
        next = w->next;
        free(w);
    }
    q->waiting = NULL;
}
