/* HTTP/3 (RFC 9114) inside QUIC, whose streams have an order of their own each: bytes come with the stream that they
 * are of. What is read goes into the list of http.h; from the first call on it is HTTP/3 that is read, and
 * wt_http_feed() is not called.
 *
 * `stream` is the QUIC stream's id, whose two low bits say who opened it and whether both sides send on it (RFC 9000,
 * 2.1); `side` is who sends. Server push is named (the promised request, with `pushed`), its answer is not followed. */
#ifndef WT_HTTP_HTTP3_H
#define WT_HTTP_HTTP3_H

#include "http/http.h"

struct wt_http_node;
struct wt_http3;

/* Bytes of a stream in their turn, each once: `offset` is where they belong. Where it is not what goes on, that
 * direction of the stream is not read any more. A stream that has come to its end in both directions must not be begun
 * once more. */
void wt_http3_feed(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t offset, struct wt_span bytes,
                   uint32_t frame, struct wt_time time);
/* n bytes of it will not come. A body's are counted all the same; header fields are lost with theirs. */
void wt_http3_gap(struct wt_http *h, enum wt_side side, uint64_t stream, uint64_t n);
/* FIN has come, and all bytes before it. */
void wt_http3_fin(struct wt_http *h, enum wt_side side, uint64_t stream);
/* RESET_STREAM from `side`. */
void wt_http3_reset(struct wt_http *h, enum wt_side side, uint64_t stream);

/* For http.c. */
void wt_http3_free(struct wt_http3 *three);
/* Nothing more comes of what is awaited: SETTINGS, entries of a table. */
void wt_http3_alone(struct wt_http *h);
/* The side says nothing more: what it has begun and not ended, ends with the connection. */
void wt_http3_end(struct wt_http *h, enum wt_side side);
/* What only both sides together tell, put into an exchange when it is handed out. */
void wt_http3_settle(struct wt_exchange *x, const struct wt_http_node *node);
size_t wt_http3_bytes(const struct wt_http3 *three);

#endif
