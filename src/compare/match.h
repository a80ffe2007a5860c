/* Conversations of the two captures that are the same. */
#ifndef WT_COMPARE_MATCH_H
#define WT_COMPARE_MATCH_H

#include "compare/compare.h"

void wt_compare_match_all(struct wt_compare *c);
/* The same for both directions; no secret is in it. */
uint64_t wt_compare_hash_ends(const struct wt_address *a, const struct wt_address *b, uint64_t key);

#endif
