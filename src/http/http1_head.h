/* One header block of HTTP/1. */
#ifndef WT_HTTP_HTTP1_HEAD_H
#define WT_HTTP_HTTP1_HEAD_H

#include "base/span.h"

struct wt_http1_head {
    uint8_t version; /* 10 or 11 */
    uint16_t status;
    struct wt_span method, target, reason;
    struct wt_span host, content_type, content_encoding, upgrade;
    bool coded, chunked;     /* there is a Transfer-Encoding; its last coding is chunked */
    bool has_length, broken; /* there is a Content-Length; it is no number, or two different ones */
    uint64_t length;
};

/* A request line, a status line, without the line's end. */
bool wt_http1_request_line(struct wt_span line, struct wt_http1_head *head);
bool wt_http1_status_line(struct wt_span line, struct wt_http1_head *head);
/* A whole header block, from its start line to its empty line. False when the start line is none. */
bool wt_http1_head_read(struct wt_span block, bool request, struct wt_http1_head *head);
/* Whether a comma-separated list of a field names the token, in any case. */
bool wt_http1_names(struct wt_span list, const char *token);
/* How many bytes a method's token has at the start of b; 0 when there is none, or one that is longer than any. */
size_t wt_http1_method(struct wt_span b);

#endif
