/* See straight.c. */
#ifndef WT_CAPTURE_STRAIGHT_H
#define WT_CAPTURE_STRAIGHT_H

#include "capture/packet.h"

/* True, and the segment filled as wt_packet_walk() fills it, when the packet is a plain one. */
bool wt_straight_decode(const struct wt_packet *packet, struct wt_segment *segment);

#endif
