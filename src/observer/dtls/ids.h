/* Connections whose records carry connection ids, found from whatever address they come (RFC 9146, 6; RFC 9147, 9). */
#ifndef WT_OBSERVER_DTLS_IDS_H
#define WT_OBSERVER_DTLS_IDS_H

#include "observer/dtls/state.h"

/* The connection's ids may be met from now on; of more than WT_LIMIT_DTLS_MOVING the oldest is forgotten. */
void wt_dtls_ids_list(struct wt_observer *o, struct wt_dtls *dtls);
void wt_dtls_ids_unlist(struct wt_observer *o, struct wt_dtls *dtls);
/* The connection of which a record that begins a datagram carries an id, and the direction that it goes in; NULL: none.
 */
struct wt_conversation *wt_dtls_ids_find(struct wt_observer *o, struct wt_span datagram, unsigned *direction);
/* Bytes of the id that a record of that direction begins with, behind its first byte or its number. */
size_t wt_dtls_ids_length(const struct wt_dtls_way *way, struct wt_span record);

#endif
