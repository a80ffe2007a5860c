/* Both sides of HTTP/2. */
#ifndef WT_HTTP_HTTP2_H
#define WT_HTTP_HTTP2_H

#include "http/internal.h"

#define WT_HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

struct wt_http2 *wt_http2_new(void);
void wt_http2_free(struct wt_http2 *two);
void wt_http2_feed(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at);
void wt_http2_end(struct wt_http *h, enum wt_side side);
/* The exchange that HTTP/1 began goes on as stream 1. */
void wt_http2_adopt(struct wt_http *h, struct wt_http_node *node);
/* What only both sides together tell, put into an exchange when it is handed out. */
void wt_http2_settle(struct wt_exchange *x, const struct wt_http_node *node);

#endif
