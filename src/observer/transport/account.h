/* The account of packets: each is counted in exactly one bucket, named by where reading it ended. The buckets add up to
 * the packets that were taken. */
#ifndef WT_OBSERVER_ACCOUNT_H
#define WT_OBSERVER_ACCOUNT_H

#include "observer/transport/conversations.h"

enum wt_bucket {
#define WT_BUCKET(ID, name) WT_BUCKET_##ID,
#include "observer/transport/account.def"
#undef WT_BUCKET
    WT_BUCKETS
};

/* Slots of a table; WT_LIMIT_ACCOUNT_NUMBERS of them are used at most. */
enum { WT_ACCOUNT_SLOTS = 256 };

struct wt_numbered {
    uint64_t packets;
    uint32_t number;
    uint8_t stop; /* enum wt_stop; WT_STOP_NONE: the slot is free */
    char name[WT_STOP_NAME];
};

struct wt_numbers {
    struct wt_numbered slots[WT_ACCOUNT_SLOTS];
    unsigned used;
};

/* All zero is ready. */
struct wt_account {
    uint64_t weight; /* of the packet at hand: the packets that its pieces came in; 0: it was counted before */
    uint64_t buckets[WT_BUCKETS];
    uint64_t stops[WT_STOP_COUNT]; /* those without a number */
    uint64_t other;                /* numbers beyond the limit */
    struct wt_numbers numbers;
    struct wt_numbers guessed; /* packets that were read after a header that is not known; they are in a bucket, too */
};

/* Names and counts at most, of wt_account_list() and wt_account_guesses(). */
enum {
    WT_ACCOUNT_ROWS = WT_BUCKETS + WT_STOP_COUNT + WT_LIMIT_ACCOUNT_NUMBERS + 1,
    WT_ACCOUNT_GUESSES = WT_LIMIT_ACCOUNT_NUMBERS,
};

/* A packet that was not read to a segment or datagram. */
void wt_account_stop(struct wt_account *a, enum wt_stop stop, uint32_t number);
/* Pieces that came in earlier packets are part of the packet at hand, and counted with it. */
void wt_account_joined(struct wt_account *a, uint32_t pieces);
void wt_account_guessed(struct wt_account *a, unsigned ethertype);
/* A datagram; c is its conversation, or NULL. */
void wt_account_datagram(struct wt_account *a, struct wt_conversation *c, const struct wt_segment *s);
/* TLS is found in the conversation: all its packets were TLS's. */
void wt_account_tls(struct wt_account *a, struct wt_conversation *c);

/* All buckets with packets, the largest first. */
size_t wt_account_list(const struct wt_account *a, struct wt_undecoded *out);
size_t wt_account_guesses(const struct wt_account *a, struct wt_undecoded *out);

/* A segment; c is its conversation, or NULL. */
static inline void wt_account_segment(struct wt_account *a, struct wt_conversation *c, const struct wt_segment *s)
{
    if (__builtin_expect(!c, 0)) {
        a->buckets[WT_BUCKET_TCP] += a->weight;
        return;
    }
    bool tls = c->flags & WT_CONV_TLS;
    if (__builtin_expect(s->missing && !s->length && !tls, 0)) {
        a->stops[WT_STOP_CUT] += a->weight;
        c->flags |= WT_CONV_CUT;
        return;
    }
    a->buckets[WT_BUCKET_TCP + tls] += a->weight;
    c->packets += (uint32_t)a->weight;
}

#endif
