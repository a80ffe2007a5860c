/* Paths: the addresses that a connection's packets went between (RFC 9000, 9), and whether they were validated (8.2).
 */
#ifndef WT_OBSERVER_QUIC_PATHS_H
#define WT_OBSERVER_QUIC_PATHS_H

#include "codec/frame/frame.h"

struct wt_observer;
struct wt_datagram;
struct wt_quic;

enum { WT_PATH_CHALLENGES = 3 }; /* whose answers are awaited: RFC 9000, 8.2.1: "multiple PATH_CHALLENGE frames" */

struct wt_quic_ends {
    uint8_t ip[2][16]; /* by side */
    uint16_t port[2];
};

struct wt_quic_path {
    struct wt_quic_ends ends;
    uint32_t first_frame, last_frame;
    int64_t first_ns, last_ns;
    uint64_t packets[2], bytes[2];                          /* by sender; bytes of datagrams */
    uint8_t challenge[2][WT_PATH_CHALLENGES][WT_PATH_DATA]; /* by who asked: the newest, in a ring */
    uint32_t challenges[2];                                 /* how many there were */
    uint32_t challenged[2], answered[2]; /* packets: of the first challenge, and of its answer; 0: none */
    int64_t challenged_ns[2], answered_ns[2];
};

/* Addresses that a path has at another point of the network: points.h. */
struct wt_quic_alias {
    struct wt_quic_ends ends;
    uint8_t path; /* its number */
};

enum { WT_QUIC_NOWHERE = UINT8_MAX };

/* Where the datagram from that side was captured: the number of a path, or behind those of an alias; WT_QUIC_NOWHERE:
 * its addresses are new. */
uint8_t wt_quic_paths_place(const struct wt_quic *q, const struct wt_datagram *d, unsigned from);
/* The datagram at that place goes on its path, or begins one. Returns the place then; WT_QUIC_NOWHERE without memory,
 * or when there are too many. */
uint8_t wt_quic_paths_take(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place);
/* The datagram's addresses are the path's that has that place, at another point. */
void wt_quic_paths_also(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place);
size_t wt_quic_paths_bytes(const struct wt_quic *q);
void wt_quic_paths_free(struct wt_quic *q);
/* The side that sent the datagram, by the addresses that are known; false: they do not tell. */
bool wt_quic_paths_sender(const struct wt_quic *q, const struct wt_datagram *d, unsigned *from);
/* PATH_CHALLENGE and PATH_RESPONSE: RFC 9000, 8.2.3: "A PATH_RESPONSE frame received on any network path validates the
 * path on which the PATH_CHALLENGE was sent". */
void wt_quic_paths_challenge(const struct wt_observer *o, struct wt_quic_path *path, unsigned from,
                             struct wt_span data);
void wt_quic_paths_response(const struct wt_observer *o, struct wt_quic *q, unsigned from, struct wt_span data);
/* The sides change places. */
void wt_quic_paths_turn(struct wt_quic *q);

#endif
