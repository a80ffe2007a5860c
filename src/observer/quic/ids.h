/* Connection ids: whose they are. A packet is followed by the id that it goes to, never by its addresses, which change
 * (RFC 9000, 5.1: "The primary function of a connection ID is to ensure that changes in addressing at lower protocol
 * layers (UDP, IP) do not cause packets for a QUIC connection to be delivered to the wrong endpoint"). */
#ifndef WT_OBSERVER_QUIC_IDS_H
#define WT_OBSERVER_QUIC_IDS_H

#include "observer/quic/connection.h"

/* Of an id that no NEW_CONNECTION_ID frame numbered: the first of a side has number 0 (RFC 9000, 5.1.1). */
#define WT_QUIC_UNNUMBERED UINT64_MAX

struct wt_quic_id {
    struct wt_quic_id *next, *sibling; /* in its bucket; of the connection, the newest first */
    struct wt_quic *quic;
    uint64_t hash, sequence;
    struct wt_quic_cid cid;
    uint8_t owner; /* the side that issued it: packets with it go there */
    bool retired, has_token;
    uint8_t token[WT_RESET_TOKEN];
};

struct wt_quic_ids;

void wt_quic_ids_free(struct wt_quic_ids *ids);

/* The id's entry, or NULL. */
struct wt_quic_id *wt_quic_ids_find(const struct wt_observer *o, struct wt_span cid);
/* The same for a short header, which does not say how long the id is: `rest` is what follows its first byte. */
struct wt_quic_id *wt_quic_ids_find_short(const struct wt_observer *o, struct wt_span rest);
/* The owner goes by that id from now on, too. Ids of no bytes are nobody's. NULL: there is none, no memory, or the
 * connection has too many. */
struct wt_quic_id *wt_quic_ids_add(struct wt_quic *q, unsigned owner, struct wt_span cid, uint64_t sequence);
/* RETIRE_CONNECTION_ID: packets that still have it may come; it is the first to make room. */
void wt_quic_ids_retire(struct wt_quic *q, unsigned owner, uint64_t sequence);
/* The token that an endpoint that has forgotten the id will send (RFC 9000, 10.3). */
void wt_quic_ids_token(struct wt_quic_id *id, struct wt_span token);
/* Whether a datagram to the other side ends with a token that `owner` gave: RFC 9000, 10.3.1. */
bool wt_quic_ids_is_reset(const struct wt_quic *q, unsigned owner, struct wt_span datagram);
/* The sides change places. */
void wt_quic_ids_turn(struct wt_quic *q);
/* All of a connection's go. */
void wt_quic_ids_drop(struct wt_quic *q);

#endif
