/* What an exchange keeps of its header fields; the same in HTTP/2 and HTTP/3. */
#ifndef WT_HTTP_HTTP_FIELDS_H
#define WT_HTTP_HTTP_FIELDS_H

#include "http/internal.h"

void wt_http_fields_request(struct wt_http *h, struct wt_http_node *n, struct wt_span name, struct wt_span value);
/* `final`: the block has told the final status, and what follows is the answer's; false at its start. */
void wt_http_fields_answer(struct wt_http *h, struct wt_http_node *n, bool *final, struct wt_span name,
                           struct wt_span value);

#endif
