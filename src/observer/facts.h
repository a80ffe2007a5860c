/* What passes and is noted for the findings (observations.c concludes from it). */
#ifndef WT_OBSERVER_FACTS_H
#define WT_OBSERVER_FACTS_H

#include "codec/codec.h"
#include "observer/tls.h"

/* Hellos; the ServerHello's once its version is known. A HelloRetryRequest names a group, or 0. */
void wt_facts_client_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_hello *hello);
void wt_facts_server_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_server_hello *hello);
void wt_facts_retry(struct wt_observer *o, struct wt_tls *tls, uint16_t group);
/* Any other handshake message. */
void wt_facts_message(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_message_body *m);
/* A handshake record that nobody could read, before it is taken for a Finished. */
void wt_facts_hidden_handshake(struct wt_observer *o, struct wt_tls *tls, unsigned from);
/* A HeartbeatMessage of `length` bytes in all, of which at least the first three are in `head`. */
void wt_facts_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, struct wt_span head,
                        uint32_t length);
/* One that nobody could read, in a record of so many bytes. */
void wt_facts_hidden_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, uint32_t length);
/* Stream bytes come after a wait that began at `since`. */
void wt_facts_pause(const struct wt_observer *o, struct wt_tls *tls, unsigned from, int64_t since);
/* A from ends, by FIN or RST. */
void wt_facts_closed(struct wt_tls *tls, unsigned from, bool reset);
/* Whether it said goodbye, or may have: by an alert that was read, or that nobody could read. */
bool wt_facts_has_closed(const struct wt_tls *tls, unsigned from);
/* A session up to TLS 1.2, known by the hash of its id or ticket, is resumed. */
void wt_facts_resumed(struct wt_observer *o, struct wt_tls *tls, uint64_t hash);
/* The group that a ServerKeyExchange's prime is (RFC 7919); 0: one without a name. */
uint16_t wt_facts_ffdhe(struct wt_span p);
/* A name's hash, letters of either case; 0 for none. */
uint32_t wt_facts_host(struct wt_span name);

#endif
