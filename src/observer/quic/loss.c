/* The frames of the newest packets are remembered by what they carry: one that has the same bytes under a later number
 * sends them again. Who was acknowledged says whether that was needed. Order in the capture decides nothing: a packet
 * that comes late has a smaller number. */
#include "observer/quic/loss.h"

#include "base/array.h"
#include "base/memory.h"
#include "observer/quic/numbers.h"

#include <limits.h>
#include <stdlib.h>

enum {
    ENDS = 64,     /* streams whose end is remembered; a power of two */
    RANGES = 32,   /* of an ACK that are looked at: its newest */
    ORIGINALS = 4, /* packets that one frame may repeat parts of */
    PENDING = 32,  /* of what was sent again, the newest wait for an acknowledgment */
    SETTLED = 64,  /* numbers that were acknowledged beyond one, after which nothing more is expected */
};

#define CRYPTO ((uint64_t)1 << 63)

struct sent_data {
    uint64_t number, what, offset;
    uint32_t length, frame;
    uint8_t type;
};

struct end {
    uint64_t id, end;
};

struct side {
    struct sent_data *ring;
    uint32_t room, count; /* `count` grows on: the newest is at (count - 1) % room */
    struct end *ends;     /* of streams, by their id's lowest bits */
    uint64_t crypto_end[WT_LEVEL_COUNT];
    struct wt_quic_acknowledged acknowledged[WT_SPACES]; /* by the other side's ACKs */
    uint64_t again;                                      /* packets */
    uint64_t last_again;                                 /* the number of the newest, with has_again */
    struct wt_quic_numbers_range newest;                 /* what the newest of those was the first to acknowledge */
    uint32_t newest_frame;                               /* the packet that it came in */
    uint8_t newest_space, last_space;
    bool has_again;
};

struct wt_quic_loss {
    struct side side[2];
    struct wt_quic_resend *again;
    size_t again_count, again_room;
    struct wt_quic_gaps gaps;
};

static struct side *side_of(struct wt_quic *q, unsigned side)
{
    if (!q->loss)
        q->loss = wt_calloc(1, sizeof *q->loss);
    return q->loss ? &q->loss->side[side] : NULL;
}

/* --- what was acknowledged ---------------------------------------------------------------------------------------- */

static void settle_again(struct wt_quic *q, unsigned from, unsigned space, struct wt_quic_numbers_range r)
{
    struct wt_quic_loss *l = q->loss;
    const size_t first = l->again_count > PENDING ? l->again_count - PENDING : 0;
    for (size_t i = first; i < l->again_count; i++) {
        struct wt_quic_resend *a = &l->again[i];
        if (a->from != from || wt_quic_space_of((enum wt_quic_packet)a->type) != space)
            continue;
        if (!a->acknowledged && a->number >= r.first && a->number <= r.last) {
            a->acknowledged = q->o->frame;
            a->acknowledged_ns = q->o->now.ns;
        }
        if (!a->arrived && !a->first_acknowledged && a->first_number >= r.first && a->first_number <= r.last)
            a->first_acknowledged = q->o->frame;
    }
}

/* `r` is the ACK's first range: what it has beyond the largest so far was never acknowledged before. */
static void note_newest(struct wt_quic *q, struct side *s, unsigned space, struct wt_quic_numbers_range r)
{
    const uint64_t largest =
        s->acknowledged[space].count ? wt_quic_acknowledged_largest(&s->acknowledged[space]) + 1 : 0;
    if (r.last < largest)
        return;
    s->newest = (struct wt_quic_numbers_range){r.first > largest ? r.first : largest, r.last};
    s->newest_frame = q->o->frame;
    s->newest_space = (uint8_t)space;
}

/* The packet by which it was acknowledged; 0: an older one. */
static uint32_t acknowledged_by(const struct side *s, unsigned space, uint64_t number)
{
    return s->newest_space == space && number >= s->newest.first && number <= s->newest.last ? s->newest_frame : 0;
}

/* Something may still come of what was sent again. */
static bool is_pending(const struct wt_quic *q, unsigned from, unsigned space)
{
    const struct wt_quic_loss *l = q->loss;
    const uint64_t largest = q->side[from].numbers[space].acknowledged;
    const size_t first = l->again_count > PENDING ? l->again_count - PENDING : 0;
    for (size_t i = l->again_count; i-- > first;) {
        const struct wt_quic_resend *a = &l->again[i];
        if (a->from == from && (!a->acknowledged || !(a->arrived || a->first_acknowledged)) &&
            a->number + SETTLED > largest)
            return true;
    }
    return false;
}

void wt_quic_loss_acknowledged(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_ack *ack)
{
    const unsigned from = !p->from, space = wt_quic_space_of(p->type);
    struct wt_quic_ack_walk walk = {0};
    if (!q->loss)
        return;
    struct side *s = &q->loss->side[from];
    const bool pending = is_pending(q, from, space);
    unsigned below = UINT_MAX; /* ranges come from the largest down */
    for (unsigned i = 0; i < RANGES && wt_quic_ack_next(ack, &walk); i++) {
        const struct wt_quic_numbers_range r = {walk.smallest, walk.largest};
        if (r.last >= WT_VARINT_MOST)
            return;
        if (!i)
            note_newest(q, s, space, r);
        below = wt_quic_acknowledged_add(&s->acknowledged[space], r, below) + 1;
        if (pending)
            settle_again(q, from, space, r);
        wt_quic_gaps_acknowledged(&q->loss->gaps, from, space, r);
    }
}

/* --- what was sent again ------------------------------------------------------------------------------------------ */

static struct wt_quic_resend *add_again(struct wt_quic *q, const struct wt_quic_sent *p, const struct sent_data *first,
                                        uint64_t offset, uint64_t end)
{
    enum { LEAST = 4 };
    struct wt_quic_loss *l = q->loss;
    struct wt_quic_resend *a = l->again_count ? &l->again[l->again_count - 1] : NULL;
    if (a && a->from == p->from && a->type == p->type && a->number == p->number && a->what == first->what &&
        a->first_number == first->number && a->offset + a->length == offset) {
        a->length += end - offset;
        return a;
    }
    if (!wt_array_grow_within(&l->again, l->again_count, &l->again_room, sizeof *l->again, LEAST, WT_LIMIT_QUIC_RESENT))
        return NULL;
    a = &l->again[l->again_count++];
    *a = (struct wt_quic_resend){.what = first->what,
                                 .offset = offset,
                                 .length = end - offset,
                                 .number = p->number,
                                 .first_number = first->number,
                                 .ns = q->o->now.ns,
                                 .frame = q->o->frame,
                                 .first_frame = first->frame,
                                 .from = (uint8_t)p->from,
                                 .type = (uint8_t)p->type,
                                 .first_type = first->type};
    return a;
}

static void count_again(struct side *s, const struct wt_quic_sent *p)
{
    const unsigned space = wt_quic_space_of(p->type);
    if (s->has_again && s->last_again == p->number && s->last_space == space)
        return;
    s->again++;
    s->has_again = true;
    s->last_again = p->number;
    s->last_space = (uint8_t)space;
}

/* RFC 9001, 4.6.2: streams whose 0-RTT the server rejected begin anew in 1-RTT packets: nothing of it was lost. */
static bool begins_anew(const struct wt_quic *q, const struct wt_quic_sent *p, const struct sent_data *first)
{
    return first->type == WT_QUIC_0RTT && p->type != WT_QUIC_0RTT && q->c->tls->agreed.early_data != WT_EARLY_ACCEPTED;
}

/* Numbers of the packets that had what is before these bytes and behind them: in one that was sent between those the
 * bytes had been. False when nothing behind them was sent before. */
static bool neighbours(const struct side *s, const struct sent_data *now, uint64_t *before, uint64_t *behind)
{
    const uint32_t held = s->count < s->room ? s->count : s->room;
    *before = 0;
    *behind = UINT64_MAX;
    for (uint32_t i = 1; i <= held; i++) {
        const struct sent_data *e = &s->ring[(s->count - i) % s->room];
        if (e->what != now->what || e->number >= now->number)
            continue;
        if (e->offset >= now->offset + now->length && e->number < *behind)
            *behind = e->number;
        if (e->offset + e->length <= now->offset && e->number > *before)
            *before = e->number;
    }
    return *behind != UINT64_MAX;
}

/* Bytes that come under a later number than what is behind them, and that no packet here had: it is among the numbers
 * that were passed over. */
static void look_for_unseen(struct wt_quic *q, struct side *s, const struct wt_quic_sent *p,
                            const struct sent_data *now)
{
    const unsigned space = wt_quic_space_of(p->type);
    uint64_t before, behind;
    struct wt_quic_gap *gap = q->loss->gaps.count && neighbours(s, now, &before, &behind)
                                  ? wt_quic_gaps_between(&q->loss->gaps, p->from, space, before, behind)
                                  : NULL;
    if (!gap)
        return;
    struct sent_data first = *now;
    first.number = gap->first;
    first.frame = 0;
    struct wt_quic_resend *a = add_again(q, p, &first, now->offset, now->offset + now->length);
    if (a)
        a->unseen = true;
    gap->again = true;
    count_again(s, p);
}

/* Which packets had these bytes last: from the newest back, each takes its part off. */
static void look_for(struct wt_quic *q, struct side *s, const struct wt_quic_sent *p, const struct sent_data *now)
{
    const unsigned space = wt_quic_space_of(p->type);
    const uint32_t held = s->count < s->room ? s->count : s->room;
    uint64_t offset = now->offset, end = now->offset + now->length;
    unsigned found = 0;
    for (uint32_t i = 1; i <= held && found < ORIGINALS && offset < end; i++) {
        const struct sent_data *e = &s->ring[(s->count - i) % s->room];
        const uint64_t e_end = e->offset + e->length;
        if (e->what != now->what || e->offset >= end || e_end <= offset || e->number >= p->number ||
            begins_anew(q, p, e))
            continue;
        const uint64_t from = e->offset > offset ? e->offset : offset, to = e_end < end ? e_end : end;
        struct wt_quic_resend *a = add_again(q, p, e, from, to);
        if (a && !a->arrived && wt_quic_acknowledged_has(&s->acknowledged[space], e->number)) {
            a->arrived = true;
            a->first_acknowledged = acknowledged_by(s, space, e->number);
        }
        count_again(s, p);
        found++;
        if (from == offset)
            offset = to;
        else
            end = from;
    }
    if (!found)
        look_for_unseen(q, s, p, now);
}

static void remember(struct side *s, const struct sent_data *data)
{
    enum { LEAST = 2 };
    if (s->count == s->room && s->room < WT_LIMIT_QUIC_SENT) {
        const uint32_t room = s->room ? 2 * s->room : LEAST;
        struct sent_data *more = wt_realloc(s->ring, room * sizeof *more);
        if (more) {
            s->ring = more;
            s->room = room;
        }
    }
    if (s->room)
        s->ring[s->count++ % s->room] = *data;
}

/* How far what it belongs to had been sent; what is beyond is new. */
static uint64_t *end_of(struct side *s, const struct wt_quic_sent *p, const struct wt_quic_frame *f)
{
    if (f->kind == WT_FRAME_CRYPTO)
        return &s->crypto_end[wt_quic_level_of(p->type)];
    if (!s->ends && !(s->ends = wt_calloc(ENDS, sizeof *s->ends)))
        return NULL;
    struct end *e = &s->ends[f->stream_id % ENDS];
    if (e->id != f->stream_id + 1) { /* one that is not remembered may have been sent to any length */
        e->id = f->stream_id + 1;
        e->end = UINT64_MAX;
    }
    return &e->end;
}

void wt_quic_loss_frame(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f)
{
    const struct sent_data now = {.number = p->number,
                                  .what =
                                      f->kind == WT_FRAME_CRYPTO ? CRYPTO | wt_quic_level_of(p->type) : f->stream_id,
                                  .offset = f->offset,
                                  .length = (uint32_t)f->data.n,
                                  .frame = q->o->frame,
                                  .type = (uint8_t)p->type};
    if (!f->data.n || f->data.n > WT_VARINT_MOST - f->offset || wt_quic_numbers_is_copy(q, p))
        return;
    struct side *s = side_of(q, p->from);
    uint64_t *end = s ? end_of(s, p, f) : NULL;
    if (!end)
        return;
    const uint64_t until = f->offset + f->data.n;
    if (f->offset < *end && s->count)
        look_for(q, s, p, &now);
    *end = *end == UINT64_MAX || until > *end ? until : *end;
    remember(s, &now);
}

/* --- numbers that were passed over -------------------------------------------------------------------------------- */

void wt_quic_loss_gap(struct wt_quic *q, const struct wt_quic_sent *p, uint64_t first)
{
    if (side_of(q, p->from))
        wt_quic_gaps_add(&q->loss->gaps, &(struct wt_quic_gap){.first = first,
                                                               .last = p->number - 1,
                                                               .frame = q->o->frame,
                                                               .from = (uint8_t)p->from,
                                                               .space = (uint8_t)wt_quic_space_of(p->type),
                                                               .type = (uint8_t)p->type});
}

void wt_quic_loss_late(struct wt_quic *q, const struct wt_quic_sent *p)
{
    if (q->loss)
        wt_quic_gaps_came(&q->loss->gaps, p->from, wt_quic_space_of(p->type), p->number);
}

/* --- the connection's life ---------------------------------------------------------------------------------------- */

void wt_quic_loss_restart(struct wt_quic *q)
{
    if (!q->loss)
        return;
    struct side *s = &q->loss->side[WT_CLIENT];
    s->count = 0;
    memset(s->crypto_end, 0, sizeof s->crypto_end);
    if (s->ends)
        memset(s->ends, 0, ENDS * sizeof *s->ends);
}

void wt_quic_loss_turn(struct wt_quic *q)
{
    struct wt_quic_loss *l = q->loss;
    if (!l)
        return;
    const struct side side = l->side[0];
    l->side[0] = l->side[1];
    l->side[1] = side;
    for (size_t i = 0; i < l->again_count; i++)
        l->again[i].from = !l->again[i].from;
    wt_quic_gaps_turn(&l->gaps);
}

void wt_quic_loss_free(struct wt_quic_loss *l)
{
    if (!l)
        return;
    for (unsigned side = 0; side < 2; side++) {
        free(l->side[side].ring);
        free(l->side[side].ends);
        for (unsigned space = 0; space < WT_SPACES; space++)
            wt_quic_acknowledged_clear(&l->side[side].acknowledged[space]);
    }
    free(l->again);
    wt_quic_gaps_clear(&l->gaps);
    free(l);
}

size_t wt_quic_loss_bytes(const struct wt_quic_loss *l)
{
    if (!l)
        return 0;
    size_t n = sizeof *l + l->again_room * sizeof *l->again + l->gaps.room * sizeof *l->gaps.list;
    for (unsigned side = 0; side < 2; side++) {
        const struct side *s = &l->side[side];
        n += s->room * sizeof *s->ring + (s->ends ? ENDS * sizeof *s->ends : 0);
        for (unsigned space = 0; space < WT_SPACES; space++)
            n += wt_quic_acknowledged_bytes(&s->acknowledged[space]);
    }
    return n;
}

/* --- what it comes to --------------------------------------------------------------------------------------------- */

/* RFC 9002, 6.1: "The packet is unacknowledged, in flight, and was sent prior to an acknowledged packet." */
bool wt_quic_loss_is_lost(const struct wt_quic *q, const struct wt_quic_resend *a)
{
    const unsigned space = wt_quic_space_of((enum wt_quic_packet)a->type);
    return !a->unseen && !a->arrived && !a->first_acknowledged &&
           q->side[a->from].numbers[space].acknowledged > a->number &&
           !wt_quic_acknowledged_has(&q->loss->side[a->from].acknowledged[space], a->first_number);
}

/* A packet that could not be opened may have any number. */
static bool are_all_open(const struct wt_quic *q, unsigned from, unsigned space)
{
    const struct wt_quic_side *s = &q->side[from];
    for (unsigned type = 0; type < WT_QUIC_PACKETS; type++)
        if (type != WT_QUIC_RETRY && type != WT_QUIC_VERSION_NEGOTIATION &&
            wt_quic_space_of((enum wt_quic_packet)type) == space && s->packets[type] != s->opened[type])
            return false;
    return true;
}

unsigned wt_quic_loss_missing(const struct wt_quic *q, const struct wt_quic_gap *g, unsigned *acknowledged)
{
    *acknowledged = 0;
    return are_all_open(q, g->from, g->space) ? wt_quic_gaps_missing(g, acknowledged) : 0;
}

struct wt_quic_loss_counts wt_quic_loss_count(const struct wt_quic *q, unsigned side)
{
    const struct wt_quic_loss *l = q->loss;
    struct wt_quic_loss_counts out = {.again = l ? l->side[side].again : 0};
    for (size_t i = 0; l && i < l->again_count; i++) {
        const struct wt_quic_resend *a = &l->again[i];
        bool counted = a->from != side || !wt_quic_loss_is_lost(q, a);
        for (size_t k = 0; k < i && !counted; k++) /* one packet may be sent again in parts */
            counted = l->again[k].from == side && l->again[k].first_number == a->first_number &&
                      wt_quic_space_of((enum wt_quic_packet)l->again[k].type) ==
                          wt_quic_space_of((enum wt_quic_packet)a->type);
        out.lost += !counted;
    }
    for (size_t i = 0; l && i < l->gaps.count; i++) {
        unsigned acknowledged, never;
        if (l->gaps.list[i].from != side)
            continue;
        never = wt_quic_loss_missing(q, &l->gaps.list[i], &acknowledged);
        never -= acknowledged;
        *(l->gaps.list[i].again ? &out.lost : &out.skipped) += never;
        out.uncaptured += acknowledged;
    }
    return out;
}

const struct wt_quic_resend *wt_quic_loss_list(const struct wt_quic *q, size_t *n)
{
    *n = q->loss ? q->loss->again_count : 0;
    return q->loss ? q->loss->again : NULL;
}

const struct wt_quic_gap *wt_quic_loss_gaps(const struct wt_quic *q, size_t *n)
{
    *n = q->loss ? q->loss->gaps.count : 0;
    return q->loss ? q->loss->gaps.list : NULL;
}
