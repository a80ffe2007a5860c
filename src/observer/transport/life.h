/* What the packets of a conversation tell beside their bytes: round-trip times, hop limits, silences, windows that
 * close, data that is sent in vain, and ICMP errors about it. Evidence: diagnosis concludes from it.
 *
 * The path of a packet pays for four comparisons (wt_life_is_due()); what is kept for every conversation is struct
 * wt_path, and the rest only where there is something to keep. Directions are the conversation's. */
#ifndef WT_OBSERVER_LIFE_H
#define WT_OBSERVER_LIFE_H

#include "capture/packet.h"
#include "registry/limits.h"

struct wt_observer;
struct wt_conversation;
struct wt_tls;

/* `watched`: what makes each packet of a conversation worth a look */
enum {
    WT_WATCH_ACK = 1,    /* the SYN-ACK came: what follows it from the other side completes the round trip */
    WT_WATCH_WINDOW = 2, /* direction 0 keeps its window closed; and shifted by one: direction 1 */
    WT_WATCH_IDLE = 8,   /* since a long silence only one direction has sent */
    WT_WATCH_ICMP = 16,  /* an ICMP error said that a packet was too big */
    WT_WATCH_RESET = 32, /* after a RST: whether its sender goes on */
};

/* Of every conversation: 28 bytes. */
struct wt_path {
    uint32_t round_trip_us[2];     /* from the capture to that direction's sender and back; 0: not known */
    uint32_t connect_us;           /* from the first SYN to the acknowledgment of the SYN-ACK; 0: not known */
    uint8_t hop_limit[2];          /* TTL or hop limit of its newest packet, RSTs apart */
    uint8_t lowest[2], highest[2]; /* of all of them */
    uint8_t watched;               /* WT_WATCH_... */
    uint8_t hop_limit_seen : 2;    /* by direction: there was such a packet */
};

/* A time without any packet. */
struct wt_silence {
    int64_t from_ns, ns;
    uint32_t frame; /* that ended it */
    uint8_t by;     /* direction of that */
};

/* A receiver that takes nothing. */
struct wt_closed_window {
    int64_t since_ns; /* 0: it is open */
    int64_t longest_ns;
    uint32_t frame;
};

/* The first RST, against what its sender's other packets are like. */
struct wt_reset_facts {
    uint32_t sequence;
    uint32_t after_us; /* since the first byte of TLS, or of the conversation */
    uint8_t hop_limit;
    bool seen;
    bool knows;      /* it acknowledges all that the other side has sent */
    bool other_hops; /* no other packet of its direction has, or nearly has, that hop limit */
    uint32_t frame;
    uint32_t answer_frame; /* a later packet with stream bytes from its direction: whoever sends that has not reset; 0:
                              none */
};

/* What a server says to a ClientHello that is no TLS, against what its other packets are like. */
struct wt_answer_facts {
    uint32_t frame;            /* 0: there is none */
    uint32_t after_us;         /* since the first byte of TLS */
    uint8_t hop_limit, before; /* its own, and that of the packet before it from the same address */
    bool knows;                /* it acknowledges all that the other side has sent */
};

/* A packet with another hop limit than the one before it. */
struct wt_hop_change {
    uint32_t frame;
    uint8_t before;
};

/* Of a TLS connection, once there is anything to keep. */
struct wt_life {
    struct wt_silence longest;
    struct wt_silence idle; /* since its end only direction `by` has sent; ns is 0 when the other has, too */
    uint32_t vain;          /* packets since then; those with stream bytes: */
    uint32_t vain_data;
    int64_t vain_ns;   /* of the newest of them */
    int64_t resent_ns; /* for how long nothing passed until something was sent again, all in all */
    struct wt_closed_window window[2];
    struct wt_reset_facts reset;
    struct wt_hop_change hop_change[2];
    struct wt_answer_facts answer;
    uint32_t again_acked[2]; /* what the other side had acknowledged when it was last sent again */
    uint16_t again[2];       /* how often, since that was acknowledged */
    uint16_t resent[2];      /* segments sent again, all in all */
};

/* NULL: nothing was worth keeping. */
const struct wt_life *wt_life_of(const struct wt_tls *tls);

/* What a TLS connection that is read anew goes on with. */
struct wt_life_copy {
    bool any;
    struct wt_life life;
};
struct wt_life_copy wt_life_copy(const struct wt_tls *tls);
/* Without a connection that it can be of, nothing is watched any more. */
void wt_life_restore(struct wt_conversation *c, const struct wt_life_copy *copy);

/* Before anything else is made of a segment: wt_life_look() if wt_life_is_due(). */
void wt_life_look(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* A segment carries nothing new, and its sender had sent nothing for `quiet` nanoseconds. */
void wt_life_repeat(struct wt_tls *tls, const struct wt_conversation *c, unsigned d, int64_t quiet);
void wt_life_reset(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* The packet at hand has the first bytes that the server says to a ClientHello, and they are no TLS. */
void wt_life_answer(struct wt_observer *o, struct wt_conversation *c, unsigned d);

/* How often the last data of a direction were sent again without being acknowledged. */
unsigned wt_life_unanswered(const struct wt_conversation *c, unsigned d);
/* How long a direction's window has been closed up to the end of the conversation; 0: it is open. */
int64_t wt_life_closed_ns(const struct wt_observer *o, const struct wt_conversation *c, unsigned d);

#endif
