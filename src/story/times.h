/* Times that a story has in other units than nanoseconds. */
#ifndef WT_STORY_TIMES_H
#define WT_STORY_TIMES_H

#include "wiretale/story.h"

/* Nanoseconds since 1970 end in 2262; what lies beyond is as late for all that can be asked. */
static inline int64_t wt_seconds_ns(int64_t seconds)
{
    const int64_t most = INT64_MAX / 1000000000;
    return seconds > most ? INT64_MAX : seconds < -most ? INT64_MIN : seconds * 1000000000;
}

static inline int64_t wt_sct_ns(const struct wt_certificate_sct *sct)
{
    const uint64_t most = INT64_MAX / 1000000;
    return sct->timestamp_ms > most ? INT64_MAX : (int64_t)sct->timestamp_ms * 1000000;
}

#endif
