/* Random bytes that an endpoint makes up. */
#ifndef WT_CRYPTO_RANDOM_H
#define WT_CRYPTO_RANDOM_H

#include "crypto/library.h"

/* What they are for: whoever gives them instead of libcrypto (a test that repeats a handshake) has to know which of
 * them are asked for, not in which order an engine comes to ask. */
enum wt_random_use {
    WT_RANDOM_HELLO,   /* the random of a hello */
    WT_RANDOM_SESSION, /* session ids, connection ids, cookies, contexts of requests */
    WT_RANDOM_GREASE,
    WT_RANDOM_IV,  /* explicit IVs */
    WT_RANDOM_KEY, /* an ephemeral private key (group's number in `group`), a premaster secret */
    WT_RANDOM_TICKET,
};

/* Where random bytes come from. It outlives what it is given to, and is not changed meanwhile. */
struct wt_random {
    struct wt_crypto *crypto;
    /* NULL: libcrypto's generators. Otherwise asked for all of them, also for private ones; false: there are none.
     * `group`: of WT_RANDOM_KEY, else 0. Several threads may call it at once when several use the struct. */
    bool (*fill)(void *context, enum wt_random_use use, uint16_t group, void *out, size_t n);
    void *context;
};

/* n bytes to out: what everybody may see (hellos, ids, IVs), and what nobody may (keys), each from a generator of its
 * own, so that the one says nothing of the other. False: none were to be had and `out` is zero; the connection cannot
 * go on. */
bool wt_random_public(const struct wt_random *random, enum wt_random_use use, void *out, size_t n);
bool wt_random_private(const struct wt_random *random, enum wt_random_use use, uint16_t group, void *out, size_t n);

#endif
