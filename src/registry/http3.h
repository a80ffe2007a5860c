/* HTTP/3's frames, streams and settings that a reader acts on: rows of http3.def. */
#ifndef WT_REGISTRY_HTTP3_H
#define WT_REGISTRY_HTTP3_H

#include <stdbool.h>
#include <stdint.h>

enum wt_http3_frame_type {
#define WT_HTTP3_FRAME(type, ID, streams, rfc) WT_HTTP3_##ID = (type),
#include "registry/http3.def"
#undef WT_HTTP3_FRAME
};

enum wt_http3_stream_type {
#define WT_HTTP3_STREAM(type, ID, rfc) WT_HTTP3_STREAM_##ID = (type),
#include "registry/http3.def"
#undef WT_HTTP3_STREAM
};

enum wt_http3_setting {
#define WT_HTTP3_SETTING(id, ID, rfc) WT_HTTP3_SETTING_##ID = (id),
#include "registry/http3.def"
#undef WT_HTTP3_SETTING
};

/* Kinds of streams that frames come on. */
enum wt_http3_on { WT_HTTP3_ON_CONTROL = 1, WT_HTTP3_ON_REQUEST = 2, WT_HTTP3_ON_PUSH = 4 };

/* Whether a frame of that type may come on such a stream: RFC 9114, 7, table 1. Types that are not known may come on
 * all of them, to be ignored (9); those of HTTP/2 on none (7.2.8). */
bool wt_http3_may_be_on(uint64_t type, enum wt_http3_on stream);

#endif
