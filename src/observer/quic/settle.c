#include "observer/quic/settle.h"

#include "observer/quic/close.h"

/* RFC 9001, 4.1.2: the handshake is confirmed at the server when it is complete; the server says so with
 * HANDSHAKE_DONE. A server that refuses the client's certificate closes before it. */
static bool was_refused(const struct wt_quic *q, const struct wt_quic_close *close)
{
    return close && close->from == WT_SERVER && !close->application && close->code >= WT_QUIC_CRYPTO_ERROR &&
           close->code <= WT_QUIC_CRYPTO_ERROR_LAST && !q->confirmed_frame;
}

unsigned wt_quic_settle_state(const struct wt_quic *q)
{
    const struct wt_tls *tls = q->c->tls;
    const struct wt_quic_close *close = wt_quic_close_first(q);
    if (was_refused(q, close))
        return WT_FAILED;
    if (wt_outcome_is_established(tls))
        return WT_ESTABLISHED;
    return close ? WT_FAILED : WT_INCOMPLETE;
}

void wt_quic_settle(struct wt_quic *q)
{
    (void)q;
}
