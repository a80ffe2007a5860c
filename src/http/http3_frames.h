/* The walk through the frames of one direction of a stream of HTTP/3. Inside of src/http. */
#ifndef WT_HTTP_HTTP3_FRAMES_H
#define WT_HTTP_HTTP3_FRAMES_H

#include "http/http3_streams.h"

/* Where a stream begins that this side has begun: with a frame, or with the stream's type. */
void wt_http3_frames_begin(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s);
void wt_http3_frames_walk(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, struct wt_span b,
                          struct wt_http_at at);
/* n bytes are missing where it stands. */
void wt_http3_frames_skip(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, uint64_t n);
/* FIN, or a reset. */
void wt_http3_frames_end(struct wt_http *h, enum wt_side side, struct wt_http3_stream *s, bool reset);

#endif
