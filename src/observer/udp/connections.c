#include "observer/udp/connections.h"

#include "diagnosis/findings.h"
#include "observer/budget.h"
#include "observer/dtls/dtls.h"
#include "observer/places.h"
#include "observer/queue.h"
#include "observer/quic/quic.h"
#include "observer/transport/copies.h"
#include "registry/limits.h"

/* --- which one ---------------------------------------------------------------------------------------------------- */

struct wt_conversation *wt_udp_of(struct wt_observer *o, const struct wt_datagram *d)
{
    const struct wt_udp_ends *ends = &d->udp->transport.udp;
    struct wt_conversation *c =
        ends->serial && o->udp.table ? wt_conversations_get(o->udp.table, ends->connection, ends->stream) : NULL;
    return c && c->transport.udp.serial == ends->serial && !(c->flags & WT_CONV_ENDED) ? c : NULL;
}

void wt_udp_bind(const struct wt_datagram *d, const struct wt_conversation *c)
{
    struct wt_udp_ends *ends = &d->udp->transport.udp;
    ends->connection = c->id;
    ends->stream = c->stream;
    ends->serial = c->transport.udp.serial;
}

/* Where there are too many, the one that was silent for the longest time of the oldest few. */
static void make_room(struct wt_observer *o)
{
    struct wt_conversation *c;
    if (wt_conversations_held(o->udp.table) < WT_LIMIT_UDP_CONNECTIONS)
        return;
    wt_udp_report(o);
    if (wt_conversations_held(o->udp.table) < WT_LIMIT_UDP_CONNECTIONS ||
        !(c = wt_conversations_first(o->udp.table, WT_LIST_OPEN)))
        return;
    o->lost[WT_LOST_UDP_CONNECTIONS]++;
    wt_udp_end(o, c);
    wt_udp_report(o);
}

struct wt_conversation *wt_udp_begin(struct wt_observer *o, const struct wt_datagram *d)
{
    if (!o->udp.table && !(o->udp.table = wt_conversations_new()))
        return NULL;
    make_room(o);
    struct wt_conversation *c = wt_conversations_add(o->udp.table, NULL, 0);
    if (!c)
        return NULL;
    const struct wt_segment *s = d->segment;
    c->stream = d->udp->stream;
    memcpy(c->ip, d->udp->ip, sizeof c->ip);
    memcpy(c->port, d->udp->port, sizeof c->port);
    c->layer_count = s->layer_count;
    memcpy(c->layers, s->layers, sizeof c->layers);
    c->first_frame = o->frame;
    c->seen_ns = c->last_ns = o->now.ns;
    c->digits = o->now.digits;
    c->transport.kind = WT_TRANSPORT_UDP;
    c->transport.udp.serial = ++o->udp.serial;
    if (!wt_tls_new(o, c)) {
        wt_conversations_drop(o->udp.table, c);
        return NULL;
    }
    wt_udp_bind(d, c);
    return c;
}

void wt_udp_seen(struct wt_observer *o, const struct wt_datagram *d, struct wt_conversation *c)
{
    c->last_ns = c->seen_ns = o->now.ns;
    c->last_frame = o->frame;
    struct wt_udp_ends *own = &c->transport.udp;
    const int64_t patience = own->closes ? WT_LIMIT_UDP_CLOSING_NS : own->life.patience_ns;
    own->life.ends_ns = patience ? o->now.ns + patience : 0;
    d->udp->transport.udp.closes = own->closes;
    if (o->options.keep_packet_headers)
        wt_places_datagram(o, c, d->direction);
    if (d->segment->missing && c->tls)
        wt_finding_sum(c->tls, WT_FINDING_CAPTURE_TRUNCATED, o->frame,
                       wt_tls_sender_within(wt_tls_side_of(c->tls, d->direction)), d->segment->missing);
    if (c->tls)
        wt_copies_note(&c->tls->newest[d->direction], o->now.ns, d->segment->id);
    wt_budget_count(o, c);
}

void wt_udp_news(const struct wt_observer *o, struct wt_conversation *c, unsigned direction)
{
    c->transport.udp.news_ns[direction] = o->now.ns;
    c->transport.repeats[direction] = 0;
}

void wt_udp_again(struct wt_conversation *c, unsigned direction)
{
    c->transport.repeats[direction] += c->transport.repeats[direction] < UINT16_MAX;
}

void wt_udp_patience(struct wt_conversation *c, int64_t ns)
{
    c->transport.udp.life.patience_ns = ns;
}

void wt_udp_closes(struct wt_conversation *c)
{
    c->transport.udp.closes = true;
}

bool wt_udp_was_closed(struct wt_observer *o, const struct wt_datagram *d)
{
    return d->udp->transport.udp.closes && !wt_udp_of(o, d);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

void wt_udp_end(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->flags & WT_CONV_ENDED)
        return;
    if (o->letting_go)
        wt_queue_let_go_of(o, c);
    wt_quic_end(o, c);
    wt_dtls_end(o, c);
    wt_tls_end(o, c);
    c->flags |= WT_CONV_ENDED;
    wt_budget_count(o, c);
}

static void report(struct wt_observer *o, struct wt_conversation *c)
{
    wt_queue_tell(o, c);
    wt_budget_forget(o, c);
    wt_conversations_forget_icmp(o->udp.table, c);
    wt_conversations_drop(o->udp.table, c);
}

void wt_udp_report(struct wt_observer *o)
{
    struct wt_conversation *next, *c = o->udp.table ? wt_conversations_first(o->udp.table, WT_LIST_OPEN) : NULL;
    for (; c; c = next) {
        next = wt_conversations_next(o->udp.table, c);
        if (c->flags & WT_CONV_ENDED)
            report(o, c);
        else if (wt_queue_is_ordered(o))
            return;
    }
}

void wt_udp_end_all(struct wt_observer *o)
{
    struct wt_conversation *c;
    while (o->udp.table && (c = wt_conversations_first(o->udp.table, WT_LIST_OPEN))) {
        wt_udp_end(o, c);
        wt_udp_report(o);
    }
    wt_conversations_free(o->udp.table);
    wt_dtls_forget(o);
    o->udp.table = NULL;
    o->udp.sweep_ns = 0; /* the next file has times of its own */
}

void wt_udp_end_idle(struct wt_observer *o, int64_t idle_ns)
{
    struct wt_conversation *c = o->udp.table ? wt_conversations_first(o->udp.table, WT_LIST_OPEN) : NULL;
    for (; c; c = wt_conversations_next(o->udp.table, c))
        if (o->now.ns - c->seen_ns > idle_ns)
            wt_udp_end(o, c);
    wt_udp_report(o);
}

void wt_udp_sweep(struct wt_observer *o)
{
    enum { FEW = 1024 };
    const int64_t second = 1000000000;
    if (!o->udp.table || o->now.ns < o->udp.sweep_ns)
        return;
    struct wt_conversation *c = wt_conversations_first(o->udp.table, WT_LIST_OPEN);
    for (; c; c = wt_conversations_next(o->udp.table, c))
        if (c->transport.udp.life.ends_ns && o->now.ns > c->transport.udp.life.ends_ns)
            wt_udp_end(o, c);
    wt_udp_report(o);
    o->udp.sweep_ns = o->now.ns + (wt_conversations_held(o->udp.table) < FEW ? second : 16 * second);
}

void wt_udp_let_go(struct wt_observer *o, uint64_t most)
{
    struct wt_conversation *next, *c = o->udp.table ? wt_conversations_first(o->udp.table, WT_LIST_OPEN) : NULL;
    for (; c && wt_budget_used(o) > most; c = next) {
        next = wt_conversations_next(o->udp.table, c);
        if (!(c->flags & WT_CONV_ENDED)) {
            o->lost[WT_LOST_BUDGET]++;
            wt_udp_end(o, c);
        }
        report(o, c);
    }
}

/* --- datagrams ---------------------------------------------------------------------------------------------------- */

void wt_udp_take(struct wt_observer *o, const struct wt_segment *s, struct wt_conversation *udp, unsigned direction)
{
    wt_udp_sweep(o);
    const struct wt_datagram d = {s, wt_span_of(s->data, s->length), udp, direction};
    if (d.payload.n && !wt_quic_take(o, &d))
        (void)wt_dtls_take(o, &d);
}
