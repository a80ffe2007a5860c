/* Whether the capture's clock can be right. */
#ifndef WT_CERTIFICATE_CLOCK_H
#define WT_CERTIFICATE_CLOCK_H

#include "certificate/chain.h"

/* What shows, together, that a clock of the time `seconds` is behind; 0: not enough. */
enum { WT_CLOCK_LEAF = 1, WT_CLOCK_AUTHORITY = 2, WT_CLOCK_LOG = 4, WT_CLOCK_STAPLE = 8 };
unsigned wt_clock_behind(const struct wt_judgement *judgement, int64_t this_update, int64_t seconds);

#endif
