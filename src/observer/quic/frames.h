/* What an opened packet's frames tell (RFC 9000, 19). */
#ifndef WT_OBSERVER_QUIC_FRAMES_H
#define WT_OBSERVER_QUIC_FRAMES_H

#include "observer/quic/connection.h"

void wt_quic_frames_read(struct wt_quic *q, const struct wt_quic_sent *p);

#endif
