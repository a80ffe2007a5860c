/* Stand-ins for a test's own use. */
#ifndef WT_TESTS_REDACT_STANDINS_H
#define WT_TESTS_REDACT_STANDINS_H

#include "redact/standins.h"

static struct wt_crypto *crypto;
static struct wt_standins *s;

static inline int begin(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    s = crypto ? wt_standins_new(crypto) : NULL;
    return s ? 0 : -1;
}

static inline int end(void **state)
{
    (void)state;
    wt_standins_free(s);
    wt_crypto_free(crypto);
    return 0;
}

#endif
