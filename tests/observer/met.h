/* Two connections of peers, and what an observer sees of them: what most tests of keys begin and end with. */
#ifndef WT_TESTS_OBSERVER_MET_H
#define WT_TESTS_OBSERVER_MET_H

#include "seen.h"

static struct seen s;
static struct peers p, q;

/* After each test. */
static inline int part(void **state)
{
    (void)state;
    see_no_more(&s);
    peers_part(&p);
    peers_part(&q);
    return 0;
}

/* After all of them. */
static inline int end(void **state)
{
    (void)state;
    peers_forget();
    return 0;
}

#endif
