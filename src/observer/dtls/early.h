/* Datagrams of DTLS 1.3 before any hello of theirs (RFC 9147, 4: their first byte tells little), as they overtake it on
 * their way to the capture: kept aside until their connection is known, by its ends or its ids. */
#ifndef WT_OBSERVER_DTLS_EARLY_H
#define WT_OBSERVER_DTLS_EARLY_H

#include "observer/dtls/state.h"

/* One that is of no connection: kept if it may be of one that comes. Of all conversations together there are
 * WT_LIMIT_DTLS_EARLY, the oldest make room; of each, WT_LIMIT_DATAGRAM_LOOKS of its first. */
void wt_dtls_early_keep(struct wt_observer *o, const struct wt_datagram *d, struct wt_span payload);

/* What reads one, as of the packet in which it came. */
typedef void wt_dtls_early_reader(struct wt_observer *o, const struct wt_datagram *d);
/* The connection, of which something was told, gets those that are its own. */
void wt_dtls_early_give(struct wt_observer *o, struct wt_conversation *c, wt_dtls_early_reader *read);
void wt_dtls_early_forget(struct wt_observer *o);

#endif
