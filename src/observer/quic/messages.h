/* CRYPTO streams: each side's handshake bytes of each level in order (RFC 9000, 7.5 and 19.6), and the messages that
 * they are, which go the way of all handshake messages. */
#ifndef WT_OBSERVER_QUIC_MESSAGES_H
#define WT_OBSERVER_QUIC_MESSAGES_H

#include "observer/quic/connection.h"

/* A CRYPTO frame of a packet. */
void wt_quic_messages_take(struct wt_quic *q, const struct wt_quic_sent *p, uint64_t offset, struct wt_span data);
/* The server has shown that the handshake is complete: both Finished have passed, here or not. */
void wt_quic_messages_complete(struct wt_quic *q);
/* Nothing more comes: bytes that never came are missing from their side. */
void wt_quic_messages_end(struct wt_quic *q);
/* Whether messages were read in the order in which their side has sent them: those of one level are. */
bool wt_quic_messages_are_ordered(const struct wt_quic *q);
void wt_quic_messages_free(struct wt_quic_crypto *crypto);
size_t wt_quic_messages_bytes(const struct wt_quic_crypto *crypto);

#endif
