/* Packet numbers (RFC 9000, 12.3): which were seen, which were acknowledged, and what that says of loss. */
#ifndef WT_OBSERVER_QUIC_NUMBERS_H
#define WT_OBSERVER_QUIC_NUMBERS_H

#include "observer/quic/connection.h"

/* Whether that number has certainly come before. */
bool wt_quic_numbers_was_seen(const struct wt_quic *q, const struct wt_quic_sent *p);
/* Whether it may have: what lies far behind is not remembered one by one. */
bool wt_quic_numbers_is_copy(const struct wt_quic *q, const struct wt_quic_sent *p);
/* A packet was opened and read; `eliciting`: it is to be acknowledged. */
void wt_quic_numbers_sent(struct wt_quic *q, const struct wt_quic_sent *p, bool eliciting);
/* An ACK frame in a packet. */
void wt_quic_numbers_acknowledged(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_ack *ack);

#endif
