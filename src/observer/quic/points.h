/* One path that was captured at two points with other addresses at each: on both sides of a NAT, a proxy or a load
 * balancer. A connection's packets are followed by their ids, so that those of the second point would be packets that
 * were sent again, on a path that nobody took. RFC 9000, 12.3: "A QUIC endpoint MUST NOT reuse a packet number within
 * the same packet number space in one connection", so no two datagrams of a connection have the same bytes. */
#ifndef WT_OBSERVER_QUIC_POINTS_H
#define WT_OBSERVER_QUIC_POINTS_H

#include "registry/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct wt_datagram;
struct wt_quic;

enum { WT_QUIC_LAST_BYTES = 8 }; /* of a datagram, which are most of its last packet's tag */

/* A side's newest datagrams, in a ring. */
struct wt_quic_newest {
    uint8_t last[WT_LIMIT_QUIC_NEWEST][WT_QUIC_LAST_BYTES];
    uint8_t place[WT_LIMIT_QUIC_NEWEST]; /* wt_quic_paths_place, plus 1; 0: none */
    uint8_t next;
};

/* Whether a datagram from that side, which was captured at that place, is one of its newest, captured at another. Its
 * addresses are known from then on to be those of the other's path. */
bool wt_quic_points_copy(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place);
/* A datagram that is none. */
void wt_quic_points_note(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place);

#endif
