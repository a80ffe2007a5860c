/* DTLS connections. */
#ifndef WT_OBSERVER_DTLS_H
#define WT_OBSERVER_DTLS_H

#include <stdbool.h>
#include <stddef.h>

struct wt_observer;
struct wt_conversation;
struct wt_datagram;
struct wt_dtls;

/* A datagram: true when it was of a DTLS connection, or begins one. */
bool wt_dtls_take(struct wt_observer *o, const struct wt_datagram *d);
/* Nothing more comes of the connection, which may be none of DTLS: before its TLS is settled. */
void wt_dtls_end(struct wt_observer *o, struct wt_conversation *c);
/* Bytes that it takes. */
size_t wt_dtls_bytes(const struct wt_dtls *dtls);
void wt_dtls_free(struct wt_dtls *dtls);

#endif
