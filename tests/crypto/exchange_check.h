/* What the tests of key exchange share: a setup, and a share that is none. */
#ifndef WT_TEST_CRYPTO_EXCHANGE_CHECK_H
#define WT_TEST_CRYPTO_EXCHANGE_CHECK_H

#include "crypto/exchange.h"

#include "vector.h"

#include <stdlib.h>

struct setup {
    struct wt_crypto *crypto;
    struct wt_exchanges *groups;
    struct wt_random random;
};

static inline int set_up(void **state)
{
    struct setup *s = calloc(1, sizeof *s);
    *state = s;
    s->crypto = wt_crypto_new();
    s->groups = wt_exchanges_new(s->crypto);
    s->random = (struct wt_random){.crypto = s->crypto};
    return s->groups ? 0 : -1;
}

static inline int tear_down(void **state)
{
    struct setup *s = *state;
    wt_exchanges_free(s->groups);
    wt_crypto_free(s->crypto);
    free(s);
    return 0;
}

static inline void check_bad(const struct setup *s, uint16_t group, const uint8_t *peer, size_t n)
{
    struct wt_share share;
    struct wt_shared shared;
    /* In memory of that length, where a read beyond it is noticed. */
    uint8_t *copy = malloc(n + !n);
    if (n)
        memcpy(copy, peer, n);
    assert_int_equal(wt_exchange_answer(s->groups, group, &s->random, wt_span_of(copy, n), &share, &shared),
                     WT_EXCHANGE_BAD_SHARE);
    assert_int_equal(share.n, 0);
    assert_int_equal(shared.n, 0);
    struct wt_exchange *e = wt_exchange_new(s->groups, group, &s->random, &share);
    assert_int_equal(wt_exchange_finish(e, wt_span_of(copy, n), &shared), WT_EXCHANGE_BAD_SHARE);
    assert_int_equal(shared.n, 0);
    wt_exchange_free(e);
    free(copy);
}

#endif
