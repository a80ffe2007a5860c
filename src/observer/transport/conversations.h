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
struct wt_journal;
struct wt_packed;
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

enum wt_asleep { WT_AWAKE, WT_ASLEEP_JOURNAL, WT_ASLEEP_PACKED };

/* Where a conversation is kept. */
enum wt_conversation_list {
    WT_LIST_OPEN,  /* it may still have to be reported; in the order of first packets */
    WT_LIST_ASIDE, /* nothing of it will be reported while it goes on: it is not TLS */
    WT_LIST_OVER,  /* it was reported, or never will be: kept for packets that come late */
    WT_LISTS,
};

/* One conversation: its ends, number, times and transport; direction 0 is that of who opens it, as far as its first
 * packet shows, else that packet's. Fields that every packet touches come first. */
struct wt_conversation {
    struct wt_transport transport;
    struct wt_tls *tls;
    struct wt_plain *plain;
    struct wt_places *places;    /* of what is kept for the story; NULL: none */
    struct wt_icmp_errors *icmp; /* that quote its packets; NULL: none */
    union {                      /* with `asleep`: what is in the place of `tls` */
        struct wt_journal *journal;
        struct wt_packed *packed;
    } sleeps;
    int64_t last_ns;     /* time of the last packet with payload; without any: of the first packet */
    int64_t seen_ns;     /* of the last packet at all */
    uint32_t last_frame; /* of the last packet at all */
    uint32_t first_frame;
    uint32_t stream;
    uint32_t hash;
    uint32_t id;            /* of its room, which another conversation gets when it is dropped */
    uint32_t before, after; /* ids of its neighbours in its list */
    uint32_t held;          /* bytes that it holds elsewhere, as the observer counts them */
    uint32_t packets;       /* as the account has them */
    uint32_t left_ms;       /* without stream bytes: from the first packet until one side was the first to end it */
    struct wt_path path;
    uint8_t ip[2][16];
    uint16_t port[2];
    uint8_t flags;
    uint8_t phase, digits, layer_count;
    uint8_t client;        /* of a TLS connection that was reported: the direction that its client sent in */
    uint8_t list;          /* enum wt_conversation_list */
    bool was_handshake;    /* what it holds was counted while it had a handshake's state */
    uint8_t asleep;        /* enum wt_asleep: see asleep.h */
    bool multipath;        /* a subflow of Multipath TCP */
    bool waits;            /* in WT_LIST_OPEN: it has ended, and those before it are still to be settled */
    bool tls_was_after_it; /* in WT_LIST_OPEN: a TLS connection that came after it has left the list before it */
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

/* Streams are numbered from 0: the number that the next one gets; and how many are held. */
uint32_t wt_conversations_count(const struct wt_conversations *t);
uint32_t wt_conversations_held(const struct wt_conversations *t);
/* The conversation with that id, or NULL when that was dropped since: `stream` is its number. */
struct wt_conversation *wt_conversations_get(struct wt_conversations *t, uint32_t id, uint32_t stream);

/* A new one is the last of WT_LIST_OPEN. The first of a list, and the next one; NULL: none. */
struct wt_conversation *wt_conversations_first(struct wt_conversations *t, enum wt_conversation_list list);
struct wt_conversation *wt_conversations_last(struct wt_conversations *t, enum wt_conversation_list list);
struct wt_conversation *wt_conversations_next(struct wt_conversations *t, const struct wt_conversation *c);
/* The one before it in its list; NULL: none. */
struct wt_conversation *wt_conversations_before(struct wt_conversations *t, const struct wt_conversation *c);
uint32_t wt_conversations_length(const struct wt_conversations *t, enum wt_conversation_list list);
/* It becomes the last of a list. */
void wt_conversations_move(struct wt_conversations *t, struct wt_conversation *c, enum wt_conversation_list list);
/* It goes on, in its place in WT_LIST_OPEN by its number; where that is not near the front, as of one that was over it
 * nearly always is, it becomes the last. */
void wt_conversations_reopen(struct wt_conversations *t, struct wt_conversation *c);
/* It is forgotten, with all that is kept of ICMP errors about it; what else it has is the caller's to free before. */
void wt_conversations_drop(struct wt_conversations *t, struct wt_conversation *c);

/* What ICMP errors say of it, made anew; NULL without memory, or when WT_LIMIT_ICMP_CONVERSATIONS have some. */
struct wt_icmp_errors *wt_conversations_icmp(struct wt_conversations *t, struct wt_conversation *c);
void wt_conversations_forget_icmp(struct wt_conversations *t, struct wt_conversation *c);

#endif
