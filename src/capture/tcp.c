#include "capture/tcp_pending.h"

#include "capture/packet.h"
#include "registry/limits.h"

#include <stdlib.h>

_Static_assert(sizeof(struct wt_tcp_direction) <= 32, "millions of directions are kept");

static void deliver(const struct wt_tcp_lane *l, const uint8_t *bytes, uint32_t n)
{
    if (n == 0)
        return;
    l->sink->data(l->sink->context, l->direction, wt_span_of(bytes, n));
    l->d->next += n;
}

static void lose(const struct wt_tcp_lane *l, uint32_t n)
{
    if (n == 0)
        return;
    l->sink->gap(l->sink->context, l->direction, n);
    l->d->next += n;
}

/* What was sent in the knowledge of the other direction's bytes up to `number` is not handed on before them. Without
 * another direction nothing waits. */
static bool other_has_reached(const struct wt_tcp_pending *p, uint32_t number)
{
    return !p->other || wt_tcp_has_reached(p->other, number);
}

static bool fin_is_early(const struct wt_tcp_direction *d)
{
    const struct wt_tcp_pending *p = d->pending;
    return p && ((p->fin_waits && !other_has_reached(p, p->fin_needs)) ||
                 (d->tentative && wt_tcp_pending_is_empty(p)));
}

/* The end, when it is reached; the FIN came with that packet, if it is another than the one at hand. */
static void settle_at(const struct wt_tcp_lane *l, struct wt_tcp_stamp fin)
{
    struct wt_tcp_direction *d = l->d;
    if (!d->fin || d->ended || d->next != d->fin_seq || fin_is_early(d))
        return;
    d->ended = 1;
    wt_tcp_pending_forget(l);
    l->totals->held = fin;
    l->totals->is_held = fin.frame != 0;
    l->sink->end(l->sink->context, l->direction);
    l->totals->is_held = false;
}

static void settle(const struct wt_tcp_lane *l)
{
    settle_at(l, l->d->pending ? l->d->pending->fin_stamp : (struct wt_tcp_stamp){0});
}

/* It is the first slot's turn, as far as the other direction is concerned. */
static bool has_turn(const struct wt_tcp_lane *l, const struct wt_tcp_slot *s)
{
    return !s->waits || other_has_reached(l->d->pending, s->needs);
}

/* No byte is missing before the first slot: it waits for its turn. */
static bool is_blocked(const struct wt_tcp_lane *l)
{
    const struct wt_tcp_pending *p = l->d->pending;
    return p && !wt_tcp_pending_is_empty(p) && wt_tcp_pending_head(l)->sequence == l->d->next &&
           (l->d->tentative || !has_turn(l, wt_tcp_pending_head(l)));
}

static bool has_reset_turn(const struct wt_tcp_pending *p)
{
    return p->rst_is_due || other_has_reached(p, p->rst_needs);
}

/* Hands on what has become due. A slot is never overtaken: what is handed on past it goes up to its first byte. What a
 * late segment completes is due with that segment; what stands behind a hole given up was due when it came. */
static void drain(const struct wt_tcp_lane *l, bool given_up)
{
    struct wt_tcp_direction *d = l->d;
    struct wt_tcp_pending *p = d->pending;
    while (!wt_tcp_pending_is_empty(p) && wt_tcp_pending_head(l)->sequence == d->next && !is_blocked(l)) {
        struct wt_tcp_slot s = *wt_tcp_pending_head(l);
        uint32_t n = s.n;
        if (d->fin && wt_tcp_beyond(s.sequence + n, d->fin_seq) > 0) /* kept before we knew where the stream ends */
            n = d->fin_seq - s.sequence;
        p->first++;
        p->since_ack = 0;
        p->is_acked = false;
        l->totals->held = s.stamp;
        l->totals->is_held = given_up || p->in_turn;
        l->totals->in_turn = !given_up;
        l->totals->waited = true;
        if (s.bytes)
            deliver(l, s.bytes, n);
        else
            lose(l, n);
        l->totals->is_held = l->totals->waited = false;
        wt_tcp_pending_release(l, &s);
    }
    const struct wt_tcp_pending left = *p;
    bool reset = wt_tcp_pending_is_empty(p) && p->rst_waits && has_reset_turn(p);
    if (wt_tcp_pending_is_empty(p) && !fin_is_early(d) && (reset || !p->rst_waits))
        wt_tcp_pending_forget(l);
    settle_at(l, left.fin_stamp);
    if (reset && !d->pending && l->sink->reset)
        l->sink->reset(l->sink->context, l->direction, &left.rst);
}

/* The first bytes wait no longer for others before them; nothing waits for its turn any more. */
static void lose_patience(const struct wt_tcp_lane *l)
{
    struct wt_tcp_pending *p = l->d->pending;
    if (l->d->tentative && !wt_tcp_pending_is_empty(p) && !has_turn(l, wt_tcp_pending_head(l))) {
        l->d->tentative = 0;
        return;
    }
    for (uint32_t i = p->first; i < p->end; i++)
        p->slots[i].waits = false;
    p->fin_waits = false;
    p->rst_is_due = true;
    l->d->tentative = 0;
}

static bool is_acknowledged(const struct wt_tcp_direction *d, uint32_t number)
{
    return d->has_ack && wt_tcp_beyond(d->acked, number) >= 0;
}

static bool hole_is_acknowledged(const struct wt_tcp_lane *l)
{
    return is_acknowledged(l->d, wt_tcp_pending_head(l)->sequence);
}

/* What no window holds and nobody acknowledged is of another numbering, or was never sent. */
static bool is_foreign(const struct wt_tcp_direction *d, uint32_t number)
{
    return wt_tcp_beyond(number, d->next) > (int32_t)WT_LIMIT_TCP_UNSEEN && !is_acknowledged(d, number);
}

/* Goes on behind the first hole, or without waiting for the other direction. */
static void give_up(const struct wt_tcp_lane *l)
{
    struct wt_tcp_direction *d = l->d;
    if (!d->pending)
        return;
    if (wt_tcp_pending_is_empty(d->pending) || is_blocked(l)) {
        lose_patience(l);
        drain(l, false);
        return;
    }
    uint32_t target = wt_tcp_pending_head(l)->sequence;
    if (is_foreign(d, target)) {
        l->totals->dropped_segments += d->pending->end - d->pending->first;
        wt_tcp_pending_forget(l);
        settle(l);
        return;
    }
    if (d->fin && wt_tcp_beyond(target, d->fin_seq) > 0) {
        /* what is kept is beyond the end of the stream, and no receiver takes it; the FIN at whose turn it would be let
         * go of waits no longer */
        target = d->fin_seq;
        d->pending->fin_waits = false;
    }
    lose(l, target - d->next);
    drain(l, true);
}

/* How far the stream has come, as segments and acknowledgments show. */
static uint32_t farthest(const struct wt_tcp_direction *d)
{
    const uint32_t newest = wt_tcp_newest(d);
    return wt_tcp_beyond(d->acked, newest) > 0 ? d->acked : newest;
}

/* The receiver has the bytes that we lack, and the stream has gone on so far since that they are not merely late. */
static bool hole_is_hopeless(const struct wt_tcp_lane *l)
{
    const struct wt_tcp_pending *p = l->d->pending;
    /* where it came first, as of two taps of which one is late, it says nothing of how long the bytes are missing */
    if (!p->is_acked || !hole_is_acknowledged(l))
        return false;
    return farthest(l->d) - p->acked_far > WT_LIMIT_TCP_ACKED_AHEAD || p->since_ack >= WT_LIMIT_TCP_ACKED_SEGMENTS;
}

static bool is_over_limit(const struct wt_tcp_lane *l)
{
    const struct wt_tcp_pending *p = l->d->pending;
    return p->held > WT_LIMIT_TCP_PENDING || p->end - p->first > WT_LIMIT_TCP_PENDING_SEGMENTS ||
           l->totals->pending_bytes > WT_LIMIT_TCP_PENDING_ALL;
}

/* The lane of the direction that is waited for. */
static struct wt_tcp_lane lane_of_other(const struct wt_tcp_lane *l)
{
    return (struct wt_tcp_lane){l->d->pending->other, !l->direction, l->totals, l->sink, NULL};
}

/* Each direction waits for the other: a retransmission acknowledges more than the segment that it repeats. */
static bool is_deadlock(const struct wt_tcp_lane *l)
{
    if (!l->d->pending->other || l->d->tentative)
        return false;
    const struct wt_tcp_lane other = lane_of_other(l);
    return is_blocked(&other) && !other.d->tentative && other.d->pending->other == l->d &&
           wt_tcp_pending_head(l)->stamp.frame < wt_tcp_pending_head(&other)->stamp.frame;
}

/* It has waited for its turn as long as it is worth. What is waited for may be the rest of the stream, which comes late
 * as a whole; where later bytes of it are here it can only be some packets. */
static bool is_late(const struct wt_tcp_lane *l)
{
    const struct wt_tcp_pending *p = l->d->pending;
    if (l->d->tentative)
        return l->totals->now.ns - wt_tcp_pending_head(l)->stamp.ns > WT_LIMIT_RTO_NS;
    return p->held > WT_LIMIT_TCP_UNHEARD || p->since_other >= WT_LIMIT_TCP_ACKED_SEGMENTS;
}

/* The first slot waits for its turn: false while it goes on waiting. */
static bool judge_turn(const struct wt_tcp_lane *l, bool over)
{
    if (!over && !is_late(l) && !is_deadlock(l))
        return false;
    if (l->d->pending->other && !l->d->tentative) {
        const struct wt_tcp_lane other = lane_of_other(l);
        struct wt_tcp_direction *o = other.d;
        /* what is waited for was lost to the capture, and what comes after it is here */
        if (o->pending && !wt_tcp_pending_is_empty(o->pending) && !is_blocked(&other) && hole_is_acknowledged(&other)) {
            give_up(&other);
            if (l->d->pending)
                drain(l, false);
            return true;
        }
        if (!l->d->impatient && l->d->pending->held > WT_LIMIT_TCP_UNHEARD && l->sink->overdue)
            l->sink->overdue(l->sink->context, l->direction);
        l->d->impatient = 1;
    }
    give_up(l);
    return true;
}

static void judge(const struct wt_tcp_lane *l)
{
    while (l->d->pending && !wt_tcp_pending_is_empty(l->d->pending)) {
        bool over = is_over_limit(l);
        if (is_blocked(l)) {
            if (!judge_turn(l, over))
                return;
        } else if (over || hole_is_hopeless(l)) {
            give_up(l);
        } else {
            return;
        }
        l->totals->limit_hits += over;
    }
}

static void count_since_other(struct wt_tcp_pending *p)
{
    const struct wt_tcp_pending *late = p->other->pending;
    const bool stands = late && !wt_tcp_pending_is_empty(late) && p->other->next == p->other_next;
    p->since_other = stands ? p->since_other + 1 : 0;
    p->other_next = p->other->next;
}

/* A segment that cannot simply be handed on. */
static void hold(const struct wt_tcp_lane *l, uint32_t sequence, struct wt_span payload, uint32_t missing)
{
    struct wt_tcp_direction *d = l->d;
    bool acknowledged, kept;
    if (!wt_tcp_pending_of(l)) {
        l->totals->dropped_segments++;
        return;
    }
    d->pending->in_turn |= d->tentative;
    acknowledged = !wt_tcp_pending_is_empty(d->pending) && !is_blocked(l) && hole_is_acknowledged(l);
    const uint64_t held = d->pending->held; /* a copy of what is kept shows no progress of the stream */
    kept = wt_tcp_pending_keep(l, sequence, payload.p, (uint32_t)payload.n) &&
           wt_tcp_pending_keep(l, sequence + (uint32_t)payload.n, NULL, missing);
    if (!kept)
        l->totals->dropped_segments++;
    d->pending->since_ack += acknowledged && d->pending->held != held;
    if (d->pending->other)
        count_since_other(d->pending);
    drain(l, false);
    judge(l);
}

/* The receiver has acknowledged the SYN that was seen, or what follows it and cannot follow the other one. */
static bool is_the_acknowledged(const struct wt_tcp_direction *d, uint32_t other)
{
    const uint32_t beyond = d->acked - d->next;
    return d->has_ack && (!beyond || (beyond <= WT_LIMIT_TCP_UNSEEN && d->acked - other > WT_LIMIT_TCP_UNSEEN));
}

/* Where the stream begins, when this segment tells it or tells it better. */
static bool begin(const struct wt_tcp_lane *l, uint32_t sequence, uint8_t flags, size_t n)
{
    struct wt_tcp_direction *d = l->d;
    bool unused = d->started && d->next == d->base + 1; /* no byte was handed on */
    int32_t offset = wt_tcp_beyond(sequence, d->next);
    if (flags & WT_TCP_SYN) {
        /* RFC 9293, 3.10.7.3: in SYN-SENT a SYN is taken whose segment is acceptable; after it the number is settled,
         * and 3.10.7.4 answers another one with a challenge ACK. Which one was taken its acknowledgment shows. */
        bool settled = d->started && d->syn && !d->implied && (!unused || is_the_acknowledged(d, sequence));
        /* RFC 9293, 3.5: who opened the connection has acknowledged the SYN that counts, and this one is another */
        settled |= d->implied && flags & WT_TCP_ACK && d->has_ack && offset != 0;
        if (offset == 0 || !settled)
            d->implied = 0;
        if (d->started && d->syn && (settled || offset == 0))
            return true;
        if (d->started && !d->syn && (!unused || offset > 0 || offset < -(int32_t)WT_LIMIT_TCP_REWIND))
            return true;
        /* what waits was numbered by another SYN, unless none was seen: then it follows this one, which comes late */
        if (!d->started || d->syn)
            wt_tcp_pending_forget(l);
        d->syn = 1;
    } else if (d->started) {
        bool before, keep_alive;
        if (d->syn || !unused || n == 0)
            return true;
        /* The capture began in the middle and in disorder: an acknowledgment came before the data that it follows. */
        before = offset < 0 && offset >= -(int32_t)WT_LIMIT_TCP_REWIND && n > 1;
        /* The first segment seen was a keep-alive, which RFC 9293, 3.8.4 sends one byte before the next one. */
        keep_alive = offset == 1 && !d->pending;
        if (!before && !keep_alive)
            return true;
    } else if (flags & WT_TCP_RST) {
        return false; /* what numbers a reset bears tells nothing of the stream */
    }
    /* a capture that begins in the middle of a stream may have its first two segments in either order, be one a FIN */
    d->tentative = !(flags & WT_TCP_SYN) && !d->started && (n > 0 || (flags & WT_TCP_FIN && wt_tcp_pending_of(l)));
    d->started = 1;
    d->next = sequence;
    d->base = sequence - 1;
    /* a FIN before the number at which the stream begins was of another one */
    if (d->fin && wt_tcp_beyond(d->fin_seq, sequence) < 0)
        d->fin = 0;
    return true;
}

/* The first bytes of a stream that was caught in its middle wait for the next segment: it may come before them. One
 * without bytes that comes after them shows that they are in order. */
static void take_second(const struct wt_tcp_lane *l, uint32_t sequence, size_t n)
{
    struct wt_tcp_direction *d = l->d;
    int32_t offset = wt_tcp_beyond(sequence, d->next);
    if (n && offset == 0 && !wt_tcp_pending_is_empty(d->pending))
        return; /* they come again: a copy, as from two places */
    if (n == 0 && sequence != wt_tcp_newest(d) && !(d->fin && sequence == d->fin_seq + 1))
        return;
    d->tentative = 0;
    if (offset < 0 && offset >= -(int32_t)WT_LIMIT_TCP_REWIND && n > 1) {
        d->next = sequence;
        d->base = sequence - 1;
    }
}

/* A segment too far away to belong to the stream: nothing that a window could hold, unless the receiver confirms it. */
static bool is_outside(const struct wt_tcp_direction *d, uint32_t sequence)
{
    int32_t offset = wt_tcp_beyond(sequence, d->next), from_ack = wt_tcp_beyond(sequence, d->acked);
    const int32_t window = (int32_t)WT_LIMIT_TCP_WINDOW;
    if (offset >= -window && offset <= window)
        return false;
    return offset < 0 || !d->has_ack || wt_tcp_beyond(d->acked, d->next) <= 0 || from_ack > window ||
           from_ack < -window;
}

/* Takes n bytes off the front of payload and what is missing behind it. */
static void trim_front(struct wt_span *payload, uint32_t *missing, uint32_t n)
{
    if (n <= payload->n) {
        *payload = wt_span_cut(*payload, n, payload->n);
    } else {
        n -= (uint32_t)payload->n;
        *missing = n < *missing ? *missing - n : 0;
        payload->n = 0;
    }
}

/* Leaves at most n bytes of payload and what is missing behind it. */
static void trim_back(struct wt_span *payload, uint32_t *missing, uint32_t n)
{
    if (n <= payload->n) {
        payload->n = n;
        *missing = 0;
    } else if (n - payload->n < *missing) {
        *missing = n - (uint32_t)payload->n;
    }
}

static void wait_with_fin(const struct wt_tcp_lane *l)
{
    struct wt_tcp_pending *p = wt_tcp_pending_of(l);
    if (!p)
        return;
    p->other = l->turn->other;
    p->fin_needs = l->turn->needs;
    p->fin_waits = true;
}

static void take(const struct wt_tcp_lane *l, uint32_t sequence, uint8_t flags, struct wt_span payload,
                 uint32_t missing)
{
    struct wt_tcp_direction *d = l->d;
    uint32_t end;
    if (flags & WT_TCP_SYN)
        sequence++; /* RFC 9293, 3.4: "SYN is considered to occur before the first actual data octet" */
    if (__builtin_expect(d->tentative && d->pending, 0))
        take_second(l, sequence, payload.n);
    if (d->ended || !begin(l, sequence, flags, payload.n))
        return;
    /* RFC 9293, 3.5.3 lets a reset carry data that explains it; that is no part of the stream. */
    if (flags & WT_TCP_RST)
        return;
    if (missing > WT_LIMIT_PACKET)
        missing = WT_LIMIT_PACKET;
    end = sequence + (uint32_t)payload.n + missing;
    if (is_outside(d, sequence)) {
        l->totals->dropped_segments++;
        return;
    }
    /* of a stream that a translator numbers anew, and that was captured on both sides of it, the other FIN may come
     * first */
    if ((flags & WT_TCP_FIN) && (!d->fin || is_foreign(d, d->fin_seq)) && wt_tcp_beyond(end, d->next) >= 0) {
        d->fin = 1;
        d->fin_seq = end;
    }
    if (d->fin && wt_tcp_beyond(end, d->fin_seq) > 0) {
        trim_back(&payload, &missing, wt_tcp_beyond(d->fin_seq, sequence) > 0 ? d->fin_seq - sequence : 0);
        end = sequence + (uint32_t)payload.n + missing;
    }
    if (wt_tcp_beyond(sequence, d->next) < 0) {
        trim_front(&payload, &missing, d->next - sequence);
        sequence = d->next;
    }
    if (l->turn && d->fin && wt_tcp_beyond(end, d->fin_seq) == 0)
        wait_with_fin(l);
    if (wt_tcp_beyond(end, sequence) <= 0) {
        settle(l);
    } else if (sequence == d->next && !l->turn && !d->tentative &&
               (!d->pending || wt_tcp_pending_is_empty(d->pending) ||
                wt_tcp_beyond(end, wt_tcp_pending_head(l)->sequence) <= 0)) {
        deliver(l, payload.p, (uint32_t)payload.n);
        lose(l, missing);
        if (d->pending)
            drain(l, false);
        else
            settle(l);
    } else {
        hold(l, sequence, payload, missing);
    }
    if (flags & WT_TCP_FIN && d->pending && !d->pending->fin_stamp.frame)
        d->pending->fin_stamp = l->totals->now;
}

void wt_tcp_segment(struct wt_tcp_direction *d, unsigned direction, uint32_t sequence, uint8_t flags,
                    struct wt_span payload, uint32_t missing, struct wt_tcp_totals *totals,
                    const struct wt_tcp_sink *sink)
{
    if (__builtin_expect(sequence == d->next && !d->pending && d->started && !d->fin && missing == 0 &&
                             (flags & (WT_TCP_SYN | WT_TCP_FIN | WT_TCP_RST)) == 0,
                         1)) {
        if (payload.n > 0) {
            sink->data(sink->context, direction, payload);
            d->next += (uint32_t)payload.n;
        }
        return;
    }
    take(&(struct wt_tcp_lane){d, direction, totals, sink, NULL}, sequence, flags, payload, missing);
}

void wt_tcp_wait(struct wt_tcp_direction *d, unsigned direction, uint32_t sequence, uint8_t flags,
                 struct wt_span payload, uint32_t missing, struct wt_tcp_turn turn, struct wt_tcp_totals *totals,
                 const struct wt_tcp_sink *sink)
{
    take(&(struct wt_tcp_lane){d, direction, totals, sink, &turn}, sequence, flags, payload, missing);
}

void wt_tcp_wait_reset(struct wt_tcp_direction *d, unsigned direction, const struct wt_tcp_reset *reset,
                       struct wt_tcp_turn turn, struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink)
{
    const struct wt_tcp_lane l = {d, direction, totals, sink, NULL};
    struct wt_tcp_pending *p = wt_tcp_pending_of(&l);
    if (!p || p->rst_waits)
        return;
    p->rst_waits = true;
    p->rst = *reset;
    p->rst_is_due = !turn.other;
    p->rst_needs = turn.needs;
    if (turn.other)
        p->other = turn.other;
}

void wt_tcp_imply(struct wt_tcp_direction *d, uint32_t number)
{
    d->started = d->syn = d->implied = 1;
    d->next = number;
    d->base = number - 1;
}

uint32_t wt_tcp_newest(const struct wt_tcp_direction *d)
{
    const struct wt_tcp_pending *p = d->pending;
    return p && p->end > p->first ? p->slots[p->end - 1].sequence + p->slots[p->end - 1].n : d->next;
}

bool wt_tcp_waits(const struct wt_tcp_direction *d)
{
    return d->pending && d->pending->other;
}

void wt_tcp_reconsider(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                       const struct wt_tcp_sink *sink)
{
    const struct wt_tcp_lane l = {d, direction, totals, sink, NULL};
    if (wt_tcp_pending_is_empty(d->pending) ? has_reset_turn(d->pending) || !fin_is_early(d)
                                            : wt_tcp_pending_head(&l)->sequence == d->next && !is_blocked(&l))
        drain(&l, false);
    judge(&l);
}

void wt_tcp_acknowledged(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                         const struct wt_tcp_sink *sink)
{
    const struct wt_tcp_lane l = {d, direction, totals, sink, NULL};
    if (!wt_tcp_pending_is_empty(d->pending) && !d->pending->is_acked && hole_is_acknowledged(&l)) {
        d->pending->is_acked = true;
        d->pending->acked_far = farthest(d);
    }
    wt_tcp_reconsider(d, direction, totals, sink);
}

/* Bytes before a FIN that was seen, when nothing more comes. */
static void end(const struct wt_tcp_lane *l)
{
    struct wt_tcp_direction *d = l->d;
    d->tentative = 0;
    if (d->fin && !d->ended && d->started && wt_tcp_beyond(d->fin_seq, d->next) > 0 && !is_foreign(d, d->fin_seq))
        lose(l, d->fin_seq - d->next);
    settle(l);
}

void wt_tcp_flush(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                  const struct wt_tcp_sink *sink)
{
    struct wt_tcp_lane l = {d, direction, totals, sink, NULL};
    while (d->pending)
        give_up(&l);
    end(&l);
}

void wt_tcp_alternate(struct wt_tcp_direction d[2], struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink)
{
    uint32_t before;
    do {
        before = d[0].next + d[0].ended + d[1].next + d[1].ended;
        for (unsigned i = 0; i < 2; i++)
            if (d[i].pending)
                wt_tcp_reconsider(&d[i], i, totals, sink);
    } while (before != d[0].next + d[0].ended + d[1].next + d[1].ended);
}

/* Which direction goes on first when neither can: after a hole in it, rather than before what it acknowledges; else
 * whose first bytes were captured first. */
static unsigned first_of(const struct wt_tcp_lane l[2])
{
    const struct wt_tcp_pending *p = l[0].d->pending, *q = l[1].d->pending;
    if (!p || !q)
        return p ? 0 : 1;
    if (wt_tcp_pending_is_empty(p) || wt_tcp_pending_is_empty(q))
        return wt_tcp_pending_is_empty(p) ? 1 : 0;
    if (is_blocked(&l[0]) != is_blocked(&l[1]))
        return is_blocked(&l[0]) ? 1 : 0;
    return p->slots[p->first].stamp.frame < q->slots[q->first].stamp.frame ? 0 : 1;
}

void wt_tcp_flush_both(struct wt_tcp_direction d[2], struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink)
{
    struct wt_tcp_lane l[2] = {{&d[0], 0, totals, sink, NULL}, {&d[1], 1, totals, sink, NULL}};
    while (d[0].pending || d[1].pending) {
        wt_tcp_alternate(d, totals, sink);
        if (d[0].pending || d[1].pending)
            give_up(&l[first_of(l)]);
    }
    end(&l[0]);
    end(&l[1]);
}
