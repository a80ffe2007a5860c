/* One side of HTTP/1. */
#ifndef WT_HTTP_HTTP1_H
#define WT_HTTP_HTTP1_H

#include "http/internal.h"

/* True when the next message of a side cannot be told before the other side has said more. */
bool wt_http1_waits(const struct wt_http *h, enum wt_side side);
/* Reads a part of b and tells how many bytes: fewer when the side waits or changed its mode. */
size_t wt_http1_feed(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at);
void wt_http1_gap(struct wt_http *h, enum wt_side side);
void wt_http1_end(struct wt_http *h, enum wt_side side);

#endif
