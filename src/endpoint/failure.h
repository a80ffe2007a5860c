/* How a connection ends, and what is told on the way. */
#ifndef WT_ENDPOINT_FAILURE_H
#define WT_ENDPOINT_FAILURE_H

#include "endpoint/engine.h"

/* Ends the connection with an alert; only the first reason counts. Returns false, for `return wt_endpoint_fail(…)`. */
bool wt_endpoint_fail(struct wt_endpoint *e, uint8_t alert, const char *finding);
bool wt_endpoint_fail_at(struct wt_endpoint *e, uint8_t alert, const char *finding, const struct wt_error *error);
/* The peer has sent more than `most` of it. */
bool wt_endpoint_too_much(struct wt_endpoint *e, enum wt_excess of, uint64_t most);
/* A handshake message is over its limit. */
bool wt_endpoint_too_long(struct wt_endpoint *e, uint32_t length);
/* What came of a key exchange: true when there is a secret. */
bool wt_endpoint_exchanged(struct wt_endpoint *e, enum wt_exchanged how);
/* The system gave no memory, or libcrypto failed. */
bool wt_endpoint_broken(struct wt_endpoint *e);
void wt_endpoint_alert(struct wt_endpoint *e, struct wt_span body);
void wt_endpoint_event(struct wt_endpoint *e, const struct wt_event *event);

#endif
