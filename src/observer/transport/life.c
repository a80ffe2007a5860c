#include "observer/transport/life.h"

#include "observer/state.h"

_Static_assert(sizeof(struct wt_path) <= 24, "millions of conversations are kept");

static struct wt_life *life(struct wt_tls *tls)
{
    if (tls && !tls->life)
        tls->life = wt_arena_alloc(&tls->arena, sizeof *tls->life);
    return tls ? tls->life : NULL;
}

const struct wt_life *wt_life_of(const struct wt_tls *tls)
{
    return tls->life;
}

struct wt_life_copy wt_life_copy(const struct wt_tls *tls)
{
    static const struct wt_life none;
    return (struct wt_life_copy){tls->life != NULL, tls->life ? *tls->life : none};
}

void wt_life_restore(struct wt_conversation *c, const struct wt_life_copy *copy)
{
    struct wt_life *l = copy->any ? life(c->tls) : NULL;
    if (!l) {
        c->path.watched &= WT_WATCH_ACK | WT_WATCH_ICMP;
        return;
    }
    const struct wt_answer_facts answer = l->answer; /* depends on what was read, unlike the rest */
    *l = copy->life;
    if (!answer.frame || !copy->life.answer.frame)
        l->answer = answer;
}

static uint32_t microseconds(int64_t ns)
{
    return ns <= 0 ? 0 : ns / 1000 < UINT32_MAX ? (uint32_t)(ns / 1000) : UINT32_MAX;
}

/* --- the path ------------------------------------------------------------------------------------------------------
 */

static void hops(struct wt_path *p, unsigned d, uint8_t limit)
{
    bool first = !(p->hop_limit_seen & 1u << d);
    p->hop_limit_seen |= (uint8_t)(1u << d) & 3u;
    p->hop_limit[d] = limit;
    if (first || limit < p->lowest[d])
        p->lowest[d] = limit;
    if (first || limit > p->highest[d])
        p->highest[d] = limit;
}

static bool is_other(const struct wt_path *p, unsigned d, uint8_t limit)
{
    const unsigned most = WT_LIMIT_HOPS;
    bool low = limit + most >= p->lowest[d] && limit <= p->lowest[d] + most;
    bool high = limit + most >= p->highest[d] && limit <= p->highest[d] + most;
    return p->hop_limit_seen & 1u << d && !low && !high;
}

static void changed(struct wt_observer *o, struct wt_conversation *c, unsigned d, uint8_t limit)
{
    struct wt_life *l = c->path.hop_limit_seen & 1u << d ? life(c->tls) : NULL;
    if (l)
        l->hop_change[d] = (struct wt_hop_change){o->frame, c->path.hop_limit[d]};
    hops(&c->path, d, limit);
}

/* RFC 6298, 3 (Karn's algorithm): "RTT samples MUST NOT be made using segments that were retransmitted". */
static void round_trips(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_path *p = &c->path;
    const unsigned flags = s->flags & (WT_TCP_SYN | WT_TCP_ACK | WT_TCP_RST);
    if (d == 1 && flags == (WT_TCP_SYN | WT_TCP_ACK) && wt_transport_attempts(&c->transport) == 1 &&
        !wt_transport_opened(&c->transport, 1) && o->now.ns >= c->seen_ns) {
        p->round_trip_us[1] = microseconds(o->now.ns - c->seen_ns);
        p->watched |= WT_WATCH_ACK;
    } else if (d == 0 && p->watched & WT_WATCH_ACK) {
        p->watched &= (uint8_t)~WT_WATCH_ACK;
        if (flags != WT_TCP_ACK || o->now.ns < c->seen_ns)
            return;
        p->round_trip_us[0] = microseconds(o->now.ns - c->seen_ns);
        p->connect_us = microseconds(o->now.ns - c->last_ns); /* without data: of the first packet */
    }
}

/* --- silences ------------------------------------------------------------------------------------------------------
 */

/* Where the capture itself stood still, or another one begins here, there may have been packets: unless the numbers go
 * on where they were, for both sides. */
static bool is_silence(const struct wt_observer *o, const struct wt_conversation *c, unsigned d,
                       const struct wt_segment *s)
{
    const struct wt_tcp_direction *own = &c->transport.tcp[d], *other = &c->transport.tcp[!d];
    return o->jumped_ns <= c->seen_ns || (s->flags & WT_TCP_ACK && own->started && s->sequence == own->next &&
                                          other->started && s->acknowledgment == other->next);
}

/* Nobody waits for anything: what was sent has arrived. */
static bool was_idle(const struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    return wt_transport_is_acknowledged(t, 0) && wt_transport_is_acknowledged(t, 1) && !wt_transport_is_ending(t);
}

static void silence(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_silence now = {c->seen_ns, o->now.ns - c->seen_ns, o->frame, (uint8_t)d};
    struct wt_life *l = now.ns >= WT_LIMIT_SILENCE_NS && is_silence(o, c, d, s) ? life(c->tls) : NULL;
    if (!l)
        return;
    if (now.ns > l->longest.ns)
        l->longest = now;
    if (now.ns < WT_LIMIT_IDLE_NS || !was_idle(c) || s->flags & (WT_TCP_RST | WT_TCP_SYN))
        return;
    l->idle = now;
    l->vain = l->vain_data = 0;
    c->path.watched |= WT_WATCH_IDLE;
}

/* A packet after a silence that has not been answered. */
static void in_vain(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_life *l = c->tls->life;
    if (s->flags & WT_TCP_RST)
        return;
    if (d != l->idle.by) {
        l->idle.ns = 0;
        c->path.watched &= (uint8_t)~WT_WATCH_IDLE;
        return;
    }
    l->vain++;
    if (s->length + s->missing > 1) {
        l->vain_data++;
        l->vain_ns = o->now.ns;
    }
}

/* --- windows -------------------------------------------------------------------------------------------------------
 */

/* RFC 9293, 3.8.6: "The window sent in each segment indicates the range of sequence numbers the sender of the window
 * (the data receiver) is currently prepared to accept." */
static void window(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const uint8_t closed = (uint8_t)(WT_WATCH_WINDOW << d);
    struct wt_life *l;
    if (s->flags & (WT_TCP_RST | WT_TCP_SYN) || !(l = s->window ? c->tls->life : life(c->tls)))
        return;
    struct wt_closed_window *w = &l->window[d];
    if (!s->window && !(c->path.watched & closed)) {
        w->since_ns = o->now.ns;
        w->frame = o->frame;
        c->path.watched |= closed;
    } else if (s->window && c->path.watched & closed) {
        if (o->now.ns - w->since_ns > w->longest_ns)
            w->longest_ns = o->now.ns - w->since_ns;
        w->since_ns = 0;
        c->path.watched &= (uint8_t)~closed;
    }
}

int64_t wt_life_closed_ns(const struct wt_observer *o, const struct wt_conversation *c, unsigned d)
{
    const struct wt_life *l = c->tls->life;
    if (!l || !l->window[d].since_ns || !(c->path.watched & WT_WATCH_WINDOW << d))
        return 0;
    int64_t end = c->tls->end.ns ? c->tls->end.ns : o->jumped_ns > c->seen_ns ? c->seen_ns : o->latest_ns;
    return end > l->window[d].since_ns ? end - l->window[d].since_ns : 0;
}

/* --- what is sent again ---------------------------------------------------------------------------------------------
 */

void wt_life_repeat(struct wt_tls *tls, const struct wt_conversation *c, unsigned d, int64_t quiet)
{
    struct wt_life *l = life(tls);
    const struct wt_tcp_direction *tcp = &c->transport.tcp[d];
    if (!l)
        return;
    if (l->resent[d] < UINT16_MAX)
        l->resent[d]++;
    if (quiet > 0)
        l->resent_ns += quiet;
    if (wt_transport_is_acknowledged(&c->transport, d))
        return; /* it had arrived */
    if (l->again_acked[d] != tcp->acked)
        l->again[d] = 0;
    l->again_acked[d] = tcp->acked;
    if (l->again[d] < UINT16_MAX)
        l->again[d]++;
}

unsigned wt_life_unanswered(const struct wt_conversation *c, unsigned d)
{
    const struct wt_life *l = c->tls->life;
    const struct wt_tcp_direction *tcp = &c->transport.tcp[d];
    bool still = l && l->again_acked[d] == tcp->acked && !wt_transport_is_acknowledged(&c->transport, d);
    return still ? l->again[d] : 0;
}

/* --- resets ---------------------------------------------------------------------------------------------------------
 */

void wt_life_reset(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_life *l = c->tls ? life(c->tls) : NULL;
    if (!l || (l->reset.seen && c->tls->end.reset_seen))
        return;
    const struct wt_tcp_direction *other = &c->transport.tcp[!d];
    l->reset = (struct wt_reset_facts){
        .sequence = s->sequence,
        .after_us = microseconds(o->now.ns - c->tls->outcome.start_ns),
        .hop_limit = s->ttl,
        .seen = true,
        .knows = s->flags & WT_TCP_ACK && other->started && s->acknowledgment == other->next,
        .other_hops = is_other(&c->path, d, s->ttl),
        .frame = o->frame,
    };
    c->path.watched |= WT_WATCH_RESET;
}

/* RFC 9293, 3.5.2: whoever resets has no connection any more. Bytes before the RST's number may be late. */
static void after_reset(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_reset_facts *r = &c->tls->life->reset;
    uint32_t end = s->sequence + s->length + s->missing;
    if (d == c->tls->end.reset_by && s->length && !(s->flags & WT_TCP_RST) && !r->answer_frame &&
        (int32_t)(end - r->sequence) > 0 && (int32_t)(s->sequence - c->transport.tcp[d].next) >= 0)
        r->answer_frame = o->frame;
}

/* --- answers in the clear -------------------------------------------------------------------------------------------
 */

void wt_life_answer(struct wt_observer *o, struct wt_conversation *c, unsigned d)
{
    struct wt_life *l = life(c->tls);
    const struct wt_path *p = &c->path;
    if (!l)
        return;
    bool changed = l->hop_change[d].frame == o->frame;
    l->answer = (struct wt_answer_facts){
        .frame = o->frame,
        .after_us = microseconds(o->now.ns - c->tls->outcome.start_ns),
        .hop_limit = p->hop_limit[d],
        .before = changed ? l->hop_change[d].before : p->hop_limit[d],
        .knows = wt_transport_is_acknowledged(&c->transport, !d),
    };
}

/* --- each packet ----------------------------------------------------------------------------------------------------
 */

void wt_life_look(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    if (!(s->flags & WT_TCP_RST) && (s->ttl != c->path.hop_limit[d] || !(c->path.hop_limit_seen & 1u << d)))
        changed(o, c, d, s->ttl);
    round_trips(o, c, d, s);
    if (c->icmp && c->path.watched & WT_WATCH_ICMP)
        wt_icmp_heed(c, d, s);
    if (!c->tls)
        return;
    silence(o, c, d, s);
    window(o, c, d, s);
    if (c->path.watched & WT_WATCH_IDLE)
        in_vain(o, c, d, s);
    if (c->path.watched & WT_WATCH_RESET)
        after_reset(o, c, d, s);
}
