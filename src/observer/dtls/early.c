#include "observer/dtls/early.h"

#include "base/memory.h"
#include "observer/dtls/ids.h"

#include <stdlib.h>

struct wt_dtls_early {
    struct wt_dtls_early *next;
    struct wt_segment segment;
    struct wt_time time;
    uint32_t frame;
    uint32_t id, stream; /* of its ends' conversation */
    uint8_t direction;
    uint32_t n;
    uint8_t bytes[];
};

enum { LARGEST = 2048 }; /* a handshake's datagrams are no larger than a path lets through */

/* RFC 9147, 4: behind the first byte an id, whose length is not known here, the number, and the length where there is
 * one; 4.2.3: "at least 16 bytes" of ciphertext. */
static bool may_be_record(struct wt_span p)
{
    const size_t number = p.n && p.p[0] & WT_DTLS13_SEQUENCE16 ? 2 : 1, header = 1 + number + 2;
    if (!p.n || !wt_dtls_is_unified(p.p[0]) || p.n < 1 + number + WT_MASK_SAMPLE || p.n > LARGEST)
        return false;
    return p.p[0] & WT_DTLS13_CID || !(p.p[0] & WT_DTLS13_LENGTH) ||
           (header + WT_MASK_SAMPLE <= p.n && wt_get16(p.p + 1 + number) <= p.n - header &&
            wt_get16(p.p + 1 + number) >= WT_MASK_SAMPLE);
}

static void drop_first(struct wt_observer *o)
{
    struct wt_dtls_early *e = o->udp.early;
    o->udp.early = e->next;
    o->udp.early_count--;
    free(e);
}

void wt_dtls_early_forget(struct wt_observer *o)
{
    while (o->udp.early)
        drop_first(o);
}

void wt_dtls_early_keep(struct wt_observer *o, const struct wt_datagram *d, struct wt_span payload)
{
    const struct wt_udp_ends *ends = &d->udp->transport.udp;
    struct wt_dtls_early **end = &o->udp.early;
    if (d->segment->missing || ends->packets[d->direction] > WT_LIMIT_DATAGRAM_LOOKS || wt_udp_was_closed(o, d) ||
        !may_be_record(payload))
        return;
    struct wt_dtls_early *e = wt_malloc(sizeof *e + d->payload.n);
    if (!e)
        return;
    *e = (struct wt_dtls_early){.segment = *d->segment,
                                .time = o->now,
                                .frame = o->frame,
                                .id = d->udp->id,
                                .stream = d->udp->stream,
                                .direction = (uint8_t)d->direction,
                                .n = (uint32_t)d->payload.n};
    memcpy(e->bytes, d->payload.p, e->n);
    while (*end)
        end = &(*end)->next;
    *end = e;
    if (++o->udp.early_count > WT_LIMIT_DTLS_EARLY)
        drop_first(o);
}

/* The datagram as it came; false when its ends were forgotten. */
static bool restore(struct wt_observer *o, struct wt_dtls_early *e, struct wt_datagram *d)
{
    e->segment.data = e->bytes;
    *d = (struct wt_datagram){&e->segment, wt_span_of(e->bytes, e->n),
                              wt_conversations_get(o->datagrams.table, e->id, e->stream), e->direction};
    return d->udp != NULL;
}

static bool is_of(struct wt_observer *o, const struct wt_conversation *c, const struct wt_datagram *d)
{
    unsigned direction;
    return wt_udp_of(o, d) == c || wt_dtls_ids_find(o, d->payload, &direction) == c;
}

void wt_dtls_early_give(struct wt_observer *o, struct wt_conversation *c, wt_dtls_early_reader *read)
{
    const uint32_t frame = o->frame;
    const struct wt_time now = o->now;
    struct wt_dtls_early **at = &o->udp.early;
    while (*at) {
        struct wt_dtls_early *e = *at;
        struct wt_datagram d;
        const bool known = restore(o, e, &d);
        if (known && !is_of(o, c, &d)) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        o->udp.early_count--;
        if (known) {
            o->frame = e->frame;
            o->now = e->time;
            c->first_frame = e->frame < c->first_frame ? e->frame : c->first_frame;
            c->tls->out_of_order = true;
            read(o, &d);
        }
        free(e);
    }
    o->frame = frame;
    o->now = now;
}
