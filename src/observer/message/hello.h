/* What a hello says is agreed. */
#ifndef WT_OBSERVER_HELLO_H
#define WT_OBSERVER_HELLO_H

#include "observer/message/message.h"

/* The message says what is agreed; `well`: it keeps its format. */
void wt_hello_agree(struct wt_incoming *h, const struct wt_message_body *m, struct wt_span body, bool well);
/* WT_SEEN_...: what a ClientHello says by itself. */
uint32_t wt_hello_client_seen(const struct wt_client_hello *hello);
void wt_hello_client(struct wt_incoming *h, const struct wt_client_hello *hello);
void wt_hello_server(struct wt_incoming *h, const struct wt_server_hello *hello, bool retry, bool well);
/* A HelloRetryRequest, with its version and group; 0: none. */
void wt_hello_retry(struct wt_incoming *h, uint16_t selected, uint16_t group);
/* RFC 8446, 4.4.1: the transcript after a HelloRetryRequest, once the suite is known. */
void wt_hello_retry_transcript(struct wt_observer *o, struct wt_tls *tls);

/* A ClientHello in SSL 2.0's form begins a handshake, with its challenge as 32 bytes. tls->handshake is
 * there. */
void wt_hello_ssl2(struct wt_observer *o, struct wt_tls *tls, const struct wt_ssl2_client_hello *hello);
/* A session is resumed (the server's CCS, or TLS 1.3's selected PSK, proved it). */
void wt_hello_resumed(struct wt_observer *o, struct wt_conversation *c);

#endif
