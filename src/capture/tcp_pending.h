/* What of one direction came early, shared by tcp.c and tcp_pending.c only. */
#ifndef WT_CAPTURE_TCP_PENDING_H
#define WT_CAPTURE_TCP_PENDING_H

#include "capture/tcp.h"

/* A run of bytes that came early. */
struct wt_tcp_slot {
    uint32_t sequence;
    uint32_t n;
    uint8_t *bytes; /* NULL: the snaplen cut them off, they are known to be lost */
    struct wt_tcp_stamp stamp;
    uint32_t needs; /* with waits: what the other direction must have reached before */
    bool waits;
};

/* In order of sequence and never overlapping: what came first was kept, what came later fills only what is free. */
struct wt_tcp_pending {
    struct wt_tcp_slot *slots;
    uint32_t first, end, cap;       /* slots[first] to slots[end - 1] are used */
    uint32_t since_ack;             /* segments kept since the other side acknowledged the hole before the first */
    uint64_t held;                  /* bytes, with bookkeeping */
    struct wt_tcp_direction *other; /* whose progress is waited for; NULL: none */
    uint32_t other_next;            /* where that was when a segment was kept last, and how many were since it moved */
    uint32_t since_other;
    uint32_t fin_needs;            /* with fin_waits: the FIN's turn */
    uint32_t rst_needs;            /* likewise with rst_waits */
    struct wt_tcp_stamp fin_stamp; /* of the packet that bore it; frame 0: none waits */
    struct wt_tcp_reset rst;
    bool fin_waits, rst_waits, rst_is_due;
    bool is_acked;      /* the hole before the first was acknowledged after that came */
    uint32_t acked_far; /* with is_acked: how far the stream had come then */
    bool in_turn; /* something waited for its turn, or for what may come before the first bytes: all has its own time */
};

/* One call's arguments, handed down together. */
struct wt_tcp_lane {
    struct wt_tcp_direction *d;
    unsigned direction;
    struct wt_tcp_totals *totals;
    const struct wt_tcp_sink *sink;
    const struct wt_tcp_turn *turn; /* of the segment being taken; NULL: it need not wait */
};

/* RFC 9293, 3.4: sequence numbers are compared modulo 2^32. Positive when a lies behind b. */
static inline int32_t wt_tcp_beyond(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline struct wt_tcp_slot *wt_tcp_pending_head(const struct wt_tcp_lane *l)
{
    return &l->d->pending->slots[l->d->pending->first];
}

static inline bool wt_tcp_pending_is_empty(const struct wt_tcp_pending *p)
{
    return p->first == p->end;
}

/* The direction's; made when there is none. NULL without memory. */
struct wt_tcp_pending *wt_tcp_pending_of(const struct wt_tcp_lane *l);
/* Keeps what of n bytes from `sequence` on is not kept yet (`bytes` may be NULL), and compares the rest. False when
 * there is no memory. */
bool wt_tcp_pending_keep(const struct wt_tcp_lane *l, uint32_t sequence, const uint8_t *bytes, uint32_t n);
/* A slot that was taken out. */
void wt_tcp_pending_release(const struct wt_tcp_lane *l, struct wt_tcp_slot *s);
void wt_tcp_pending_forget(const struct wt_tcp_lane *l);

#endif
