/* QUIC connections. */
#ifndef WT_OBSERVER_QUIC_H
#define WT_OBSERVER_QUIC_H

#include <stdbool.h>
#include <stddef.h>

struct wt_observer;
struct wt_conversation;
struct wt_datagram;
struct wt_quic;

/* A datagram: true when it was of a QUIC connection, or begins one. */
bool wt_quic_take(struct wt_observer *o, const struct wt_datagram *d);
/* Nothing more comes of the connection, which may be none of QUIC: before its TLS is settled. */
void wt_quic_end(struct wt_observer *o, struct wt_conversation *c);
/* Its version has no TLS in it: Google's own, up to Q050, are named alone. */
bool wt_quic_is_undecoded(const struct wt_quic *quic);
/* The client's first packet is in the capture. */
bool wt_quic_is_begun(const struct wt_quic *quic);
/* Bytes that it takes. */
size_t wt_quic_bytes(const struct wt_quic *quic);
void wt_quic_free(struct wt_quic *quic);
/* All that connections share. There are none any more. */
void wt_quic_forget(struct wt_observer *o);

#endif
