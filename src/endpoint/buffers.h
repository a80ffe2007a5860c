/* Room for records: an endpoint has some while there are bytes in it, and gives it back to its party for the next one.
 */
#ifndef WT_ENDPOINT_BUFFERS_H
#define WT_ENDPOINT_BUFFERS_H

#include "endpoint/party.h"

/* bytes: two of the longest records that a peer may send (RFC 5246, 6.2.3), so that one that began at the end of the
 * first is moved once at most. */
enum { WT_BUFFERS_SIZE = 2 * (5 + 16384 + 2048) };

/* False without memory. */
bool wt_buffers_take(struct wt_party *party, struct wt_buffer *out);
/* What was in it stays: records, and what was in them; no key or secret is ever there. */
void wt_buffers_give(struct wt_party *party, struct wt_buffer *buffer);
void wt_buffers_clear(struct wt_party *party);

#endif
