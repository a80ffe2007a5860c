/* What was sent again, what was lost, and which packet numbers the capture lacks (RFC 9000, 13; RFC 9002). */
#ifndef WT_OBSERVER_QUIC_LOSS_H
#define WT_OBSERVER_QUIC_LOSS_H

#include "observer/quic/connection.h"
#include "observer/quic/gaps.h"

/* Bytes that a packet has and an earlier one had. */
struct wt_quic_resend {
    uint64_t what; /* wt_quic_loss_crypto(), or a stream's id */
    uint64_t offset, length;
    uint64_t number, first_number;
    int64_t ns, acknowledged_ns;
    uint32_t frame, first_frame;
    uint32_t acknowledged, first_acknowledged; /* packets with the ACK; 0: none was seen, or is remembered */
    uint8_t from, type, first_type;            /* enum wt_quic_packet */
    bool arrived;                              /* the earlier packet was acknowledged before this one was sent */
    bool unseen; /* the earlier packet is not here: its number is the first of those that were passed over */
};

struct wt_quic_loss_counts {
    uint64_t again; /* packets that have what an earlier one had */
    uint64_t lost;  /* packets whose data were sent again, and that were never acknowledged though a later one was */
    uint64_t uncaptured; /* numbers that were acknowledged, of packets that the capture lacks */
    uint64_t skipped;    /* other numbers that neither came nor were acknowledged */
};

struct wt_quic_loss;

static inline bool wt_quic_loss_is_crypto(uint64_t what)
{
    return what >> 63;
}

/* A CRYPTO or STREAM frame in a packet that was opened: before wt_quic_numbers_sent() is told of the packet. */
void wt_quic_loss_frame(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f);
void wt_quic_loss_acknowledged(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_ack *ack);
/* Numbers from `first` to before that of p were passed over. */
void wt_quic_loss_gap(struct wt_quic *q, const struct wt_quic_sent *p, uint64_t first);
/* One that had been passed over. */
void wt_quic_loss_late(struct wt_quic *q, const struct wt_quic_sent *p);
/* The handshake begins anew: what the client sends again now was not lost. */
void wt_quic_loss_restart(struct wt_quic *q);
/* The sides change places. */
void wt_quic_loss_turn(struct wt_quic *q);

bool wt_quic_loss_is_lost(const struct wt_quic *q, const struct wt_quic_resend *again);
struct wt_quic_loss_counts wt_quic_loss_count(const struct wt_quic *q, unsigned side);
/* Numbers of a gap that are missing; `acknowledged`: so many of them were. 0 where packets that were not opened may
 * have them. */
unsigned wt_quic_loss_missing(const struct wt_quic *q, const struct wt_quic_gap *gap, unsigned *acknowledged);
const struct wt_quic_resend *wt_quic_loss_list(const struct wt_quic *q, size_t *n);
const struct wt_quic_gap *wt_quic_loss_gaps(const struct wt_quic *q, size_t *n);

void wt_quic_loss_free(struct wt_quic_loss *loss);
size_t wt_quic_loss_bytes(const struct wt_quic_loss *loss);

#endif
