/* What is concluded when a connection is over. */
#ifndef WT_OBSERVER_QUIC_SETTLE_H
#define WT_OBSERVER_QUIC_SETTLE_H

#include "observer/quic/connection.h"

/* Its findings. */
void wt_quic_settle(struct wt_quic *q);
/* enum wt_state: the handshake's. */
unsigned wt_quic_settle_state(const struct wt_quic *q);

#endif
