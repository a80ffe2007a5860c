/* Field sections of HTTP/3: read, or kept until the table has what they build on. Inside of src/http. */
#ifndef WT_HTTP_HTTP3_SECTIONS_H
#define WT_HTTP_HTTP3_SECTIONS_H

#include "http/http3_streams.h"

/* A whole one that came on s. `promise`: of PUSH_PROMISE, with that push id. */
void wt_http3_sections_take(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, bool promise,
                            uint64_t push, struct wt_span section, struct wt_http_at at);
/* One that is too long to be looked at, or of which something is missing. */
void wt_http3_sections_lose(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_http_at at);
/* A piece of the side's encoder stream. */
void wt_http3_sections_instruct(struct wt_http *h, enum wt_side side, struct wt_span bytes);
/* Nothing more can be made of it. */
void wt_http3_sections_tear(struct wt_http *h, enum wt_side side);
/* The side's SETTINGS are known: how large a table it lets the other fill. */
void wt_http3_sections_settings(struct wt_http *h, enum wt_side side, uint64_t capacity);
/* What the side's sections wait for does not come. */
void wt_http3_sections_give_up(struct wt_http *h, enum wt_side side);
/* Frees what waits. */
void wt_http3_sections_drop(struct wt_http3 *three, enum wt_side side);

#endif
