/* Packet numbers that a sender passed over, and what became of them. */
#ifndef WT_OBSERVER_QUIC_GAPS_H
#define WT_OBSERVER_QUIC_GAPS_H

#include "observer/quic/acknowledged.h"

/* 64 numbers at most, one by one: bit i is first + i. */
struct wt_quic_gap {
    uint64_t first, last;
    uint64_t came, acknowledged;
    uint32_t frame; /* of the packet behind it */
    uint8_t from, space, type;
    bool again; /* what its packets had was sent again */
};

struct wt_quic_gaps {
    struct wt_quic_gap *list;
    size_t count, room;
};

/* Not one of more numbers: it is the capture that has a hole. */
void wt_quic_gaps_add(struct wt_quic_gaps *gaps, const struct wt_quic_gap *gap);
void wt_quic_gaps_came(struct wt_quic_gaps *gaps, unsigned from, unsigned space, uint64_t number);
void wt_quic_gaps_acknowledged(struct wt_quic_gaps *gaps, unsigned from, unsigned space,
                               struct wt_quic_numbers_range r);
/* The newest between these numbers; NULL: there is none. */
struct wt_quic_gap *wt_quic_gaps_between(struct wt_quic_gaps *gaps, unsigned from, unsigned space, uint64_t before,
                                         uint64_t behind);
/* Numbers that never came; *acknowledged of them were. */
unsigned wt_quic_gaps_missing(const struct wt_quic_gap *gap, unsigned *acknowledged);
void wt_quic_gaps_turn(struct wt_quic_gaps *gaps);
void wt_quic_gaps_clear(struct wt_quic_gaps *gaps);

#endif
