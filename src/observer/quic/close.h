/* How a connection is closed: CONNECTION_CLOSE (RFC 9000, 10.2). */
#ifndef WT_OBSERVER_QUIC_CLOSE_H
#define WT_OBSERVER_QUIC_CLOSE_H

#include "observer/quic/connection.h"

void wt_quic_close_take(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f);
/* The close that the connection ended with; NULL: none was seen. */
const struct wt_quic_close *wt_quic_close_first(const struct wt_quic *q);
/* Whether it says that something went wrong: RFC 9000, 20.1: "NO_ERROR (0x00)"; of an application's codes only its
 * protocol knows, but for HTTP/3's H3_NO_ERROR (RFC 9114, 8.1). */
bool wt_quic_close_is_error(const struct wt_quic *q, const struct wt_quic_close *close);
/* That side had closed before the packet. */
bool wt_quic_close_precedes(const struct wt_quic *q, unsigned from, uint32_t frame);
/* Whether a close's reason phrase has that word. RFC 9000, 19.19: "Additional diagnostic information for the closure".
 */
bool wt_quic_close_mentions(const struct wt_quic *q, const char *word);
/* What its code is called: RFC 9000, 20.1; "CRYPTO_ERROR" with its alert; HTTP/3's where that is the application. NULL:
 * it has no name. */
const char *wt_quic_close_name(const struct wt_quic *q, const struct wt_quic_close *close);

#endif
