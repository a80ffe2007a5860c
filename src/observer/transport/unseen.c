/* What a segment tells of packets that are not here, or not yet. */
#include "observer/transport/unseen.h"

#include "observer/state.h"

/* A first packet that answers one which comes later in the capture: a SYN-ACK, or the RST of who has no connection
 * there. RFC 9293, 3.10.7.1: "If the ACK bit is off, sequence number zero is used, <SEQ=0><ACK=SEG.SEQ+SEG.LEN>
 * <CTL=RST,ACK>". */
unsigned wt_unseen_is_answer(const struct wt_segment *s)
{
    const unsigned flags = s->flags & (WT_TCP_SYN | WT_TCP_RST | WT_TCP_ACK);
    return flags == (WT_TCP_SYN | WT_TCP_ACK) || (flags == (WT_TCP_RST | WT_TCP_ACK) && !s->sequence);
}

/* An acknowledgment of more than was seen. RFC 9293, 3.10.7.4: "If the ACK acks something not yet sent (SEG.ACK >
 * SND.NXT), then send an ACK, drop the segment, and return." What the capture has lost was sent all the same: only what
 * no window holds was not. False when the segment is to be dropped. */
bool wt_unseen_acknowledged(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                            const struct wt_tcp_sink *sink)
{
    struct wt_transport *t = &c->transport;
    struct wt_tcp_direction *from = &t->tcp[d], *to = &t->tcp[!d];
    bool unused = to->next == to->base + 1, far = s->acknowledgment - to->next > wt_transport_window(t, !d);
    if (unused && far && to->syn && t->flags & WT_TRANSPORT_RIVAL && !to->pending && !(s->flags & WT_TCP_SYN)) {
        /* of several SYN-ACKs this is the one that counts */
        to->next = s->acknowledgment;
        to->base = s->acknowledgment - 1;
    }
    if (wt_transport_may_acknowledge(t, !d, s->acknowledgment)) {
        wt_tcp_acknowledge(to, !d, s->acknowledgment, &o->tcp, sink);
        return true;
    }
    uint32_t offset = s->sequence - from->next, window = wt_transport_window(t, d);
    bool foreign = offset > window && 0u - offset > window;
    return !from->started || !from->syn || offset == 0 || !(foreign || t->flags & WT_TRANSPORT_RIVAL);
}

void wt_unseen_follow(struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    struct wt_tcp_direction *from = &t->tcp[d];
    const uint32_t offset = s->sequence - from->next, window = wt_transport_window(t, d);
    bool unused = from->syn && from->next == from->base + 1 && !from->has_ack && !from->pending;
    if (!unused || !s->length || s->flags & (WT_TCP_SYN | WT_TCP_RST) || offset <= window || 0u - offset <= window)
        return;
    from->next = s->sequence;
    from->base = s->sequence - 1;
}

bool wt_unseen_is_refused(const struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const struct wt_tcp_direction *tcp = c->transport.tcp;
    const uint32_t length = 1 + s->length; /* RFC 9293, 3.4: a SYN counts one */
    return d == 0 && wt_transport_is_refused(&c->transport) && !tcp[0].started && !tcp[1].started &&
           wt_transport_reset_next(&c->transport) == s->sequence + length;
}

/* The first acknowledgment of who opened the connection tells where the other side's stream begins, whose SYN-ACK was
 * not seen: RFC 9293, 3.5. */
void wt_unseen_imply(struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    const struct wt_tcp_direction *from = &t->tcp[d];
    if (from->syn && !from->implied && from->next == from->base + 1 && s->sequence == from->next &&
        !(s->flags & WT_TCP_SYN))
        wt_tcp_imply(&t->tcp[!d], s->acknowledgment);
}

/* The first packet of a direction, to which the other one sent its SYN, acknowledges something else: RFC 9293, 3.5.1,
 * half-open connections: it is of an older one, and tells nothing of where the answer to this SYN begins. */
bool wt_unseen_is_older(struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    const struct wt_tcp_direction *to = &t->tcp[!d];
    if (t->tcp[d].started || !to->syn || to->implied || s->flags & WT_TCP_SYN)
        return false;
    return (int32_t)(s->acknowledgment - to->base) <= 0 ||
           ((int32_t)(s->acknowledgment - to->next) > 0 && !wt_transport_may_acknowledge(t, !d, s->acknowledgment));
}

/* A RST has ended it, and of the other side, which answered before, nothing is here: its packets may come late. */
bool wt_unseen_may_come(const struct wt_transport *t)
{
    const unsigned other = !wt_transport_reset_by(t);
    return wt_transport_is_reset(t) && !wt_transport_seen(t, other) && t->tcp[other].has_ack &&
           wt_transport_opened(t, !other);
}

/* A RST, or an acknowledgment of bytes that are not here, was all of it: so are old connections reset. Bytes of another
 * direction that is late in the file were sent before that; later ones are of another connection. */
bool wt_unseen_is_first(const struct wt_observer *o, const struct wt_conversation *c, const struct wt_segment *s)
{
    return s->length && !c->tls && !(c->flags & (WT_CONV_TOLD | WT_CONV_SPOKE | WT_CONV_TLS)) &&
           o->now.ns <= c->seen_ns;
}

/* RFC 9293, 3.1: an acknowledgment is of what its sender has received. What it answers came too late in the capture. */
void wt_unseen_say_overdue(struct wt_conversation *c)
{
    for (unsigned d = 0; d < 2; d++)
        if (c->flags & WT_CONV_OVERDUE << d)
            wt_finding_add(c->tls, WT_FINDING_CAPTURE_DISORDER, 0, wt_tls_sender_within(wt_tls_side_of(c->tls, d)),
                           WT_LIMIT_TCP_UNHEARD >> 10, 0);
}
