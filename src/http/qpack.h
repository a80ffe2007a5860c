/* QPACK (RFC 9204): one side's field sections decompressed, as HTTP/3 sends them.
 *
 * What the side's encoder stream says and its field sections come on streams that overtake each other, so that a
 * section may have to wait. How the first integer of a section is to be read hangs on the other side's SETTINGS. */
#ifndef WT_HTTP_QPACK_H
#define WT_HTTP_QPACK_H

#include "base/span.h"

struct wt_qpack;

enum wt_qpack_result {
    WT_QPACK_READ,
    WT_QPACK_BLOCKED, /* it builds on entries that have not come, or on SETTINGS that have not; nothing was told of it
                       */
    WT_QPACK_BROKEN,  /* it breaks RFC 9204; nothing more can be read of this side */
    WT_QPACK_MEMORY,  /* more than WT_LIMIT_QPACK_MEMORY, or than the system has; likewise */
};

/* NULL without memory. */
struct wt_qpack *wt_qpack_new(void);
void wt_qpack_free(struct wt_qpack *q);

/* SETTINGS_QPACK_MAX_TABLE_CAPACITY of the side that decompresses; once. */
enum wt_qpack_result wt_qpack_settings(struct wt_qpack *q, uint64_t capacity);
/* Whether that has been said. Before it nothing of the encoder stream is to be fed. */
bool wt_qpack_is_set(const struct wt_qpack *q);
/* What comes on the encoder stream. */
enum wt_qpack_result wt_qpack_feed(struct wt_qpack *q, struct wt_span bytes);
/* How many entries it has inserted: a section that was blocked may be tried again when that has grown. */
uint64_t wt_qpack_inserted(const struct wt_qpack *q);

typedef void wt_qpack_sink(void *context, struct wt_span name, struct wt_span value);
/* A whole field section, with its prefix. `needs`, if it is blocked: how many entries it builds on; UINT64_MAX before
 * SETTINGS. Fields of a section that turns out broken may have been told. */
enum wt_qpack_result wt_qpack_section(struct wt_qpack *q, uint64_t stream, struct wt_span section, uint64_t *needs,
                                      wt_qpack_sink *sink, void *context);

/* Bytes that it takes at present. */
size_t wt_qpack_bytes(const struct wt_qpack *q);

#endif
