/* Google's own QUIC of before TLS (versions Q0xx): named, with the host that its client asks for where that passes in
 * the clear, and not read any further. */
#ifndef WT_OBSERVER_QUIC_GOOGLE_H
#define WT_OBSERVER_QUIC_GOOGLE_H

#include <stdbool.h>
#include <stdint.h>

struct wt_observer;
struct wt_datagram;
struct wt_quic;
struct wt_quic_sent;

/* A datagram that is none of IETF QUIC: true when it was of such a connection, or begins one. */
bool wt_quic_google_take(struct wt_observer *o, const struct wt_datagram *d);

/* Whether the version is one of the last, with TLS inside; the CRYPTO frames of such a packet that was opened. */
bool wt_quic_google_is_tls(uint32_t version);
void wt_quic_google_frames(struct wt_quic *q, const struct wt_quic_sent *p);

#endif
