/* What an application says in streams and datagrams (RFC 9000, 2; RFC 9221): the frames of opened packets, as they
 * come.
 */
#ifndef WT_OBSERVER_QUIC_APPLICATION_H
#define WT_OBSERVER_QUIC_APPLICATION_H

#include "observer/quic/connection.h"

/* STREAM, DATAGRAM, RESET_STREAM(_AT) or STOP_SENDING of a packet: `p` says who sent it and whether it is early data
 * (0-RTT). Frames come as packets do: doubled, and in any order. */
void wt_quic_application_frame(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f);
/* Nothing more comes of the connection. */
void wt_quic_application_end(struct wt_quic *q);
void wt_quic_application_free(struct wt_quic_application *application);
size_t wt_quic_application_bytes(const struct wt_quic_application *application);

#endif
