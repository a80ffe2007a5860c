/* A client and a server of ours that talk with each other in memory. */
#ifndef WT_TESTS_ENDPOINT_PAIR_H
#define WT_TESTS_ENDPOINT_PAIR_H

#include "identities.h"
#include "seats.h"

struct pair {
    struct test_ca ca;
    struct wt_trust *trust;
    struct wt_identity *identity;
    struct wt_endpoint_options options[2]; /* by side */
    struct wt_party *party[2];
    struct wt_endpoint *e[2];
    size_t piece;        /* bytes that are handed on at once; 0: all */
    uint8_t got[2][256]; /* what each got of the other's application: the first bytes */
    size_t got_n[2];
    size_t bytes[2]; /* that each has sent */
    void (*tap)(void *context, unsigned side, struct wt_span bytes);
    void (*turn)(void *context); /* before each is given a chance to speak */
    void *context;
    struct seats *seats; /* who watches; pair_end() compares what they saw */
    bool alone;          /* set before pair_connect(): nobody does, since the test itself is a peer */
    /* What comes of `sent`, into a buffer of the caller's; NULL: the same. */
    struct wt_span (*between)(void *context, unsigned side, struct wt_span sent);
};

/* A CA, its trust, an identity (as `leaf` has it, NULL: the default) and options that fit each other; to be changed
 * before pair_connect(). */
void pair_start(struct pair *p, const struct test_leaf *leaf);
void pair_connect(struct pair *p);
/* Another connection of the same parties, at that time; with a session that the program has kept. */
void pair_again(struct pair *p, int64_t now);
/* The same, to the millisecond. */
void pair_again_at(struct pair *p, int64_t now_ms, struct wt_span session);
void pair_again_with(struct pair *p, int64_t now, struct wt_span session);
/* One piece of one side; false: neither has anything to say. */
bool pair_step(struct pair *p);
/* Until neither has anything to say. */
void pair_run(struct pair *p);
void pair_end(struct pair *p);
/* The same, with what each seat said of it. */
void pair_end_with(struct pair *p, struct seats_result *result);
/* Both are established, by the same parameters; each gets what the other writes. */
void pair_assert_established(struct pair *p);
/* The same, and whether that resumes a session. */
void pair_assert_resumed(struct pair *p, bool resumed);
/* A first handshake with its assertions, and another of the same parties, so many seconds later. */
void pair_first(struct pair *p);
void pair_then(struct pair *p, int64_t later, bool resumed);
/* A side has failed by that finding, and sent that alert; the other got it. */
void pair_assert_failed(struct pair *p, unsigned side, uint8_t alert, const char *finding);

#endif
