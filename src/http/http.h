/* What was asked and answered inside: HTTP/1.0, 1.1 (RFC 9112) and 2 (RFC 9113) read passively out of both sides'
 * plaintext, as a list of exchanges. Which of them it is, is recognised by the first bytes (and told by ALPN where
 * known). HTTP/3 (RFC 9114) comes by streams: http3.h.
 *
 * Bytes come in the order of each side; the two sides need not be in step. Bodies are counted, not kept. */
#ifndef WT_HTTP_HTTP_H
#define WT_HTTP_HTTP_H

#include "base/arena.h"
#include "wiretale/story.h"

struct wt_http;

enum wt_http_stop {
    WT_HTTP_STOP_NONE,
    WT_HTTP_STOP_HEADER_LONG, /* a header of it is longer than is read */
    WT_HTTP_STOP_NOT_HTTP,    /* a message of it does not begin as HTTP's do */
    WT_HTTP_STOP_FRAMING,     /* Content-Length, Transfer-Encoding or chunks contradict themselves */
    WT_HTTP_STOP_REQUESTS,    /* more requests wait for an answer than are followed */
    WT_HTTP_STOP_NO_PREFACE,  /* it does not begin as HTTP/2 does */
    WT_HTTP_STOP_FRAME,       /* a frame of it breaks RFC 9113, or RFC 9114 */
    WT_HTTP_STOP_HPACK,       /* its header compression (RFC 7541, RFC 9204) cannot be undone */
    WT_HTTP_STOP_GAP,         /* bytes of it are missing, and with them what its header compression builds on */
    WT_HTTP_STOP_MEMORY,
};

/* `arena` keeps the exchanges and their strings (bounded by its limit). NULL without memory. */
struct wt_http *wt_http_new(struct wt_arena *arena);
void wt_http_free(struct wt_http *http);

/* A piece of what `side` said; its packet's number and time. */
void wt_http_feed(struct wt_http *http, enum wt_side side, struct wt_span bytes, uint32_t frame, struct wt_time time);
/* A side says nothing more (close_notify, FIN, the end): a body that runs to the end of the connection is complete. */
void wt_http_end(struct wt_http *http, enum wt_side side);
/* Bytes of a side are missing: HTTP/1 looks for the next message's start, at the starts of pieces; HTTP/2 (whose header
 * compression is lost) stops listing that side. Said of both sides before anything is fed, it tells that the capture
 * came late. */
void wt_http_gap(struct wt_http *http, enum wt_side side);

/* "HTTP/1.1", "HTTP/2", …, or NULL when what passed is something else. */
const char *wt_http_name(const struct wt_http *http);
/* Bytes that it takes beside the arena, about. */
size_t wt_http_bytes(const struct wt_http *http);
/* Why a side's bytes are no longer read although it spoke HTTP; WT_HTTP_STOP_NONE when all is well, and after an
 * upgrade. */
enum wt_http_stop wt_http_stopped(const struct wt_http *http, enum wt_side side);
/* In the order of the requests (HTTP/2 and 3: of the streams, what is pushed behind what it was pushed with). The list
 * is `http`'s, its strings are in the arena; both hold until the next call, or until more is fed. `dropped`: exchanges
 * over the limits (WT_LIMIT_EXCHANGES, WT_LIMIT_HTTP_STREAMS, the arena's) that are not in the list. Paths and
 * authorities longer than WT_LIMIT_HTTP_TARGET bytes and other fields longer than WT_LIMIT_HTTP_FIELD are cut. To be
 * asked when nothing more comes: what waited for the other side is then read without it. */
const struct wt_exchange *wt_http_exchanges(struct wt_http *http, size_t *count, size_t *dropped);

#endif
