#include "observer/transport/syns.h"

#include "observer/state.h"
#include "observer/transport/journal.h"
#include "observer/transport/multipath.h"
#include "observer/transport/unseen.h"

bool wt_syns_is_another(const struct wt_transport *t, unsigned d, const struct wt_segment *s)
{
    if (s->flags & WT_TCP_SYN && s->flags & WT_TCP_ACK)
        return t->tcp[d].syn && s->sequence != t->tcp[d].base && wt_transport_is_over(t) &&
               !wt_transport_answers(t, d, s->acknowledgment);
    if (!(s->flags & WT_TCP_SYN))
        return false;
    return t->tcp[d].started ? s->sequence != t->tcp[d].base : (bool)(t->flags & (WT_TRANSPORT_RST << d));
}

bool wt_syns_take(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s, int64_t age)
{
    struct wt_transport *t = &c->transport;
    bool answer = s->flags & WT_TCP_ACK;
    if (answer && !wt_transport_answers(t, d, s->acknowledgment)) {
        t->flags |= WT_TRANSPORT_RIVAL;
        return false;
    }
    /* RFC 9293, 3.5: a SYN is acknowledged by the number of the first byte after it */
    if (answer && wt_unseen_is_start(&t->tcp[!d], s->acknowledgment))
        wt_tcp_imply(&t->tcp[!d], s->acknowledgment);
    if (answer && t->tcp[d].syn && s->sequence != t->tcp[d].base)
        t->flags |= WT_TRANSPORT_RIVAL;
    /* while nothing else was sent, the newest packet is the other SYN */
    bool first = wt_transport_opened(t, !d) && !wt_transport_opened(t, d) && !(c->flags & WT_CONV_SPOKE);
    if (first && (answer ? o->now.ns < c->last_ns : wt_transport_answered(t, !d) && o->now.ns > c->last_ns))
        t->flags |= WT_TRANSPORT_SKEWED;
    wt_transport_open(t, d, s->flags, age);
    wt_transport_scale(t, d, s);
    wt_multipath_syn(o, c, d, s);
    t->tcp[d].sums |= wt_journal_checksum(s);
    return true;
}
