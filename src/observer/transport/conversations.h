/* Conversations of one input and one transport: who talks to whom, numbered as Wireshark numbers tcp.stream and
 * udp.stream. */
#ifndef WT_OBSERVER_CONVERSATIONS_H
#define WT_OBSERVER_CONVERSATIONS_H

#include "observer/transport/icmp.h"
#include "observer/transport/life.h"
#include "observer/transport/transport.h"
#include "wiretale/story.h"

struct wt_tls;
struct wt_plain;
struct wt_places;

enum wt_phase {
    WT_PHASE_PLAIN, /* not yet known: a dialogue may still turn into TLS */
    WT_PHASE_TLS,
    WT_PHASE_NOT_TLS,
};

/* `flags` */
enum {
    WT_CONV_CLOSING = 1,  /* in the queue of those that end soon */
    WT_CONV_ENDED = 2,    /* nothing more is taken in; waits to be reported */
    WT_CONV_TOLD = 4,     /* reported as one that never came to be */
    WT_CONV_SPOKE = 8,    /* stream bytes were sent */
    WT_CONV_TLS = 16,     /* TLS was found in it */
    WT_CONV_CUT = 32,     /* packets of which the capture cut all payload */
    WT_CONV_OVERDUE = 64, /* direction 0 has waited in vain for the other one; and shifted by one */
};

/* One conversation: its ends, number, times and transport; direction 0 is that of who opens it, as far as its first
 * packet shows, else that packet's. Fields that every packet touches come first. */
struct wt_conversation {
    struct wt_transport transport;
    struct wt_tls *tls;
    struct wt_plain *plain;
    struct wt_places *places;    /* of what is kept for the story; NULL: none */
    struct wt_icmp_errors *icmp; /* that quote its packets; NULL: none */
    int64_t last_ns;             /* time of the last packet with payload; without any: of the first packet */
    int64_t seen_ns;             /* of the last packet at all */
    uint32_t last_frame;         /* of the last packet at all */
    uint32_t first_frame;
    uint32_t stream;
    uint32_t hash;
    uint32_t packets; /* as the account has them */
    uint32_t left_ms; /* without stream bytes: from the first packet until one side was the first to end it */
    struct wt_path path;
    uint8_t ip[2][16];
    uint16_t port[2];
    uint8_t flags;
    uint8_t phase, digits, layer_count;
    uint8_t layers[8];
};

/* Whether a segment shows more than its bytes: another hop limit, a closed window, the end of a silence, or what is
 * being watched. */
static inline bool wt_life_is_due(const struct wt_conversation *c, unsigned d, const struct wt_segment *s, int64_t now)
{
    unsigned odd = (unsigned)(s->ttl ^ c->path.hop_limit[d]) | c->path.watched | (s->window == 0);
    return odd != 0 || now - c->seen_ns >= WT_LIMIT_SILENCE_NS;
}

struct wt_conversations;

/* NULL when the system gives no memory. */
struct wt_conversations *wt_conversations_new(void);
void wt_conversations_free(struct wt_conversations *t);

/* The conversation of a segment and the direction it goes in, or NULL. */
struct wt_conversation *wt_conversations_find(struct wt_conversations *t, const struct wt_segment *s,
                                              unsigned *direction);
/* A new one for the segment, which goes in `direction`; it takes the place of an older one with the same ends in the
 * table. NULL when the system gives no memory. s may be NULL: a conversation outside the table. */
struct wt_conversation *wt_conversations_add(struct wt_conversations *t, const struct wt_segment *s,
                                             unsigned direction);

/* Streams are numbered from 0; those from `first` on are still held. */
uint32_t wt_conversations_first(const struct wt_conversations *t);
uint32_t wt_conversations_count(const struct wt_conversations *t);
struct wt_conversation *wt_conversations_at(struct wt_conversations *t, uint32_t stream);
/* What ICMP errors say of it, made anew; NULL without memory, or when WT_LIMIT_ICMP_CONVERSATIONS have some. */
struct wt_icmp_errors *wt_conversations_icmp(struct wt_conversations *t, struct wt_conversation *c);
void wt_conversations_forget_icmp(struct wt_conversations *t, struct wt_conversation *c);
/* Lets go of the oldest block of conversations (wt_conversations_first moves on), all of which must have been told. */
void wt_conversations_drop_block(struct wt_conversations *t);
/* Conversations of one block: what wt_conversations_drop_block() lets go at once. */
enum { WT_CONVERSATION_BLOCK = 1024 };

#endif
