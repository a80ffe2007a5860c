/* Pre-shared keys by their identity, and those that may belong to any. */
#ifndef WT_KEYS_PSK_H
#define WT_KEYS_PSK_H

#include "keys/siphash.h"
#include "wiretale/keys.h"

struct wt_psk;

/* All zero and a key from wt_siphash_key() is empty. */
struct wt_psks {
    struct wt_siphash_key key;
    struct wt_psk *list;
    size_t n, cap;
    uint32_t *any; /* indices of those for any identity, in order */
    size_t any_n, any_cap;
    uint32_t *slots; /* index + 1 by identity; 0: empty */
    size_t size;     /* a power of two */
};

/* identity.p NULL: for any. False with the reason in *why when it is refused. */
bool wt_psks_add(struct wt_psks *s, struct wt_span identity, struct wt_span psk, enum wt_problem_id *why);
/* The one given for the identity is first, those for any follow in the order they came; false behind the last. */
bool wt_psks_find(const struct wt_psks *s, struct wt_span identity, size_t i, struct wt_span *psk);
void wt_psks_clear(struct wt_psks *s);

#endif
