/* A number to find or compare bytes by. */
#ifndef WT_BASE_SPAN_HASH_H
#define WT_BASE_SPAN_HASH_H

#include "base/span.h"

/* Never 0. It depends on a key that each process makes for itself: nobody who chooses the bytes can make two collide,
 * and nothing that is reported may depend on more than whether two are equal. */
uint64_t wt_span_hash(struct wt_span s);

#endif
