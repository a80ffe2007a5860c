/* What RFC 9001 has a peer close the connection for in handshake messages over QUIC, beside what TLS says of them. */
#ifndef WT_OBSERVER_QUIC_RULES_H
#define WT_OBSERVER_QUIC_RULES_H

#include "observer/quic/connection.h"

/* A whole message, once it is taken. */
void wt_quic_rules_message(struct wt_quic *q, const struct wt_quic_sent *p, uint8_t type, struct wt_span body);
/* QUIC itself forbids the message where it comes, which wt_quic_rules_message() tells: `finished`: its side's Finished
 * has come before. */
bool wt_quic_rules_forbid(uint8_t type, bool finished);

#endif
