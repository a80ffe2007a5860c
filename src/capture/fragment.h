/* IP fragments in waiting, bounded. */
#ifndef WT_CAPTURE_FRAGMENT_H
#define WT_CAPTURE_FRAGMENT_H

#include "capture/packet.h"

struct wt_piece;

struct wt_fragments *wt_fragments_new(void);
/* All that never met becomes a count. */
uint64_t wt_fragments_flush(struct wt_fragments *fragments);
void wt_fragments_free(struct wt_fragments *fragments);
/* The numbers (from 1, never the same twice within 2^32) of the datagrams that packets decoded since the last call held
 * a piece of, outermost first; at most `most`, whose room must be there. */
unsigned wt_fragments_touched(struct wt_fragments *fragments, uint32_t *numbers, unsigned most);

/* WT_PACKET_TCP when the piece makes its datagram whole: *whole is then its payload and *protocol what that is. */
enum wt_packet_reason wt_fragments_add(struct wt_fragments *f, const struct wt_piece *piece, struct wt_span *whole,
                                       uint8_t *protocol);
/* Of the datagram that the last call made whole: packets with pieces of it before the last one. */
uint32_t wt_fragments_pieces(const struct wt_fragments *f);
/* Frees the datagrams that the last packet made whole. */
void wt_fragments_release(struct wt_fragments *f);
bool wt_fragments_holds_whole(const struct wt_fragments *f);

#endif
