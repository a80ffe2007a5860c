/* Secrets by what a connection shows of itself: its ClientHello's random, its session id, its encrypted premaster.
 *
 * All labels of one random hang on one entry, so that a connection without keys costs one lookup. Secrets lie in
 * blocks that never move and are wiped at the end. */
#ifndef WT_KEYS_POOL_H
#define WT_KEYS_POOL_H

#include "keys/siphash.h"

enum wt_secret_by { WT_BY_RANDOM, WT_BY_ENCRYPTED, WT_BY_SESSION };

struct wt_pool_slot {
    uint32_t hash, at; /* at 0: empty */
};

/* All zero and a key from wt_siphash_key() is empty. */
struct wt_pool {
    struct wt_siphash_key key;
    struct wt_pool_slot *slots;
    size_t size, used; /* slots: a power of two, and those taken */
    uint8_t **blocks;
    size_t block_count, block_cap;
    size_t filled;           /* bytes of the last block */
    uint32_t last;           /* the entry that was added to last: lines of one connection follow each other */
    uint64_t count, randoms; /* secrets; entries of WT_BY_RANDOM */
};

enum wt_pool_added {
    WT_ADDED,
    WT_ADDED_SAME,    /* it was there */
    WT_ADDED_OTHER,   /* another one was there and stays */
    WT_ADDED_REFUSED, /* WT_LIMIT_KEYLOG_BYTES, or the system gives no memory */
};

/* by.n is 1 to 32, secret.n at most 4096. */
enum wt_pool_added wt_pool_add(struct wt_pool *s, enum wt_secret_by kind, struct wt_span by, uint8_t label,
                               uint8_t source, struct wt_span secret);
/* Its bytes hold as long as the table. */
bool wt_pool_find(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by, uint8_t label, uint8_t *source,
                  struct wt_span *secret);
bool wt_pool_has(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by);
/* Bytes held from the system. */
size_t wt_pool_bytes(const struct wt_pool *s);
void wt_pool_clear(struct wt_pool *s);

#endif
