/* Which capture is closer to the client, how far they are apart, and how far their clocks. */
#include "compare/compare.h"
#include "compare/pair.h"

/* The shortest time from what the client sent to the server's answer that acknowledges it, as one capture saw it. What
 * was sent twice is not measured: which of the two was answered is not known (RFC 6298, 3, Karn's algorithm). */
static int64_t round_trip(const struct wt_pair *p, unsigned capture)
{
    const struct wt_conversation_seen *v = p->seen[capture];
    const struct wt_seen_segment *asked = NULL;
    int64_t shortest = -1, sent = -1;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct wt_seen_segment *s = &v->segments[i];
        if (s->flags & WT_TCP_RST)
            continue;
        if (s->end == v->client) {
            uint32_t until = s->sequence + s->length + ((s->flags & WT_TCP_SYN) != 0);
            int64_t end = (int32_t)(until - v->stream[v->client].reference);
            if (s->length == 0 && !(s->flags & WT_TCP_SYN))
                continue;
            asked = end > sent ? s : NULL;
            sent = end > sent ? end : sent;
        } else if (asked && s->flags & WT_TCP_ACK) {
            uint32_t until = asked->sequence + asked->length + ((asked->flags & WT_TCP_SYN) != 0);
            if ((int32_t)(s->acknowledgment - until) < 0)
                continue;
            if (shortest < 0 || s->ns - asked->ns < shortest)
                shortest = s->ns - asked->ns;
            asked = NULL;
        }
    }
    return shortest;
}

/* Routers lower the TTL: who sees the client's higher is nearer to it. */
static uint8_t near_by_ttl(const struct wt_pair *p)
{
    const struct wt_compare_seen *a = &p->out->seen[0], *b = &p->out->seen[1];
    int client = (int)a->ttl[WT_CLIENT] - b->ttl[WT_CLIENT], server = (int)b->ttl[WT_SERVER] - a->ttl[WT_SERVER];
    if (!a->ttl[WT_CLIENT] || !b->ttl[WT_CLIENT])
        client = 0;
    if (!a->ttl[WT_SERVER] || !b->ttl[WT_SERVER])
        server = 0;
    if (client >= 0 && server >= 0 && client + server > 0)
        return WT_COMPARE_NEAR_A;
    return client <= 0 && server <= 0 && client + server < 0 ? WT_COMPARE_NEAR_B : WT_COMPARE_NEAR_UNKNOWN;
}

struct apart {
    bool any;
    int64_t least, most; /* time at B less time at A */
};

static void gather(const struct wt_pair *p, struct apart apart[2])
{
    const struct wt_conversation_seen *a = p->seen[0];
    for (uint32_t i = 0; i < a->count; i++) {
        const struct wt_seen_segment *s = &a->segments[i];
        if (!s->mate || s->flags & WT_TCP_RST)
            continue;
        if (p->relayed && s->length == 0)
            continue; /* each TCP connection is opened and closed by itself */
        struct apart *d = &apart[wt_pair_side(p, 0, s)];
        int64_t ns = (int64_t)((uint64_t)s->mate->ns - (uint64_t)s->ns);
        d->least = !d->any || ns < d->least ? ns : d->least;
        d->most = !d->any || ns > d->most ? ns : d->most;
        d->any = true;
    }
}

/* What goes from A to B shows B's clock ahead by the transit time, what goes back shows it behind by that. Taken of the
 * fastest segment each way, the difference of the two is the way there and back, whatever the clocks say, and their
 * mean is how far B's clock is ahead, wrong by half of it at most (RFC 5905, 8). */
static void clocks(struct wt_pair *p)
{
    struct apart d[2] = {{0}};
    gather(p, d);
    if (!d[WT_CLIENT].any || !d[WT_SERVER].any)
        return;
    int64_t if_a = d[WT_CLIENT].least - d[WT_SERVER].most, if_b = d[WT_SERVER].least - d[WT_CLIENT].most;
    if (p->near == WT_COMPARE_NEAR_UNKNOWN && if_a != if_b)
        p->near = if_a > if_b && if_a > 0 ? WT_COMPARE_NEAR_A : if_b > 0 ? WT_COMPARE_NEAR_B : p->near;
    bool b = p->near == WT_COMPARE_NEAR_B;
    int64_t way = b ? if_b : if_a;
    int64_t there = b ? d[WT_CLIENT].most : d[WT_CLIENT].least, back = b ? d[WT_SERVER].least : d[WT_SERVER].most;
    p->has_clock = p->out->has_clock = true;
    p->clock = there / 2 + back / 2;
    p->out->between = way > 0 ? way : 0; /* clocks that run apart, or stamps that are not fine enough */
    p->out->clock_error = (way < 0 ? -way : way) / 2;
}

void wt_pair_times(struct wt_pair *p)
{
    p->out->seen[0].round_trip = round_trip(p, 0);
    p->out->seen[1].round_trip = round_trip(p, 1);
    p->near = near_by_ttl(p);
    clocks(p);
}
