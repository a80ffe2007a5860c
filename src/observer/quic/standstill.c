#include "observer/quic/standstill.h"

#include "observer/endless.h"
#include "observer/outcome.h"
#include "observer/quic/connection.h"

enum {
    APART_NS = 10000000,         /* what comes sooner belongs to the datagram before it */
    HIDDEN_APART_NS = 100000000, /* of what nobody can open: a flight may be sent piece by piece */
    CROSSING_NS = 500000000,     /* what was under way when the other side's came: no round trip is so long */
    VAIN = 2,                    /* RFC 9002, 6.2.1: "the PTO period being set to twice its current value" each time */
};

void wt_quic_standstill_news(struct wt_quic *q)
{
    if (q->o->now.ns < q->news_ns)
        return;
    q->news_ns = q->o->now.ns;
    q->news_frame = q->o->frame;
    q->news_flight = q->side[WT_SERVER].flight;
    q->side[0].again = q->side[1].again = (struct wt_quic_again){0};
}

void wt_quic_standstill_note(struct wt_quic *q, unsigned from, int64_t before_ns, struct wt_span datagram)
{
    struct wt_quic_again *again = &q->side[from].again;
    const struct wt_quic_side *side = &q->side[from];
    const bool hidden = side->packets[WT_QUIC_HANDSHAKE] && !side->opened[WT_QUIC_HANDSHAKE];
    const int64_t now = q->o->now.ns, apart = hidden ? HIDDEN_APART_NS : APART_NS;
    if (!(datagram.p[0] & WT_QUIC_LONG) || now - before_ns < apart || now - q->news_ns < apart)
        return;
    if (!again->count || datagram.n < again->least)
        again->least = (uint32_t)datagram.n;
    if (!again->count)
        again->first_ns = now;
    again->last_ns = now;
    again->count++;
    again->frame = q->o->frame;
}

bool wt_quic_standstill_is_answered(const struct wt_quic *q)
{
    const struct wt_quic_side *server = &q->side[WT_SERVER];
    bool closed = false;
    for (unsigned i = 0; i < q->close_count; i++)
        closed |= q->closes[i].from == WT_SERVER;
    return closed || q->flags & (WT_QUIC_RETRY_SEEN | WT_QUIC_RETRY_BAD | WT_QUIC_NEGOTIATED) ||
           server->crypto[WT_LEVEL_INITIAL] || server->packets[WT_QUIC_HANDSHAKE] || wt_quic_data_packets(server) ||
           server->packets[WT_QUIC_INITIAL] > server->opened[WT_QUIC_INITIAL];
}

/* RFC 9001, 4.9.1, 5.1: Handshake keys are made of the ServerHello: who uses them has got it, or an acknowledgment of
 * what it answers. A token is a Retry's. */
bool wt_quic_standstill_is_heard(const struct wt_quic *q, unsigned from)
{
    const struct wt_quic_side *other = &q->side[!from];
    if (from == WT_CLIENT)
        return other->datagrams;
    return q->side[from].numbers[WT_SPACE_INITIAL].acknowledged || other->packets[WT_QUIC_HANDSHAKE] ||
           wt_quic_data_packets(other);
}

/* RFC 9001, 4.1.2: "the TLS handshake is considered confirmed at the server when the handshake completes", which it
 * says with HANDSHAKE_DONE; until then it sends its flight again. */
static void after_finished(const struct wt_quic *q, struct wt_quic_stands *s)
{
    const struct wt_quic_side *client = &q->side[WT_CLIENT], *server = &q->side[WT_SERVER];
    s->finished = true;
    if (q->flags & WT_QUIC_TAKEN)
        return;
    /* a server that has got it sends nothing but 1-RTT packets from then on */
    const bool insists = server->again.count && server->flight > q->news_flight &&
                         server->again.last_ns - q->news_ns >= CROSSING_NS &&
                         server->last_ns - server->again.last_ns < APART_NS;
    if (insists && (server->again.count >= VAIN || client->again.count >= VAIN)) {
        s->kind = WT_QUIC_UNHEARD;
        s->side = WT_CLIENT;
    } else if (client->again.count > VAIN && server->last_ns < client->again.first_ns) {
        s->kind = WT_QUIC_SILENT;
        s->side = WT_SERVER;
    }
}

/* The server had sent what it may, and nothing has come of it since. Whose Finished has passed had said all. */
static bool is_limited(const struct wt_quic *q)
{
    const struct wt_quic_amplification *a = &q->amplification;
    return a->limit_ns && !a->stalled_ns && q->side[WT_SERVER].last_ns <= a->limit_ns &&
           !wt_flow_has(&q->c->tls->flow, WT_FACT_SERVER_FINISHED);
}

static void before_finished(const struct wt_quic *q, struct wt_quic_stands *s)
{
    const struct wt_quic_side *client = &q->side[WT_CLIENT], *server = &q->side[WT_SERVER];
    s->side = WT_SERVER;
    if (!server->datagrams) {
        /* a client that has heard the server: it is the capture that lacks it */
        s->kind = wt_quic_standstill_is_heard(q, WT_SERVER) ? WT_QUIC_GOES_ON : WT_QUIC_UNANSWERED;
    } else if (is_limited(q)) {
        s->kind = WT_QUIC_LIMITED;
    } else if (!server->again.count) {
        s->kind = WT_QUIC_SILENT;
    } else if (client->again.count) {
        s->kind = WT_QUIC_UNHEARD;
    } else {
        s->kind = WT_QUIC_SILENT;
        s->side = WT_CLIENT;
    }
}

struct wt_quic_stands wt_quic_standstill(const struct wt_quic *q)
{
    const struct wt_quic_side *client = &q->side[WT_CLIENT], *server = &q->side[WT_SERVER];
    const struct wt_tls *tls = q->c->tls;
    const bool vain = client->again.count >= VAIN || server->again.count >= VAIN;
    struct wt_quic_stands s = {.frame = q->news_frame,
                               .waited_ns = wt_observer_seen_until(q->o, q->c->last_ns) - q->news_ns};
    if (wt_finding_of(tls, WT_FINDING_CAPTURE_TRUNCATED)) /* what was cut may be what is waited for */
        return s;
    if (!q->news_ns || !client->datagrams || !(client->again.count || server->again.count) ||
        s.waited_ns < (vain ? WT_LIMIT_PATIENCE_NS : WT_LIMIT_STALL_NS) ||
        !wt_flow_has(&tls->flow, WT_FACT_CLIENT_HELLO))
        return s;
    /* RFC 9001, 5.7: "A client generally receives 1-RTT keys at the same time as the handshake completes" */
    if (tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED || wt_quic_data_packets(client))
        after_finished(q, &s);
    else
        before_finished(q, &s);
    return s;
}

/* RFC 9001, 4.1.1, 5.7: a client has keys for 1-RTT packets when its handshake is complete, whether or not the capture
 * has all messages of that. */
bool wt_quic_standstill_is_undelivered(const struct wt_quic *q)
{
    return !wt_quic_data_packets(&q->side[WT_CLIENT]) && wt_outcome_is_undelivered(q->c);
}
