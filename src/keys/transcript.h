/* The handshake messages of one handshake in the protocol's order, with their 4-byte headers.
 *
 * An observer's two streams need not interleave in message order, so each message comes with the number of its flight
 * (RFC 5246, 7.3; RFC 8446, 2) and stands behind all of that flight and those before it. An endpoint's come in order.
 */
#ifndef WT_KEYS_TRANSCRIPT_H
#define WT_KEYS_TRANSCRIPT_H

#include "base/buffer.h"

struct wt_transcript_entry {
    uint32_t offset, length; /* in `bytes`; header included */
    uint32_t frame;          /* packet that completed it */
    uint8_t place, type, side;
    bool judged; /* its proof, if it carries one, has been looked at */
};

/* All zero is empty. Free with wt_transcript_clear(). */
struct wt_transcript {
    struct wt_buffer bytes;
    struct wt_transcript_entry *entries; /* sorted by place, then arrival */
    size_t count, cap;
    uint32_t frame; /* that the next entries get */
    bool broken;    /* a message is missing or was too long: no proof can be judged */
    bool reordered; /* entries are not in the order of `bytes` */
};

/* Appends a message of a side: type, body; `place` counts flights from 0. `header` is false for an SSL 2.0 hello, which
 * goes in as it stands behind its record header (RFC 5246, E.2). False: no memory or over WT_LIMIT_TRANSCRIPT (then
 * broken). */
bool wt_transcript_add(struct wt_transcript *t, unsigned side, uint8_t type, uint8_t place, struct wt_span body,
                       bool header);

/* RFC 8446, 4.4.1: after a HelloRetryRequest the first ClientHello counts as message_hash. `digest` is its hash. */
bool wt_transcript_retry(struct wt_transcript *t, struct wt_span digest);

/* All messages before entry `index`, in order: their bytes lie together in *scratch or in the transcript itself. */
struct wt_span wt_transcript_before(const struct wt_transcript *t, size_t index, struct wt_buffer *scratch);

/* Index of the newest entry of that side and type; SIZE_MAX when there is none. */
size_t wt_transcript_find(const struct wt_transcript *t, unsigned side, uint8_t type);

void wt_transcript_clear(struct wt_transcript *t);

#endif
