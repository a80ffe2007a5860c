/* What the application speaks, by its first bytes. */
#ifndef WT_OBSERVER_DTLS_INSIDE_H
#define WT_OBSERVER_DTLS_INSIDE_H

#include "observer/dtls/state.h"

/* Plaintext of one record: what a datagram holds. */
void wt_dtls_inside_look(struct wt_dtls *dtls, struct wt_span text);

#endif
