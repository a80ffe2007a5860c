/* Opening packets: header protection off, the number restored, the tag checked (RFC 9001, 5).
 *
 * What one datagram may cost is fixed: WT_LIMIT_QUIC_OPENINGS openings, of which WT_LIMIT_QUIC_FAILURES may fail, wrong
 * guesses of a key phase, a suite, a version or a segment's size included. */
#ifndef WT_OBSERVER_QUIC_OPEN_H
#define WT_OBSERVER_QUIC_OPEN_H

#include "observer/quic/connection.h"

/* What a datagram has cost so far. All zero to begin with. */
struct wt_quic_work {
    unsigned openings, failures;
    bool spent; /* a limit was reached, and counted */
};

enum wt_quic_outcome {
    WT_QUIC_OPEN_DONE,    /* number and payload are set; the payload holds until the next call */
    WT_QUIC_OPEN_NO_KEYS, /* nobody knows them */
    WT_QUIC_OPEN_LATER,   /* they may still come: what would show them has not passed yet */
    WT_QUIC_OPEN_FAILED,  /* the keys that should fit do not */
};

enum wt_quic_outcome wt_quic_open_packet(struct wt_quic *q, struct wt_quic_sent *p, struct wt_quic_work *work);
/* Whether the Initial packet *p opens with the keys of a client's first, which come from the Destination Connection ID
 * in it (RFC 9001, 5.2): then a client sent it, and *p is opened. *keys, from the observer's pool, holds what it was
 * opened with: for wt_quic_open_adopt(), or wt_quic_open_leave(). */
bool wt_quic_open_shows_client(struct wt_observer *o, struct wt_quic_sent *p, struct wt_quic **keys);
/* The connection that the packet has begun has these keys. */
void wt_quic_open_adopt(struct wt_quic *q, struct wt_quic *keys);
/* Nothing has begun. `keys` may be NULL. */
void wt_quic_open_leave(struct wt_observer *o, struct wt_quic *keys);
void wt_quic_open_room_free(struct wt_observer *o);

#endif
