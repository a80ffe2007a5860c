#include "observer/causes.h"

#include "observer/state.h"

void wt_observations_settle(struct wt_observer *o, struct wt_conversation *c)
{
    (void)o;
    (void)c;
}
