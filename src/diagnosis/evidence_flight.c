/* Evidence: a message that never became whole: its sender stopped, or the path dropped the rest. */
#include "diagnosis/case.h"

/* RFC 9293, 3.4: an acknowledgment covers all bytes before its number. The receiver's stops where bytes are missing,
 * although later ones, or the FIN, were sent: they did not reach it. */
static void unreached(struct wt_case *k)
{
    if (k->tls->side[WT_SERVER].flags & WT_SIDE_UNREACHED)
        wt_evidence_add(k, WT_EVIDENCE_SERVER_UNREACHED, k->end.frame, WT_SERVER);
    else if (k->tls->side[WT_CLIENT].flags & WT_SIDE_UNREACHED)
        wt_evidence_add(k, WT_EVIDENCE_CLIENT_UNREACHED, k->end.frame, WT_CLIENT);
}

void wt_evidence_flight(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const unsigned side = tls->pace.last_from;
    struct wt_case_begun begun;
    unreached(k);
    if (!wt_case_begun(k, side, &begun) || tls->report.alert_count)
        return;
    bool ended = k->end.fin || k->end.reset;
    bool hello = tls->flow.facts & (WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO);
    bool arrived = wt_transport_is_acknowledged(&k->c->transport, wt_tls_direction_of(tls, side)) ||
                   wt_transport_is_fed(&k->c->transport);
    bool waited = ended ? wt_case_waited(k) * 1e9 >= WT_LIMIT_PATIENCE_NS : wt_outcome_is_stalled(k->o, k->c);
    if (arrived && waited)
        wt_evidence_add(k, WT_EVIDENCE_MESSAGE_STOPPED, k->end.frame, side);
    else if (!hello && ended)
        wt_evidence_add(k, k->end.side == side ? WT_EVIDENCE_MESSAGE_LEFT : WT_EVIDENCE_MESSAGE_CUT, k->end.frame,
                        side);
}
