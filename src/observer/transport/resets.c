/* Resets that count, and those that no receiver takes (RFC 9293, 3.5.3 and 3.10.7; RFC 5961, 3). What a RST's receiver
 * does afterwards says more than its number: who goes on has not taken it. */
#include "observer/transport/resets.h"

#include "observer/facts.h"
#include "observer/state.h"
#include "observer/transport/segments.h"

/* RFC 9293, 3.10.7.3, in SYN-SENT: "If the RST bit is set: … If the ACK was acceptable, then signal to the user 'error:
 * connection reset', drop the segment, … Otherwise (no ACK), drop the segment and return." */
static bool refuses_in_vain(const struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    const struct wt_tcp_direction *other = &t->tcp[!d];
    if (!wt_transport_opened(t, !d) || wt_transport_answered(t, !d) || !other->syn)
        return false;
    return !(s->flags & WT_TCP_ACK) || !wt_transport_answers(t, d, s->acknowledgment);
}

/* RFC 9293, 3.10.7.4: "If the RST bit is set and the sequence number is outside the current receive window, silently
 * drop the segment." Who has sent its FIN resets what comes after it by the numbers of what comes. */
static bool is_outside(const struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    const struct wt_tcp_direction *from = &t->tcp[d];
    if (!from->started)
        return refuses_in_vain(t, d, s);
    if (from->fin)
        return false;
    /* RFC 9293, 3.5.1, half-open connections: the SYN is answered with an ACK for an older connection of the same
     * ports, and that one is reset by the number which the ACK expects; the SYN is then sent again */
    if (from->syn && (int32_t)(s->sequence - from->base) < 0)
        return true;
    int32_t ahead = (int32_t)(s->sequence - wt_tcp_newest(from));
    if (ahead > 0)
        return (uint32_t)ahead > wt_transport_window(t, d);
    return from->has_ack && (int32_t)(from->acked - s->sequence) > 0 && (int32_t)(from->acked - from->next) <= 0;
}

static void report(struct wt_conversation *c, unsigned d, uint32_t frame)
{
    c->transport.flags |= WT_TRANSPORT_STRAY;
    if (c->tls && !wt_finding_of(c->tls, WT_FINDING_STRAY_RESET))
        wt_finding_add(c->tls, WT_FINDING_STRAY_RESET, frame, wt_tls_sender_within(wt_tls_side_of(c->tls, d)), 0, 0);
}

/* Nobody acknowledges a RST (RFC 9293, 3.5.3): of two that crossed the earlier one counts, whichever direction is later
 * in the capture. */
static void forget_later(const struct wt_observer *o, struct wt_conversation *c, unsigned d)
{
    struct wt_transport *t = &c->transport;
    struct wt_transport_end *end = c->tls ? &c->tls->end : NULL;
    if (!end || !end->reset_seen || end->reset_by == d || end->fin[d].frame || end->fin[!d].frame ||
        wt_transport_is_skewed(t) || o->tcp.now.ns >= end->reset_ns)
        return;
    t->flags &= (uint16_t) ~(WT_TRANSPORT_RESET | WT_TRANSPORT_RESET_BY_1);
    end->reset_seen = false;
}

void wt_resets_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_transport *t = &c->transport;
    if (is_outside(t, d, s)) {
        report(c, d, o->frame);
        return;
    }
    forget_later(o, c, d);
    wt_segments_leave(o, c, d);
    if (!wt_transport_is_reset(t)) {
        t->flags |= (uint16_t)(WT_TRANSPORT_RESET | (d ? WT_TRANSPORT_RESET_BY_1 : 0));
        t->tcp[d].mark = t->tcp[d].started ? t->tcp[d].next : s->acknowledgment;
        t->tcp[!d].mark = s->sequence;
    }
    if (c->tls) {
        wt_life_reset(o, c, d, s);
        wt_transport_end_reset(&c->tls->end, d, o->tcp.now);
        wt_facts_closed(c->tls, wt_tls_side_of(c->tls, d), true);
    }
    if (!t->tcp[d].started)
        t->flags |= (uint16_t)(WT_TRANSPORT_RST << d);
}

/* It goes on as if the RST had not been. */
static void undo(struct wt_conversation *c)
{
    struct wt_transport *t = &c->transport;
    unsigned by = wt_transport_reset_by(t);
    uint32_t frame = 0;
    t->flags &= (uint16_t) ~(WT_TRANSPORT_RESET | WT_TRANSPORT_RESET_BY_1);
    t->tcp[0].mark = t->tcp[1].mark = 0;
    if (wt_transport_left_first(t, by)) {
        t->flags &= (uint16_t) ~(WT_TRANSPORT_LEFT << by);
        for (unsigned d = 0; d < 2; d++)
            if (wt_transport_ended(t, d))
                wt_transport_leave(t, d);
    }
    if (c->tls) {
        struct wt_transport_end *end = &c->tls->end;
        frame = end->reset_frame;
        end->reset_seen = false;
        end->reset_frame = 0;
        end->ns = end->fin[0].frame || end->fin[1].frame ? c->seen_ns : 0;
        wt_facts_not_closed(c->tls, wt_tls_side_of(c->tls, by));
    }
    report(c, by, frame);
}

void wt_resets_weigh(struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    const struct wt_tcp_direction *by = &t->tcp[wt_transport_reset_by(t)];
    uint32_t next = wt_transport_reset_next(t), number = wt_transport_reset_number(t);
    if (!by->started || !by->has_ack)
        return;
    /* bytes after the RST, and after its number, were taken */
    uint32_t least = (int32_t)(number - next) > 0 ? number : next;
    if ((int32_t)(by->acked - least) > 0)
        undo(c);
}

void wt_resets_settle(struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    const struct wt_tcp_direction *by = &t->tcp[wt_transport_reset_by(t)];
    if (!wt_transport_is_doubtful(t) || !by->has_ack)
        return;
    /* the stream went on, was acknowledged, and did not end where the RST says */
    if ((int32_t)(by->acked - wt_transport_reset_next(t)) > 0 && by->next != wt_transport_reset_next(t) &&
        by->next != wt_transport_reset_number(t))
        undo(c);
}

uint32_t wt_resets_unseen(const struct wt_transport *t, unsigned d)
{
    int32_t n = (int32_t)(wt_transport_reset_number(t) - t->tcp[d].next);
    bool here = wt_transport_is_reset(t) && wt_transport_reset_by(t) == d && t->tcp[d].syn && !t->tcp[d].fin;
    return here && n > 0 && (uint32_t)n <= wt_transport_window(t, d) ? (uint32_t)n : 0;
}

/* A direction left first: in order, when the other side's close_notify came before, which an acknowledgment denies, and
 * otherwise times tell. */
static void settle_close(struct wt_conversation *c, unsigned d)
{
    struct wt_tls *tls = c->tls;
    const struct wt_tcp_stamp *fin = &tls->end.fin[d], *end = fin->frame ? fin : &tls->end.rst[d];
    const struct wt_tls_side *other = &tls->side[wt_tls_side_of(tls, !d)];
    const bool later = wt_transport_follows_fin(&c->transport, d, other->spoke_acknowledgment);
    const bool answers = wt_facts_has_closed(tls, wt_tls_side_of(tls, !d)) && !later && other->spoke_ns <= end->ns;
    tls->seen.flags &= ~(uint32_t)(WT_SEEN_CUT | WT_SEEN_CUT << 1 | WT_SEEN_CUT_RESET);
    if (!answers && !wt_facts_has_closed(tls, wt_tls_side_of(tls, d)))
        tls->seen.flags |= (uint32_t)WT_SEEN_CUT << wt_tls_side_of(tls, d) | (fin->frame ? 0u : WT_SEEN_CUT_RESET);
}

void wt_resets_order(struct wt_conversation *c)
{
    wt_transport_order_ends(&c->transport, &c->tls->end);
    for (unsigned d = 0; d < 2; d++)
        if (wt_transport_left_first(&c->transport, d) && wt_transport_end_by(&c->tls->end, d) &&
            !wt_transport_is_skewed(&c->transport))
            settle_close(c, d);
}
