/* TCP reassembly: two byte streams out of segments in any order.
 *
 * A direction knows the next byte it wants. Segments that come early wait (bounded); what comes again is dropped, first
 * bytes win; what never comes is given up when the bounds are hit, when the receiver has acknowledged it and the stream
 * has gone on well past it, or at the end, and is then told as a gap. Directions know nothing of each other but ACKs.
 *
 * Fast path: an in-order segment of a direction with nothing waiting is handed on where it lies, with no copy. */
#ifndef WT_CAPTURE_TCP_H
#define WT_CAPTURE_TCP_H

#include "base/span.h"

struct wt_tcp_pending; /* segments that came early, owned copies */

/* All zero is a direction of which nothing was seen. 32 bytes: millions are kept. */
struct wt_tcp_direction {
    struct wt_tcp_pending *pending;
    uint32_t next;    /* sequence number of the next byte to deliver */
    uint32_t base;    /* of the SYN, or one before the first byte seen: what Wireshark's relative numbers count from */
    uint32_t acked;   /* highest acknowledgment number that the other side sent for this direction */
    uint32_t fin_seq; /* sequence number behind the last byte, valid with fin */
    uint8_t started : 1;  /* next is known */
    uint8_t syn : 1;      /* the stream was seen from its SYN */
    uint8_t fin : 1;      /* a FIN was seen (perhaps not yet reached) */
    uint8_t ended : 1;    /* the FIN was reached: nothing more will come */
    uint8_t conflict : 1; /* an overlap carried other bytes than those delivered or kept */
    uint8_t has_ack : 1;
};

/* What the stream tells; called from all three functions below. `bytes` hold until the call returns, and the
 * direction's `next` is then still the number of their first byte (or of a gap's). */
struct wt_tcp_sink {
    void (*data)(void *context, unsigned direction, struct wt_span bytes);
    /* n bytes are lost to the capture; the stream goes on behind them */
    void (*gap)(void *context, unsigned direction, uint64_t n);
    /* the direction's FIN was reached in order */
    void (*end)(void *context, unsigned direction);
    /* an overlapping segment carried different bytes (first ones win); once per direction. Only bytes that still wait
     * can be compared: of those handed on no copy is kept. */
    void (*conflict)(void *context, unsigned direction);
    void *context;
};

/* When a segment came, and what it acknowledged. */
struct wt_tcp_stamp {
    int64_t ns;
    uint32_t frame;
    uint32_t acknowledgment; /* 0: nothing */
};

/* Totals over all connections, for limits and the summary. */
struct wt_tcp_totals {
    struct wt_tcp_stamp now;  /* of the packet being handed in: the caller's to set */
    struct wt_tcp_stamp held; /* with is_held, of the bytes being delivered: they waited behind a hole that was given
                                 up, and came long before `now` */
    bool is_held;
    bool waited; /* the bytes being delivered came in an earlier packet: held.frame's, whether or not with is_held */
    uint64_t pending_bytes;    /* held now, all connections */
    uint64_t limit_hits;       /* times a bound made us give up waiting */
    uint64_t dropped_segments; /* could not be kept at all */
};

/* One segment's part for one direction: sequence number of its first payload byte (SYN counts one), flags, payload and
 * how many bytes the snaplen cut off behind it (told as a gap in its place). `acknowledged`: call wt_tcp_acknowledge
 * on the opposite direction first. */
void wt_tcp_segment(struct wt_tcp_direction *d, unsigned direction, uint32_t sequence, uint8_t flags,
                    struct wt_span payload, uint32_t missing, struct wt_tcp_totals *totals,
                    const struct wt_tcp_sink *sink);

/* Something waits, and more was acknowledged: gives up a hole that the receiver evidently got. */
void wt_tcp_reconsider(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                       const struct wt_tcp_sink *sink);

/* The other side acknowledged up to `number`. May give up a hole that the receiver evidently got. */
static inline void wt_tcp_acknowledge(struct wt_tcp_direction *d, unsigned direction, uint32_t number,
                                      struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink)
{
    if (d->has_ack && (int32_t)(number - d->acked) <= 0)
        return;
    d->acked = number;
    d->has_ack = 1;
    if (__builtin_expect(d->pending != NULL, 0))
        wt_tcp_reconsider(d, direction, totals, sink);
}

/* The end of the capture or connection: delivers all that waits, with gaps where bytes are missing, and frees it. */
void wt_tcp_flush(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                  const struct wt_tcp_sink *sink);

#endif
