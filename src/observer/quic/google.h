/* Google's own QUIC of before TLS (versions Q0xx): named, with the host that its client asks for where that passes in
 * the clear, and not read any further. */
#ifndef WT_OBSERVER_QUIC_GOOGLE_H
#define WT_OBSERVER_QUIC_GOOGLE_H

#include <stdbool.h>

struct wt_observer;
struct wt_datagram;

/* A datagram that is none of IETF QUIC: true when it was of such a connection, or begins one. */
bool wt_quic_google_take(struct wt_observer *o, const struct wt_datagram *d);

#endif
