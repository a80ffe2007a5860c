#include "observer/quic/amplification.h"

#include "observer/quic/connection.h"

enum {
    FACTOR = 3,
    DATAGRAM = 1200, /* what a server fills its datagrams to: RFC 9000, 14.1 */
    PAUSE_NS = 100000000,
    REPEATS_NS = 900000000, /* RFC 9002, 6.2.2: the first PTO is a second: what comes later was sent before */
};

/* RFC 9000, 8.1: a token, or a Handshake packet, of the client shows that it is there. */
static bool is_validated(const struct wt_quic *q)
{
    return q->flags & (WT_QUIC_RETRY_SEEN | WT_QUIC_UNSEEN_RETRY) || !(q->flags & WT_QUIC_BEGUN) ||
           q->side[WT_CLIENT].numbers[WT_SPACE_HANDSHAKE].acknowledged;
}

/* What a server that has sent its Finished sends then it has sent before: it waits for nothing but the client's. */
static bool has_said_all(const struct wt_quic *q)
{
    return wt_flow_has(&q->c->tls->flow, WT_FACT_SERVER_FINISHED);
}

static bool is_at_limit(uint64_t sent, uint64_t received)
{
    return sent + DATAGRAM > FACTOR * received;
}

/* Nobody says which of the client's datagrams come: all that are here, or none since the first. A server that stops
 * just where it must in the second case has heard of none. */
static void look(struct wt_quic *q)
{
    struct wt_quic_amplification *a = &q->amplification;
    const uint64_t sent = q->side[WT_SERVER].bytes, client = q->side[WT_CLIENT].bytes;
    const bool sure = is_at_limit(sent, client) && !q->side[WT_CLIENT].packets[WT_QUIC_HANDSHAKE];
    if (is_validated(q) || has_said_all(q) || a->waited_ns || q->o->now.ns - a->begun_ns >= REPEATS_NS)
        return;
    if (!sure && !(is_at_limit(sent, a->first) && sent <= (uint64_t)FACTOR * a->first)) {
        a->limit_ns = 0;
        return;
    }
    a->limit_ns = q->o->now.ns; /* what is left may be enough for one that is smaller */
    a->sent = (uint32_t)sent;
    a->received = sure ? (uint32_t)client : a->first;
    a->doubtful = !sure;
}

static void server_sent(struct wt_quic *q)
{
    struct wt_quic_amplification *a = &q->amplification;
    const int64_t paused = q->o->now.ns - a->limit_ns;
    if (q->side[WT_SERVER].datagrams == 1) {
        a->first = (uint32_t)q->side[WT_CLIENT].bytes;
        a->begun_ns = q->o->now.ns;
    }
    if (a->waited_ns && q->side[WT_SERVER].flight > a->said) {
        if (!a->doubtful || paused >= PAUSE_NS) {
            a->stalled_ns = paused;
            return;
        }
        a->limit_ns = a->waited_ns = 0;
    }
    look(q);
}

static void client_sent(struct wt_quic *q)
{
    struct wt_quic_amplification *a = &q->amplification;
    if (!a->limit_ns)
        return;
    a->frame = q->o->frame; /* the newest may be the first that arrives */
    if (a->waited_ns)
        return;
    a->waited_ns = q->o->now.ns - a->limit_ns;
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
