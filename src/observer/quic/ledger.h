/* What is counted of a connection: packets and frames, by side and type, and one by one where somebody asks. */
#ifndef WT_OBSERVER_QUIC_LEDGER_H
#define WT_OBSERVER_QUIC_LEDGER_H

#include "observer/quic/connection.h"

/* A packet in the order of the capture. */
struct wt_quic_entry {
    uint64_t number;
    struct wt_time time;
    uint32_t frame;
    uint32_t frames_at, frame_count; /* in the list's kinds */
    uint32_t bytes_at, bytes;        /* in the list's `bytes` */
    uint32_t length, offset;         /* of the packet as it was sent; in its datagram */
    uint8_t from, type;              /* enum wt_quic_packet */
    uint8_t id_length;
    bool opened;
};

/* `packet_list`. */
struct wt_quic_listed {
    struct wt_quic_entry *entries;
    size_t count, room, dropped;
    struct wt_buffer kinds; /* enum wt_quic_frame_kind, a byte each */
    struct wt_buffer bytes; /* with options.keep_datagrams: of packets, without their protection */
    size_t at;              /* the entry of the packet that is read; SIZE_MAX: it has none */
};

/* A packet of that type was seen. With options.keep_messages it is listed; the frames that are counted next are its. */
void wt_quic_ledger_packet(struct wt_quic *q, unsigned from, enum wt_quic_packet type);
/* That packet, `offset` bytes into its datagram: with options.keep_datagrams its header is kept, as it was sent. */
void wt_quic_ledger_header(struct wt_quic *q, const struct wt_quic_header *h, struct wt_span packet, size_t offset);
/* Where the newest is listed, and back to it: a packet may be opened later than it came. */
size_t wt_quic_ledger_place(const struct wt_quic *q);
void wt_quic_ledger_return(struct wt_quic *q, size_t place);
/* It was opened. */
void wt_quic_ledger_opened(struct wt_quic *q, const struct wt_quic_sent *p);
/* It is a Retry, whose tag holds: it is listed as qlog has it, with number 0 and no frames. */
void wt_quic_ledger_verified(struct wt_quic *q);
void wt_quic_ledger_frame(struct wt_quic *q, unsigned from, enum wt_quic_frame_kind kind);
/* The sides change places. */
void wt_quic_ledger_turn(struct wt_quic *q);
void wt_quic_ledger_free(struct wt_quic_listed *list);
size_t wt_quic_ledger_bytes(const struct wt_quic_listed *list);

#endif
