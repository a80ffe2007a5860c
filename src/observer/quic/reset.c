#include "observer/quic/reset.h"

#include "observer/quic/connection.h"
#include "observer/quic/ids.h"
#include "observer/state.h"

/* RFC 9000, 10.3: "The last 16 bytes of the datagram contain a stateless reset token", which "is specific to a
 * connection ID", behind bytes that "SHOULD be indistinguishable from random". Of other packets no two end with the
 * same tag, unless they are the same packet. Bytes that are all the same fill a datagram up. */
static bool ends_as_before(struct wt_quic_tail *tail, struct wt_span packet, uint32_t frame, uint32_t *before)
{
    const uint8_t *last = packet.p + packet.n - WT_RESET_TOKEN;
    const uint32_t start = wt_get32(packet.p + 1);
    const bool filled = memcmp(last, last + 1, WT_RESET_TOKEN - 1) == 0;
    const bool as_before = tail->frame && memcmp(tail->last, last, sizeof tail->last) == 0;
    if (as_before && (start == tail->start || filled))
        return false;
    *before = tail->frame;
    tail->start = start;
    tail->frame = frame;
    memcpy(tail->last, last, sizeof tail->last);
    return as_before;
}

static void note(struct wt_quic *q, unsigned from, uint32_t frame)
{
    q->side[from].resets++;
    if (q->flags & WT_QUIC_RESET)
        return;
    q->flags |= WT_QUIC_RESET;
    q->reset_frame = frame;
    q->reset_from = (uint8_t)from;
}

bool wt_quic_reset_take(struct wt_quic *q, const struct wt_quic_sent *p)
{
    enum { LEAST = 5 + WT_RESET_TOKEN };
    struct wt_quic_side *side = &q->side[p->from];
    uint32_t before;
    if (p->bytes.n < LEAST)
        return false;
    if (wt_quic_ids_is_reset(q, p->from, p->bytes)) {
        wt_quic_reset_goes_on(q, q->reset_from); /* what is known goes before what was guessed */
        note(q, p->from, q->o->frame);
        return true;
    }
    if (q->flags & WT_QUIC_RESET && !q->reset_guessed)
        return false;
    if (!ends_as_before(&side->tail, p->bytes, q->o->frame, &before))
        return false;
    if (!side->resets) /* the one before it is known for one only now */
        note(q, p->from, before);
    note(q, p->from, q->o->frame);
    q->reset_guessed = true;
    return true;
}

/* RFC 9000, 10.3: "An endpoint MAY send a Stateless Reset in response to receiving a packet that it cannot associate
 * with an active connection": also to one whose id the network has spoilt, and goes on with the connection, whose peer
 * knows the token for none of its own. */
void wt_quic_reset_goes_on(struct wt_quic *q, unsigned from)
{
    if (!q->reset_guessed || q->reset_from != from)
        return;
    q->flags &= ~(uint32_t)WT_QUIC_RESET;
    q->reset_guessed = false;
    q->reset_frame = 0;
}
