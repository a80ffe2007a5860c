/* What the summary says was lost. */
#ifndef WT_TESTS_OBSERVER_UNDECODED_H
#define WT_TESTS_OBSERVER_UNDECODED_H

#include "wiretale/observer.h"

#include <string.h>

/* How often this was the reason. */
static inline uint64_t undecoded_by(struct wt_observer *o, const char *reason)
{
    const struct wt_summary *summary = wt_observer_summary(o);
    for (size_t i = 0; i < summary->undecoded_count; i++)
        if (!strcmp(summary->undecoded[i].reason, reason))
            return summary->undecoded[i].count;
    return 0;
}

#endif
