/* How QUIC's keys were made, step by step, for who asked for it: options.keep_secrets. All of it is computed once more
 * then, so that opening pays nothing. */
#ifndef WT_OBSERVER_QUIC_STEPS_H
#define WT_OBSERVER_QUIC_STEPS_H

#include "observer/quic/opener.h"

/* Packets open with these keys; those of Initial packets are told before the first. */
void wt_quic_steps_keys(struct wt_quic *q, unsigned from, const struct wt_quic_opener *k);
/* The next packet is under those of n updates more: before k goes on to them. */
void wt_quic_steps_update(struct wt_quic *q, unsigned from, const struct wt_quic_opener *k, unsigned n);
/* Nothing more comes: where no other keys were found those of Initial packets are told alone. */
void wt_quic_steps_end(struct wt_quic *q);

#endif
