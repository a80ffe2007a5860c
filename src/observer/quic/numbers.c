#include "observer/quic/numbers.h"

#include "observer/quic/loss.h"
#include "observer/quic/messages.h"

enum { WINDOW = 64 }; /* numbers that are remembered one by one */

bool wt_quic_numbers_is_copy(const struct wt_quic *q, const struct wt_quic_sent *p)
{
    const struct wt_quic_numbers *n = &q->side[p->from].numbers[wt_quic_space_of(p->type)];
    const uint64_t behind = n->next - 1 - p->number;
    return n->any && p->number < n->next && (behind >= WINDOW || n->seen >> behind & 1);
}

bool wt_quic_numbers_was_seen(const struct wt_quic *q, const struct wt_quic_sent *p)
{
    const struct wt_quic_numbers *n = &q->side[p->from].numbers[wt_quic_space_of(p->type)];
    return n->next - 1 - p->number < WINDOW && wt_quic_numbers_is_copy(q, p);
}

/* RFC 9000, 12.3: "A QUIC endpoint MUST NOT reuse a packet number within the same packet number space in one
 * connection": one that comes again is a copy. */
void wt_quic_numbers_sent(struct wt_quic *q, const struct wt_quic_sent *p, bool eliciting)
{
    struct wt_quic_side *side = &q->side[p->from];
    struct wt_quic_numbers *n = &side->numbers[wt_quic_space_of(p->type)];
    if (eliciting)
        side->eliciting_ns = q->o->now.ns;
    if (p->number >= n->next) {
        const uint64_t ahead = p->number + 1 - n->next;
        if (n->any && ahead > 1)
            wt_quic_loss_gap(q, p, n->next);
        if (n->any)
            n->skipped += (uint32_t)(ahead - 1 < UINT16_MAX ? ahead - 1 : UINT16_MAX);
        n->seen = ahead < WINDOW ? n->seen << ahead | 1 : 1;
        n->next = p->number + 1;
        n->any = true;
        return;
    }
    const uint64_t behind = n->next - 1 - p->number;
    wt_quic_loss_late(q, p);
    if (behind >= WINDOW)
        return;
    if (n->seen >> behind & 1)
        n->repeated++;
    else if (n->skipped)
        n->skipped--;
    n->seen |= (uint64_t)1 << behind;
}

/* RFC 9001, 5.7: "a server MUST NOT process incoming 1-RTT protected packets before the TLS handshake is complete":
 * what it acknowledges of them has come after the Finished. 0-RTT packets have numbers of the same space. */
static bool shows_finished(const struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_ack *ack)
{
    if (p->from != WT_SERVER)
        return false;
    return p->type == WT_QUIC_HANDSHAKE ? q->finished_number && ack->largest_acknowledged + 1 >= q->finished_number
                                        : p->type == WT_QUIC_1RTT && !q->side[WT_CLIENT].packets[WT_QUIC_0RTT];
}

/* RFC 9002, 6.1.1: a packet is lost when it was sent kPacketThreshold packets before one that was acknowledged: counted
 * are those below the largest that no range of this ACK has. */
void wt_quic_numbers_acknowledged(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_ack *ack)
{
    struct wt_quic_numbers *n = &q->side[!p->from].numbers[wt_quic_space_of(p->type)];
    if (ack->largest_acknowledged >= WT_VARINT_MOST)
        return;
    /* RFC 9000, 13.1: "An endpoint SHOULD treat receipt of an acknowledgment for a packet it did not send as a
     * connection error": the capture may have missed it, though not in these numbers */
    if (shows_finished(q, p, ack))
        wt_quic_messages_complete(q);
    if (ack->largest_acknowledged + 1 > n->acknowledged)
        n->acknowledged = ack->largest_acknowledged + 1;
    wt_quic_loss_acknowledged(q, p, ack);
}
