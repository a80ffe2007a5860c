#include "observer/transport/icmp.h"

#include "observer/state.h"

/* RFC 5927, 4.1: an error is only believed if what it quotes was sent and is not acknowledged yet; anybody may send
 * one. */
static bool was_sent(const struct wt_tcp_direction *tcp, uint32_t sequence)
{
    bool within = (int32_t)(sequence - tcp->base) >= 0 && (int32_t)(sequence - tcp->next) <= 0;
    return tcp->started && within && !(tcp->has_ack && (int32_t)(sequence - tcp->acked) < 0);
}

static bool is_same(const struct wt_icmp_kept *k, const struct wt_icmp_error *e, unsigned d)
{
    return k->direction == d && k->error.type == e->type && k->error.code == e->code && k->error.v6 == e->v6 &&
           k->error.mtu == e->mtu && memcmp(k->error.sender, e->sender, sizeof e->sender) == 0;
}

static void keep(struct wt_observer *o, struct wt_conversations *table, struct wt_conversation *c,
                 const struct wt_icmp_kept *new)
{
    struct wt_icmp_errors *e = wt_conversations_icmp(table, c);
    if (!e) {
        o->lost[WT_LOST_ICMP]++;
        return;
    }
    if (new->error.mtu)
        c->path.watched |= WT_WATCH_ICMP;
    for (uint32_t i = 0; i < e->count && i < WT_LIMIT_ICMP_KINDS; i++)
        if (is_same(&e->kept[i], &new->error, new->direction)) {
            e->kept[i].count++;
            return;
        }
    if (e->count < WT_LIMIT_ICMP_KINDS)
        e->kept[e->count] = *new;
    e->count++;
}

void wt_icmp_keep(struct wt_observer *o, const struct wt_segment *s)
{
    unsigned d = 0;
    struct wt_conversation *c = wt_conversations_find(o->conversations, s, &d);
    /* two taps, merged late: the error may come before what it quotes */
    bool early = c && !c->transport.tcp[d].started;
    if (!c || c->flags & WT_CONV_ENDED || (!early && !was_sent(&c->transport.tcp[d], s->sequence)))
        return;
    keep(o, o->conversations, c,
         &(struct wt_icmp_kept){.error = s->icmp,
                                .frame = o->frame,
                                .count = 1,
                                .sequence = s->sequence,
                                .direction = (uint8_t)d,
                                .early = early});
}

void wt_icmp_keep_of_datagram(struct wt_observer *o, struct wt_conversation *c, const struct wt_segment *s,
                              unsigned direction)
{
    keep(o, o->udp.table, c,
         &(struct wt_icmp_kept){.error = s->icmp, .frame = o->frame, .count = 1, .direction = (uint8_t)direction});
}

void wt_icmp_settle(struct wt_conversation *c)
{
    struct wt_icmp_errors *e = c->icmp;
    uint32_t n = 0;
    if (!e || wt_transport_is_datagrams(&c->transport))
        return;
    uint32_t kinds = e->count < WT_LIMIT_ICMP_KINDS ? e->count : WT_LIMIT_ICMP_KINDS;
    for (uint32_t i = 0; i < kinds; i++)
        if (!e->kept[i].early || was_sent(&c->transport.tcp[e->kept[i].direction], e->kept[i].sequence))
            e->kept[n++] = e->kept[i];
    e->count -= kinds - n;
}

/* RFC 1191, 3: on "fragmentation needed" a host "MUST reduce its estimate of the PMTU". What was under way may still be
 * too big; what is sent again may not. Offloading shows segments that the network card has yet to cut: they are larger
 * than what the router saw. */
void wt_icmp_heed(struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const uint32_t tcp_header = 20, ip_header = c->icmp->kept[0].error.v6 ? 40 : 20;
    uint32_t payload = s->length + s->missing, total = ip_header + tcp_header + (uint32_t)s->options.n + payload;
    const struct wt_tcp_direction *tcp = &c->transport.tcp[d];
    if (!payload || !tcp->started || (int32_t)(s->sequence + payload - tcp->next) > 0)
        return;
    for (uint32_t i = 0; i < c->icmp->count && i < WT_LIMIT_ICMP_KINDS; i++) {
        struct wt_icmp_kept *k = &c->icmp->kept[i];
        if (k->direction != d || !k->error.mtu)
            continue;
        if (total > k->error.mtu && total <= k->error.quoted)
            k->ignored++;
        else if (total <= k->error.mtu && s->sequence == k->sequence)
            k->heeded = true;
    }
}

const struct wt_icmp_kept *wt_icmp_about(const struct wt_conversation *c, unsigned d)
{
    const struct wt_icmp_kept *newest = NULL;
    for (uint32_t i = 0; c->icmp && i < c->icmp->count && i < WT_LIMIT_ICMP_KINDS; i++)
        if (c->icmp->kept[i].direction == d)
            newest = &c->icmp->kept[i];
    return newest;
}

bool wt_icmp_rejects(const struct wt_icmp_error *error)
{
    const uint8_t unreachable = error->v6 ? 1 : 3, exceeded = error->v6 ? 3 : 11;
    return !error->mtu && (error->type == unreachable || error->type == exceeded);
}

bool wt_icmp_is_of_host(const struct wt_conversation *c, const struct wt_icmp_kept *kept)
{
    return memcmp(kept->error.sender, c->ip[!kept->direction], sizeof kept->error.sender) == 0;
}
