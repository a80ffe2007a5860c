/* Stateless resets: RFC 9000, 10.3. */
#ifndef WT_OBSERVER_QUIC_RESET_H
#define WT_OBSERVER_QUIC_RESET_H

#include "codec/frame/frame.h"

struct wt_quic;
struct wt_quic_sent;

/* Of a side's newest packet that was not opened: how it ends, and how it begins behind its first byte. */
struct wt_quic_tail {
    uint8_t last[WT_RESET_TOKEN];
    uint32_t start, frame; /* no frame: there was none */
};

/* Whether a packet with a short header that was not opened is a stateless reset: it ends with a token that its sender
 * has given, or as the one before it does. Notes who sent the first. */
bool wt_quic_reset_take(struct wt_quic *q, const struct wt_quic_sent *p);
/* A packet under keys of the handshake or later, which is none: whoever sends one knows the connection. */
void wt_quic_reset_goes_on(struct wt_quic *q, unsigned from);

#endif
