/* The headers in front of a message, byte by byte, and what an opened record was made of. */
#ifndef WT_EXPLAIN_HEADERS_H
#define WT_EXPLAIN_HEADERS_H

#include "report/text/text.h"

/* Of the record in which the message begins, where it is the first in it (RFC 8446, 5.1; RFC 5246, 6.2.1), and of the
 * handshake message itself (RFC 8446, 4). Nothing for what was not kept. */
void wt_explain_headers(struct wt_text *x, const struct wt_message *message);

#endif
