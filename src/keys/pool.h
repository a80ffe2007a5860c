/* Secrets by what a connection shows of itself: its ClientHello's random, its session id, its encrypted premaster.
 *
 * All labels of one random hang on one entry, so that a connection without keys costs one lookup. Secrets are in blocks
 * that are wiped at the end; those of one entry before that, when nobody needs them any more. */
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
    size_t wiped;            /* entries whose secrets are gone, since those of others were gathered */
    uint32_t last;           /* the entry that was added to last: lines of one connection follow each other */
    uint16_t minute;         /* of some clock, modulo 2^16 */
    uint64_t count, randoms; /* secrets, and entries of WT_BY_RANDOM, that were added; also those that are gone */
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
/* Its bytes hold until the next call that is not one of these two. */
bool wt_pool_find(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by, uint8_t label, uint8_t *source,
                  struct wt_span *secret);
bool wt_pool_has(const struct wt_pool *s, enum wt_secret_by kind, struct wt_span by);
/* Wipes the secrets of one entry. */
void wt_pool_forget(struct wt_pool *s, enum wt_secret_by kind, struct wt_span by);
/* It is that minute: wipes secrets of entries that were added or asked for too long ago (limits.h), and gives room back
 * when half of the entries have none. To be called more often than every 2^15 minutes. */
void wt_pool_expire(struct wt_pool *s, uint16_t minute);
/* Bytes held from the system. */
size_t wt_pool_bytes(const struct wt_pool *s);
void wt_pool_clear(struct wt_pool *s);

#endif
