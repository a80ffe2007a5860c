/* Where in the capture the parts of DTLS's messages stand: noted as fragments come, told with the message. */
#ifndef WT_OBSERVER_DTLS_SPOTS_H
#define WT_OBSERVER_DTLS_SPOTS_H

#include "observer/dtls/state.h"

/* A fragment of a message that waits brings bytes that it had not. */
void wt_dtls_spots_add(struct wt_dtls_reading *r, struct wt_dtls_spots *spots, const struct wt_dtls_fragment *f);
/* The one fragment that is the whole message. */
struct wt_dtls_spot wt_dtls_spots_of(const struct wt_dtls_reading *r, const struct wt_dtls_fragment *f);
/* All that is in the record. */
struct wt_dtls_spot wt_dtls_spots_record(const struct wt_dtls_reading *r);

/* The message is kept: its pieces, as far as they are known. */
void wt_dtls_spots_fill(struct wt_observer *o, struct wt_conversation *c, const struct wt_dtls_telling *telling,
                        struct wt_message *message);

void wt_dtls_spots_clear(struct wt_dtls_spots *spots);

#endif
