/* Google's own QUIC of before TLS (versions Q0xx): named, with the host that its client asks for where that passes in
 * the clear, or in Initial packets that anyone can open (Q050), and not read any further. */
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

/* Whether the version has packets of the drafts with frames of Google's own (Q050, T050, T051); those of such a packet
 * that was opened, as far as they say something. */
bool wt_quic_google_has_frames(uint32_t version);
void wt_quic_google_frames(struct wt_quic *q, const struct wt_quic_sent *p);

#endif
