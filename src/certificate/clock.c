/* Whether the capture's clock can be right: signatures carry their times, and nothing is signed in the future. */
#include "certificate/clock.h"

#include "registry/limits.h"

/* One date alone may be wrong itself: a CA whose clock is ahead, a certificate that is issued for later. Two dates that
 * different parties signed confirm each other. A private root is made in the same hour as its leaf, on the same
 * machine, and confirms nothing.
 *
 * RFC 6962, 3.2: a log's timestamp is "the current NTP Time"; RFC 6960, 2.4: thisUpdate is "The most recent time at
 * which the status being indicated is known by the responder to have been correct". */
unsigned wt_clock_behind(const struct wt_judgement *v, int64_t this_update, int64_t seconds)
{
    const int64_t beyond = seconds + WT_LIMIT_CLOCK_SKEW;
    unsigned signs = 0;
    if (v->sent[0]->parsed && v->sent[0]->not_before > beyond)
        signs |= WT_CLOCK_LEAF;
    for (size_t i = 1; i < v->sent_count; i++)
        if (v->sent[i]->parsed && !v->sent[i]->self_issued && v->sent[i]->not_before > beyond)
            signs |= WT_CLOCK_AUTHORITY;
    if (v->sct_latest > beyond)
        signs |= WT_CLOCK_LOG;
    if (this_update > beyond)
        signs |= WT_CLOCK_STAPLE;
    return signs & (signs - 1) ? signs : 0;
}
