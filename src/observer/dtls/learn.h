/* What handshake messages say that only DTLS asks for: cookies, connection ids, SRTP's profile. */
#ifndef WT_OBSERVER_DTLS_LEARN_H
#define WT_OBSERVER_DTLS_LEARN_H

#include "observer/dtls/state.h"

/* Of a message that is about to be told, and that was told. */
void wt_dtls_learn_before(struct wt_conversation *c, uint8_t type, struct wt_span body);
void wt_dtls_learn(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint8_t type,
                   struct wt_span body);

#endif
