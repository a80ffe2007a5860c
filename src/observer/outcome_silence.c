/* Silence: whether a handshake stands still, or what it sends is not delivered. */
#include "observer/dtls/dtls.h"
#include "observer/endless.h"
#include "observer/outcome.h"
#include "observer/state.h"

/* What was said last was acknowledged, or sent again in vain: the silence is on the wire. Without either it is the
 * capture that holds no more of this conversation: a filter, so many packets of each, several captures in one. */
static bool is_acknowledged(const struct wt_conversation *c)
{
    return wt_transport_is_acknowledged(&c->transport, wt_tls_direction_of(c->tls, c->tls->pace.last_from));
}

/* Over UDP: whether a side has said its last messages so often again. */
static bool is_repeated(const struct wt_conversation *c, unsigned most)
{
    return wt_transport_is_datagrams(&c->transport) &&
           (wt_transport_repeats(&c->transport, 0) >= most || wt_transport_repeats(&c->transport, 1) >= most);
}

static bool is_silence(const struct wt_conversation *c)
{
    return is_acknowledged(c) || is_repeated(c, 1) ||
           wt_transport_repeats(&c->transport, wt_tls_direction_of(c->tls, c->tls->pace.last_from));
}

/* RFC 6298, 2 and 5.5: each retransmission waits twice as long as the one before. Three of them that nothing came back
 * to, not even an acknowledgment, show the silence themselves. Over UDP it is the handshake itself that waits, from the
 * first second on (RFC 6347, 4.2.4.1: "initial timer value of 1 second"; RFC 9002, 6.2.2 with 6.2.1: likewise). */
static bool is_vain(const struct wt_conversation *c)
{
    return !is_acknowledged(c) &&
           (is_repeated(c, 2) ||
            wt_transport_repeats(&c->transport, wt_tls_direction_of(c->tls, c->tls->pace.last_from)) >= 3);
}

int64_t wt_outcome_quiet_since(const struct wt_conversation *c)
{
    const struct wt_udp_ends *udp = &c->transport.udp;
    if (!wt_transport_is_datagrams(&c->transport))
        return c->last_ns;
    const bool waits[2] = {wt_transport_repeats(&c->transport, 0), wt_transport_repeats(&c->transport, 1)};
    if (waits[0] != waits[1])
        return udp->news_ns[waits[1]];
    const bool second = waits[0] ? udp->news_ns[1] < udp->news_ns[0] : udp->news_ns[1] > udp->news_ns[0];
    return udp->news_ns[second];
}

/* Whether that side has got beyond the handshake, or given it up: its host reports then what comes too late for it. */
static bool has_left(const struct wt_tls_side *side)
{
    return side->data.records || side->flags & (WT_SIDE_LAST_ALERT | WT_SIDE_CLOSE_NOTIFY | WT_SIDE_FATAL);
}

/* One that nothing new followed was the end, unless that is in a packet that was cut, or the error may be about what
 * shares the ports. */
bool wt_outcome_is_undelivered(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const bool alone = wt_transport_is_datagrams(&c->transport) && !wt_dtls_is_shared(tls->dtls) &&
                       !wt_finding_of(tls, WT_FINDING_CAPTURE_TRUNCATED);
    for (unsigned direction = 0; direction < 2 && alone; direction++) {
        const struct wt_icmp_kept *error = wt_icmp_about(c, direction);
        if (error && wt_icmp_rejects(&error->error) && error->frame > tls->side[0].message_frame &&
            error->frame > tls->side[1].message_frame && !has_left(&tls->side[wt_tls_side_of(tls, !direction)]))
            return true;
    }
    return false;
}

/* RFC 5246, 7.4.9: over datagrams who sends application data has got through, though what it sent again until then, and
 * what answered it, are all that is here. */
static bool goes_on(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    return wt_transport_is_datagrams(&c->transport) && !wt_tls_is_13(tls) &&
           (tls->side[0].data.records || tls->side[1].data.records);
}

/* A capture of one side, of chosen packets, of cut ones, or one with holes tells nothing by its silence; over UDP, what
 * it lacks and is sent again, its receiver lacks, too. RFC 6298, 2.1: a retransmission is due after 1 s, then 2. */
bool wt_outcome_is_stalled(const struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const bool holes = (!wt_transport_is_datagrams(&c->transport) && (tls->side[0].missing || tls->side[1].missing)) ||
                       wt_finding_of(tls, WT_FINDING_CAPTURE_TRUNCATED);
    return wt_transport_opened_both(&c->transport) && !holes && !goes_on(c) && !tls->agreed.renegotiations &&
           is_silence(c) &&
           wt_observer_seen_until(o, c->last_ns) - wt_outcome_quiet_since(c) >=
               (is_vain(c) ? WT_LIMIT_PATIENCE_NS : WT_LIMIT_STALL_NS);
}
