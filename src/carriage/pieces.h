/* Bytes that come in pieces, in any order and more than once, put in order again: CRYPTO and STREAM frames of QUIC (RFC
 * 9000, 2.2), the fragments of a DTLS handshake message (RFC 6347, 4.2.3).
 *
 * What comes in its turn is handed on where it lies; only what comes early is copied. Of two that contradict each other
 * the first wins, as with a receiver that has used it, and that they do is remembered. */
#ifndef WT_CARRIAGE_PIECES_H
#define WT_CARRIAGE_PIECES_H

#include "base/span.h"

struct wt_piece {
    uint64_t at; /* of its first byte */
    size_t n;
    uint8_t *bytes;
};

/* All zero is ready, and begins at 0. Free with wt_pieces_clear(). */
struct wt_pieces {
    uint64_t next;          /* the first byte that has not come in its turn */
    struct wt_piece *early; /* in order, without overlaps, none at `next` */
    uint32_t count, cap;
    size_t held;  /* bytes of them */
    bool differs; /* the same place had other bytes once more */
};

struct wt_pieces_limits {
    uint32_t count; /* early pieces, each of which costs some 60 bytes beside its own */
    size_t bytes;   /* that they hold */
    uint64_t ahead; /* how far before `next` one may begin */
};

/* Gets bytes in order: `at` is what `next` was. It must not feed the same pieces. */
typedef void wt_pieces_sink(void *context, uint64_t at, struct wt_span bytes);

enum wt_pieces_fed {
    WT_PIECES_TAKEN,  /* something of it was new */
    WT_PIECES_KNOWN,  /* nothing of it was */
    WT_PIECES_FULL,   /* a limit was hit: some of it was not kept */
    WT_PIECES_MEMORY, /* the system gives none: likewise */
};

/* One piece. at + bytes.n does not wrap. */
enum wt_pieces_fed wt_pieces_feed(struct wt_pieces *p, uint64_t at, struct wt_span bytes,
                                  const struct wt_pieces_limits *limits, wt_pieces_sink *sink, void *context);
/* What is missing up to `at` will not come: goes on there. Early pieces in front of it are thrown away, those behind it
 * that are next now are handed on. */
void wt_pieces_skip(struct wt_pieces *p, uint64_t at, wt_pieces_sink *sink, void *context);
void wt_pieces_clear(struct wt_pieces *p);

#endif
