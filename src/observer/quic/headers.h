/* What headers say that anyone can read: ids, versions, Retry, Version Negotiation (RFC 9000, 17.2). */
#ifndef WT_OBSERVER_QUIC_HEADERS_H
#define WT_OBSERVER_QUIC_HEADERS_H

#include "observer/quic/connection.h"

/* The connection begins with that header. */
void wt_quic_headers_first(struct wt_quic *q, unsigned from, const struct wt_quic_header *h);
/* Any long header: the version that is tried, and whether the client begins anew. */
void wt_quic_headers_long(struct wt_quic *q, unsigned from, const struct wt_quic_header *h);
/* Whether it may be the client's first packet, behind what answers it: two taps that were merged late. */
bool wt_quic_headers_may_begin(const struct wt_quic *q, unsigned from, const struct wt_quic_header *h);
/* It is. */
void wt_quic_headers_begin(struct wt_quic *q, const struct wt_quic_header *h);
/* The ids of a packet that was opened, or that nobody can open: its sender goes by the Source Connection ID. */
void wt_quic_headers_ids(struct wt_quic *q, unsigned from, const struct wt_quic_header *h);
void wt_quic_headers_negotiation(struct wt_quic *q, unsigned from, const struct wt_quic_header *h);
void wt_quic_headers_retry(struct wt_quic *q, unsigned from, const struct wt_quic_header *h, struct wt_span packet);

#endif
