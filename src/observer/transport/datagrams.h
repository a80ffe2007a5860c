/* UDP's conversations: told apart, numbered as Wireshark numbers udp.stream, and counted. Nothing reads them yet.
 *
 * UDP has neither beginning nor end: packets between two ends are of one conversation however long the pause, so all
 * that is known of them is held for its number, within WT_LIMIT_UDP_CONVERSATIONS. What a tunnel's packets are in takes
 * a number, as a conversation of its own, but is not counted: that is TCP's, or the inner datagram's. */
#ifndef WT_OBSERVER_DATAGRAMS_H
#define WT_OBSERVER_DATAGRAMS_H

#include "observer/transport/conversations.h"

/* All zero is ready. */
struct wt_datagrams {
    struct wt_conversations *table; /* NULL until the first */
    uint64_t packets, bytes;        /* payload, as sent */
    uint64_t conversations;         /* that had a datagram of their own */
    uint64_t dropped;               /* conversations that made room */
};

/* When and where a packet came. */
struct wt_datagram_stamp {
    struct wt_time time;
    uint32_t frame;
};

/* The tunnels' headers around what a packet gave, whatever that was: they are numbered. */
void wt_datagrams_outer(struct wt_datagrams *d, const struct wt_segment *s, struct wt_datagram_stamp at);
/* A datagram. Its conversation and the direction of that it goes in, which hold until the next call; NULL without
 * memory. `idle_ns`: what was silent so long may make room, without being counted as dropped; 0: nothing may. */
struct wt_conversation *wt_datagrams_take(struct wt_datagrams *d, const struct wt_segment *s,
                                          struct wt_datagram_stamp at, int64_t idle_ns, unsigned *direction);
/* One that an ICMP error quotes: numbered, no more. Its conversation and direction; NULL without memory. */
struct wt_conversation *wt_datagrams_quoted(struct wt_datagrams *d, const struct wt_segment *s,
                                            struct wt_datagram_stamp at, unsigned *direction);
/* Another file begins: numbers start anew, counts stay. Frees all memory. */
void wt_datagrams_clear(struct wt_datagrams *d);

#endif
