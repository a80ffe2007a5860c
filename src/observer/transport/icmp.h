/* ICMP errors about conversations: who reports what about whose packets. */
#ifndef WT_OBSERVER_ICMP_H
#define WT_OBSERVER_ICMP_H

#include "capture/packet.h"
#include "registry/limits.h"

struct wt_observer;
struct wt_conversation;

/* Errors of one kind. */
struct wt_icmp_kept {
    struct wt_icmp_error error;
    uint32_t frame; /* of the first one */
    uint32_t count;
    uint32_t ignored;  /* packets that were sent again afterwards and were still too big */
    uint32_t sequence; /* of the packet that the first one quotes */
    bool heeded;       /* what began there was sent again in smaller packets */
    bool early;        /* it came before anything of that direction: whether that was sent is still to be shown */
    uint8_t direction; /* of the packet that it quotes */
};

struct wt_icmp_errors {
    struct wt_icmp_kept kept[WT_LIMIT_ICMP_KINDS];
    uint32_t count;
};

/* An ICMP error quotes a packet of a conversation. What that never sent is not believed. */
void wt_icmp_keep(struct wt_observer *o, const struct wt_segment *s);
/* The same of a datagram that `direction` of a connection over UDP sent; there is nothing by which to disbelieve it. */
void wt_icmp_keep_of_datagram(struct wt_observer *o, struct wt_conversation *c, const struct wt_segment *s,
                              unsigned direction);
/* All of the conversation is here: forgets what quotes packets that it never sent. */
void wt_icmp_settle(struct wt_conversation *c);
/* A segment of a conversation about which there is one. */
void wt_icmp_heed(struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* The newest kind of error about what that direction sent; NULL: none. */
const struct wt_icmp_kept *wt_icmp_about(const struct wt_conversation *c, unsigned d);
/* Whether it says that the packet was not delivered, for another reason than its size: RFC 792 and RFC 4443, 3.1, 3.3,
 * Destination Unreachable and Time Exceeded. */
bool wt_icmp_rejects(const struct wt_icmp_error *error);
/* Whether the host itself sent it, to which the packet was addressed: `direction` is the packet's. RFC 1122, 3.2.2.1: a
 * host "SHOULD generate Destination Unreachable messages" for protocols and ports that it does not have; a router on
 * the way sends all others. */
bool wt_icmp_is_of_host(const struct wt_conversation *c, const struct wt_icmp_kept *kept);

#endif
