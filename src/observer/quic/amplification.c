#include "observer/quic/amplification.h"

#include "observer/quic/connection.h"

enum { FACTOR = 3, DATAGRAM = 1200 /* what a server fills its datagrams to: RFC 9000, 14.1 */ };

/* RFC 9000, 8.1: a token, or a Handshake packet, of the client shows that it is there. */
static bool is_validated(const struct wt_quic *q)
{
    return q->flags & (WT_QUIC_RETRY_SEEN | WT_QUIC_UNSEEN_RETRY) || !(q->flags & WT_QUIC_BEGUN) ||
           q->side[WT_CLIENT].packets[WT_QUIC_HANDSHAKE];
}

static void server_sent(struct wt_quic *q)
{
    struct wt_quic_amplification *a = &q->amplification;
    const struct wt_quic_side *client = &q->side[WT_CLIENT], *server = &q->side[WT_SERVER];
    if (a->waited_ns && server->flight > a->said) {
        a->stalled_ns = a->waited_ns;
        return;
    }
    if (!is_validated(q) && server->bytes + DATAGRAM > FACTOR * client->bytes && !a->limit_ns)
        a->limit_ns = q->o->now.ns;
}

static void client_sent(struct wt_quic *q)
{
    struct wt_quic_amplification *a = &q->amplification;
    if (a->waited_ns || !a->limit_ns)
        return;
    a->waited_ns = q->o->now.ns - a->limit_ns;
    a->frame = q->o->frame;
    a->said = q->side[WT_SERVER].flight;
}

void wt_quic_amplification_note(struct wt_quic *q, unsigned from)
{
    if (q->amplification.stalled_ns || q->c->tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED)
        return;
    if (from == WT_SERVER)
        server_sent(q);
    else
        client_sent(q);
}
