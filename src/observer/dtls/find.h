/* DTLS by its first bytes, whatever port it has and whatever is around it, and what else may have the same port. */
#ifndef WT_OBSERVER_DTLS_FIND_H
#define WT_OBSERVER_DTLS_FIND_H

#include "observer/dtls/state.h"

/* What a datagram's own protocol wraps: data of TURN, CAPWAP's control channel; else the datagram itself. */
struct wt_span wt_dtls_find_payload(struct wt_span datagram);
/* RFC 7983, 7: by the first byte, what it is beside DTLS (20 to 63); `datagram` with what is around it. */
enum wt_dtls_shared wt_dtls_find_other(struct wt_span datagram);
/* Whether these are records, so surely that a connection may begin with them. `cut`: the capture lacks the end. */
bool wt_dtls_find_records(struct wt_span payload, bool cut);
/* Whether the first of them is one that a connection begins with. */
bool wt_dtls_find_beginning(struct wt_span payload);

#endif
