/* The records of a datagram. */
#ifndef WT_OBSERVER_DTLS_RECORDS_H
#define WT_OBSERVER_DTLS_RECORDS_H

#include "observer/dtls/state.h"

/* Reads the records of a datagram, or of what is in it, from its byte `at` on. True when one of them was opened, or
 * passes in the clear; false when nothing of it could be told to be the connection's. */
bool wt_dtls_records_take(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span payload,
                          uint32_t at);
/* Reads those again that wait, when there is more to open them with; the last time all are told as they are. */
void wt_dtls_records_retry(struct wt_observer *o, struct wt_conversation *c, bool last);
void wt_dtls_records_free(struct wt_dtls *dtls);

#endif
