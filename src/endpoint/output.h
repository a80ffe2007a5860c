/* What we send. */
#ifndef WT_ENDPOINT_OUTPUT_H
#define WT_ENDPOINT_OUTPUT_H

#include "endpoint/engine.h"

/* A record of that type under the keys in force, or several. */
bool wt_endpoint_send(struct wt_endpoint *e, uint8_t type, struct wt_span content);
/* wt_rules_record_most(), which goes on to be that of the handshake before until another one has its own. */
uint32_t wt_endpoint_most(const struct wt_endpoint *e, unsigned side, bool *is_size);
/* What is gathered of our flight goes out. */
bool wt_endpoint_flush(struct wt_endpoint *e);
bool wt_endpoint_send_ccs(struct wt_endpoint *e);
/* The server's for middleboxes, in TLS 1.3, if it was not sent. */
bool wt_endpoint_say_dummy(struct wt_endpoint *e);
bool wt_endpoint_send_alert(struct wt_endpoint *e, uint8_t level, uint8_t description);
/* What waited for the end of the handshake goes out. */
bool wt_endpoint_send_waiting(struct wt_endpoint *e);

#endif
