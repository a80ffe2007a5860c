/* Packets that came before what their keys are made of, as with an endpoint (RFC 9001, 5.7: "protected packets might be
 * received by an endpoint before the final TLS handshake messages are received"): 0-RTT that overtakes the ClientHello,
 * what follows a ServerHello that was late. */
#ifndef WT_OBSERVER_QUIC_WAITING_H
#define WT_OBSERVER_QUIC_WAITING_H

#include "observer/quic/connection.h"

/* Keeps a copy, within WT_LIMIT_QUIC_WAITING packets of a connection and WT_LIMIT_QUIC_WAITING_BYTES of them; false
 * when it is not kept. */
bool wt_quic_waiting_add(struct wt_quic *q, const struct wt_quic_sent *p);
/* Keys may have come: `read` gets each packet that waits, with frame and time of its own. What it does not take
 * (false) waits on. */
typedef bool wt_quic_waiting_reader(struct wt_quic *q, struct wt_quic_sent *p);
void wt_quic_waiting_retry(struct wt_quic *q, wt_quic_waiting_reader *read);
void wt_quic_waiting_free(struct wt_quic *q);

#endif
