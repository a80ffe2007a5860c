/* Steps on request.
 *
 * Key derivation and record protection walk through this sink when somebody wants to see them (--secrets, --record);
 * without one it costs a predictable branch. So what is shown is what was computed, never a second account of it. All
 * spans hold only during the call; names and sentences are static. */
#ifndef WT_BASE_STEPS_H
#define WT_BASE_STEPS_H

#include "base/span.h"
#include "wiretale/steps.h"

struct wt_steps {
    void (*step)(void *context, const struct wt_step *step);
    void *context;
};

static inline void wt_steps_say(const struct wt_steps *steps, const struct wt_step *step)
{
    if (steps)
        steps->step(steps->context, step);
}

#endif
