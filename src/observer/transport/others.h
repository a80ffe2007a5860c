/* Packets that gave no TCP segment, and what few packets have. */
#ifndef WT_OBSERVER_OTHERS_H
#define WT_OBSERVER_OTHERS_H

#include "observer/state.h"

void wt_others_take(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s,
                    enum wt_packet_reason reason);
/* Of a packet with WT_NOTE_..., before it is taken. */
void wt_others_notes(struct wt_observer *o, const struct wt_segment *s);

#endif
