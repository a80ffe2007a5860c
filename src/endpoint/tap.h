/* Who is told what goes over the connection. */
#ifndef WT_ENDPOINT_TAP_H
#define WT_ENDPOINT_TAP_H

#include "endpoint/engine.h"

/* Bytes that came, as they were before they are opened where they lie. */
struct wt_tapped {
    uint8_t *p;
    size_t n;
};

void wt_tap_bytes(struct wt_endpoint *e, bool sent, struct wt_span bytes);
/* The peer's bytes: before they are read, and after that. */
void wt_tap_take(struct wt_endpoint *e, struct wt_span bytes, struct wt_tapped *out);
void wt_tap_taken(struct wt_endpoint *e, struct wt_tapped *tapped);
void wt_tap_end(struct wt_endpoint *e, enum wt_tap_end how);
bool wt_tap_wants_secrets(const struct wt_endpoint *e);
void wt_tap_secret(const struct wt_endpoint *e, const char *line);

#endif
