/* Handshake messages out of their fragments: each is told once and in its turn, whatever comes again, late or early. */
#ifndef WT_OBSERVER_DTLS_FRAGMENTS_H
#define WT_OBSERVER_DTLS_FRAGMENTS_H

#include "observer/dtls/state.h"

/* The content of a handshake record, in the clear or opened. */
void wt_dtls_fragments_take(struct wt_dtls_reading *r);
/* A ChangeCipherSpec, which has no number: it takes its step when no message is missing before it, else with the first
 * message under the keys that it announces. `numbered`: OpenSSL's old DTLS gives it one. */
void wt_dtls_fragments_change(struct wt_dtls_reading *r);
/* The same when what is under those keys shows that it must have passed. */
void wt_dtls_fragments_step(struct wt_dtls_reading *r);
/* What is missing before messages that wait, of either side, will not come: they are told. */
void wt_dtls_fragments_give_up(struct wt_observer *o, struct wt_conversation *c);
void wt_dtls_fragments_free(struct wt_dtls_way *way);
/* Bytes that wait. */
size_t wt_dtls_fragments_bytes(const struct wt_dtls_way *way);

#endif
