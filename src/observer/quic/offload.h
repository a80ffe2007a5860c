/* Datagrams that segmentation offload left in one piece: a capture on the sender has several, of one size but for the
 * last, behind one UDP header. Where the next begins shows by its connection id, which is the first one's; without an
 * id all that can be done is to try sizes. */
#ifndef WT_OBSERVER_QUIC_OFFLOAD_H
#define WT_OBSERVER_QUIC_OFFLOAD_H

#include "observer/quic/connection.h"

/* The i-th size that the short packet at the beginning of `rest`, whose id has `id_length` bytes, may have; 0: there
 * are no more. `largest`: bytes of the largest datagram that its sender has sent by itself. */
size_t wt_quic_offload_guess(struct wt_span rest, size_t id_length, uint32_t largest, size_t i);
/* Whether the ids alone show that there are several packets: at equal distances. Their size, or 0. */
size_t wt_quic_offload_size(struct wt_span rest, size_t id_length);

#endif
