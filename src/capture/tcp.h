/* TCP reassembly: two byte streams out of segments in any order.
 *
 * A direction knows the next byte it wants. Segments that come early wait (bounded); what comes again is dropped, first
 * bytes win; what never comes is given up when the bounds are hit, when the receiver has acknowledged it and the stream
 * has gone on well past it, or at the end, and is then told as a gap. Directions know nothing of each other but ACKs:
 * those give up holes, and put one direction after the other where a capture has not (two taps): a segment that
 * acknowledges bytes which have not come yet was sent after them, and may wait for them.
 *
 * Fast path: an in-order segment of a direction with nothing waiting is handed on where it lies, with no copy. */
#ifndef WT_CAPTURE_TCP_H
#define WT_CAPTURE_TCP_H

#include "base/span.h"

struct wt_tcp_pending; /* segments that came early, owned copies */

/* All zero is a direction of which nothing was seen. 32 bytes: millions are kept. */
struct wt_tcp_direction {
    struct wt_tcp_pending *pending;
    uint32_t next;  /* sequence number of the next byte to deliver; before `started` the first that was acknowledged */
    uint32_t base;  /* of the SYN, or one before the first byte seen: what Wireshark's relative numbers count from */
    uint32_t acked; /* highest acknowledgment number that the other side sent for this direction */
    uint32_t fin_seq;      /* sequence number behind the last byte, valid with fin */
    uint32_t mark;         /* the caller's: see observer/transport */
    uint16_t window;       /* the caller's: the largest window that this side's segments advertise, as in the header */
    uint16_t started : 1;  /* next is known */
    uint16_t syn : 1;      /* the stream is followed from its first byte */
    uint16_t implied : 1;  /* that is known from the other side's SYN-ACK: no segment of its own was seen */
    uint16_t fin : 1;      /* a FIN was seen (perhaps not yet reached) */
    uint16_t ended : 1;    /* the FIN was reached: nothing more will come */
    uint16_t conflict : 1; /* an overlap carried other bytes than those delivered or kept */
    uint16_t has_ack : 1;
    uint16_t tentative : 1; /* nothing was seen before the first bytes, which wait: others may come before them */
    uint16_t impatient : 1; /* no longer waits for what the other direction has not got */
    uint16_t sums : 1;      /* the caller's: its SYN's checksum is right, so that they mean something */
    uint16_t scale : 4;     /* the caller's, valid with is_scaled: this side's window scale (RFC 7323, 2.2) */
    uint16_t is_scaled : 1, has_scale : 1; /* its SYN was seen; and offers a scale */
};

/* When a segment came, and what it acknowledged. */
struct wt_tcp_stamp {
    int64_t ns;
    uint32_t frame;
    uint32_t acknowledgment; /* 0: nothing */
};

/* A RST that waits. */
struct wt_tcp_reset {
    struct wt_tcp_stamp stamp;
    uint32_t sequence;
    uint8_t hop_limit; /* the caller's */
};

/* What the stream tells; called from the functions below. `bytes` hold until the call returns, and the
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
    /* a RST that waited has its turn */
    void (*reset)(void *context, unsigned direction, const struct wt_tcp_reset *reset);
    /* WT_LIMIT_TCP_UNHEARD bytes wait for the other direction: they wait no longer; once per direction. May be NULL. */
    void (*overdue)(void *context, unsigned direction);
};

/* Totals over all connections, for limits and the summary. */
struct wt_tcp_totals {
    struct wt_tcp_stamp now;  /* of the packet being handed in: the caller's to set */
    struct wt_tcp_stamp held; /* with is_held, of the bytes being delivered: they waited behind a hole that was given
                                 up, and came long before `now`; or of the FIN that was reached */
    bool is_held;
    bool in_turn; /* with is_held: not behind a hole, but for its turn */
    bool waited;  /* the bytes being delivered came in an earlier packet: held.frame's, whether or not with is_held */
    uint64_t pending_bytes;    /* held now, all connections */
    uint64_t limit_hits;       /* times a bound made us give up waiting */
    uint64_t dropped_segments; /* could not be kept at all */
};

/* The same of a segment whose sender had more of the other direction than is here, up to the number `needs`: it waits
 * for that, as far as the limits go. `other` is then watched until nothing waits, and has to stay where it is. */
struct wt_tcp_turn {
    struct wt_tcp_direction *other;
    uint32_t needs;
};

/* One segment's part for one direction: sequence number of its first payload byte (SYN counts one), flags, payload and
 * how many bytes the snaplen cut off behind it (told as a gap in its place). `acknowledged`: call wt_tcp_acknowledge
 * on the opposite direction first. */
void wt_tcp_segment(struct wt_tcp_direction *d, unsigned direction, uint32_t sequence, uint8_t flags,
                    struct wt_span payload, uint32_t missing, struct wt_tcp_totals *totals,
                    const struct wt_tcp_sink *sink);
/* One that has to wait for its turn. */
void wt_tcp_wait(struct wt_tcp_direction *d, unsigned direction, uint32_t sequence, uint8_t flags,
                 struct wt_span payload, uint32_t missing, struct wt_tcp_turn turn, struct wt_tcp_totals *totals,
                 const struct wt_tcp_sink *sink);

/* A RST: it comes after all that waits of its direction, and after what it acknowledges (turn.other NULL: nothing). */
void wt_tcp_wait_reset(struct wt_tcp_direction *d, unsigned direction, const struct wt_tcp_reset *reset,
                       struct wt_tcp_turn turn, struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink);

/* All before the number was reached; a FIN counts one. Of a direction whose first bytes may be late nothing was, and of
 * one that was not seen at all what was acknowledged first, be it before the capture began. */
static inline bool wt_tcp_has_reached(const struct wt_tcp_direction *d, uint32_t number)
{
    return !(d->started && d->tentative) && (int32_t)(number - (d->next + d->ended)) <= 0;
}

/* A segment came in order after all that is here of the other direction, and acknowledges: what comes before the first
 * bytes, if anything does, is not merely late. */
static inline void wt_tcp_settle_start(struct wt_tcp_direction *d)
{
    if (d->tentative && d->has_ack && (int32_t)(d->acked - d->next) > 0)
        d->tentative = 0;
}

/* The other side's SYN-ACK says where the stream begins: RFC 9293, 3.4: its acknowledgment is that of the SYN. */
void wt_tcp_imply(struct wt_tcp_direction *d, uint32_t number);

/* The last byte, and one, that waits behind a hole; the next byte when none does. */
uint32_t wt_tcp_newest(const struct wt_tcp_direction *d);

/* Something waits for its turn. */
bool wt_tcp_waits(const struct wt_tcp_direction *d);

/* Something waits: hands on what has its turn now, gives up a hole that the receiver evidently got. */
void wt_tcp_reconsider(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                       const struct wt_tcp_sink *sink);
/* The same after more was acknowledged. */
void wt_tcp_acknowledged(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                         const struct wt_tcp_sink *sink);

/* The other side acknowledged up to `number`. May give up a hole that the receiver evidently got. */
static inline void wt_tcp_acknowledge(struct wt_tcp_direction *d, unsigned direction, uint32_t number,
                                      struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink)
{
    if (d->has_ack && (int32_t)(number - d->acked) <= 0)
        return;
    if (__builtin_expect(!d->has_ack && !d->started, 0))
        d->next = number;
    d->acked = number;
    d->has_ack = 1;
    if (__builtin_expect(d->pending != NULL, 0))
        wt_tcp_acknowledged(d, direction, totals, sink);
}

/* The end of the capture or connection: delivers all that waits, with gaps where bytes are missing, and frees it. */
void wt_tcp_flush(struct wt_tcp_direction *d, unsigned direction, struct wt_tcp_totals *totals,
                  const struct wt_tcp_sink *sink);
/* The same of both directions, each in its turn. */
void wt_tcp_flush_both(struct wt_tcp_direction d[2], struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink);
/* After something was delivered while something waits: what has its turn now. */
void wt_tcp_alternate(struct wt_tcp_direction d[2], struct wt_tcp_totals *totals, const struct wt_tcp_sink *sink);

#endif
