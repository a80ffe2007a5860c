/* Packets with their frames, for whoever asks for them: options.quic_packet. */
#ifndef WT_OBSERVER_QUIC_TOLD_H
#define WT_OBSERVER_QUIC_TOLD_H

#include "codec/ext/ext.h"
#include "observer/quic/connection.h"

/* The transport parameters of a side's hello: told with the packet that completes it. */
void wt_quic_told_parameters(struct wt_quic *q, unsigned from, struct wt_ext_quic_transport_parameters all);
void wt_quic_told_packet(struct wt_quic *q, const struct wt_quic_sent *p, bool opened);
/* Nothing more comes of the connection. */
void wt_quic_told_end(struct wt_quic *q);
void wt_quic_told_free(struct wt_quic_told *told);
size_t wt_quic_told_bytes(const struct wt_quic_told *told);

#endif
