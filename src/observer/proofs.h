/* What the two sides prove: when an observer judges it, and what came of it. */
#ifndef WT_OBSERVER_PROOFS_H
#define WT_OBSERVER_PROOFS_H

#include "base/span.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;

/* Why a proof is bad or cannot be judged: proofs.c says it in words. */
struct wt_tls_proof {
    uint32_t frame;
    uint8_t result, reason;
} __attribute__((packed, aligned(2))); /* seven in each connection: six bytes, not eight */

/* Judges what the handshake at hand has shown so far; `last`: it goes no further. */
void wt_proofs_settle(struct wt_observer *o, struct wt_conversation *c, bool last);
/* The words for a reason (struct wt_tls_proof), N_() marked, or NULL. */
const char *wt_proofs_reason(uint8_t reason);

#endif
