/* The rows of a QUIC connection: in datagrams, their packets, and what is in them. */
#ifndef WT_TEXT_LADDER_H
#define WT_TEXT_LADDER_H

#include "report/text/text.h"
#include "wiretale/quic.h"

/* One row: a packet, one more message of it, or a run of packets that only carry data. */
struct wt_rung {
    const struct wt_quic_packet_seen *packet; /* the first of a run */
    const struct wt_message *message;         /* completed by it; NULL: none */
    bool begins;                              /* the packet's first row */
    bool ends;                                /* and its last */
    size_t packets[2];                        /* of a run, by side; else 0 */
    uint64_t last_number[2];
    bool both; /* a run of both sides */
};

/* Walks the packets once. */
struct wt_ladder {
    const struct wt_connection *c;
    size_t next;    /* packet */
    size_t message; /* the first that no packet before had */
    bool inside;    /* of packet `next` a message was told, and there are more */
    unsigned runs;  /* of data since the last other row */
};

void wt_ladder_start(struct wt_ladder *l, const struct wt_connection *c);
bool wt_ladder_next(struct wt_ladder *l, struct wt_rung *rung);

/* "Initial 0: ClientHello", "1-RTT 12: STREAM, ACK", "1-RTT × 24"; frames as far as there are columns. */
const char *wt_ladder_label(struct wt_text *x, const struct wt_rung *rung, size_t columns, char *room, size_t size);
/* What stands beside it; NULL: nothing. */
const char *wt_ladder_remark(struct wt_text *x, const struct wt_rung *rung);
/* What of that is said of the packet itself, one of the connection's list, whatever messages it completes; NULL:
 * nothing. */
const char *wt_ladder_packet_remark(struct wt_text *x, const struct wt_quic_packet_seen *packet);

#endif
