/* Handshake messages that come again: how many, and what had them sent. */
#ifndef WT_OBSERVER_DTLS_REPEATS_H
#define WT_OBSERVER_DTLS_REPEATS_H

#include "observer/dtls/state.h"

/* A fragment of a message that was told. True when it says something else than that. */
bool wt_dtls_repeats_take(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f);
/* A handshake record that nobody opened, of a kind that has come. */
void wt_dtls_repeats_hidden(struct wt_dtls_reading *r);
/* A message that was not there before. */
void wt_dtls_repeats_new(struct wt_dtls_reading *r);

#endif
