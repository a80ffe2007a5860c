/* A MAC or verify_data of a peer against ours: wrong from the first byte on, or at the last one. The twin has a long
 * one, of which memcmp() finds the start wrong before it reads the end. */
#include "timing.h"

#include <stdlib.h>

enum { MOST = 4096 };

struct how {
    size_t n;
    bool endpoint;
};

struct equal {
    struct how how;
    uint8_t inputs[CLASSES][INPUTS][MOST];
    uint8_t ours[MOST], theirs[MOST];
    volatile bool same;
};

static void *make(struct wt_crypto *crypto, const void *how)
{
    struct equal *e = calloc(1, sizeof *e);
    (void)crypto;
    e->how = *(const struct how *)how;
    make_noise(e->ours, MOST);
    for (unsigned i = 0; i < CLASSES * INPUTS; i++) {
        uint8_t *input = e->inputs[i % CLASSES][i / CLASSES];
        memcpy(input, e->ours, MOST);
        input[i % CLASSES ? e->how.n - 1 : 0] ^= (uint8_t)(1 + i / CLASSES);
    }
    return e;
}

static void prepare(void *made, unsigned class, unsigned input)
{
    struct equal *e = made;
    memcpy(e->theirs, e->inputs[class][input], e->how.n);
}

static void run(void *made)
{
    struct equal *e = made;
    const struct wt_span a = wt_span_of(e->ours, e->how.n), b = wt_span_of(e->theirs, e->how.n);
    e->same = e->how.endpoint ? wt_equal_secret(a, b) : wt_span_equal(a, b);
}

const struct subject subjects_equal[] = {
    {"equal, 12 bytes: first, last", false, &(const struct how){12, true}, make, free, prepare, run},
    {"equal, 32 bytes: first, last", false, &(const struct how){32, true}, make, free, prepare, run},
    {"equal, 48 bytes: first, last", false, &(const struct how){48, true}, make, free, prepare, run},
    {"equal, 4096 bytes: first, last", false, &(const struct how){MOST, true}, make, free, prepare, run},
    {"equal of an observer, 4096: first, last", true, &(const struct how){MOST, false}, make, free, prepare, run},
    {0},
};
