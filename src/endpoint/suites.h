/* A server's suites in the order in which it chooses. */
#ifndef WT_ENDPOINT_SUITES_H
#define WT_ENDPOINT_SUITES_H

#include "endpoint/engine.h"

/* All zero is the start. */
struct wt_suite_walk {
    size_t from, to; /* of our list: those of the same rank */
    size_t at;       /* in the client's list */
};

/* The next that both have: by our order, and by the client's where ours has the same rank. NULL: none is left. */
const struct wt_suite *wt_suites_next(const struct wt_endpoint *e, struct wt_suite_walk *walk);

#endif
