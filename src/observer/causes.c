#include "observer/causes.h"

#include "observer/state.h"

void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    (void)o;
    if (tls->state != WT_FAILED)
        return;
    for (const struct wt_list_finding *f = tls->findings; f && !tls->cause; f = f->next)
        if (wt_finding_row((enum wt_finding_id)f->row)->severity == WT_FATAL)
            wt_finding_cause(tls, f);
}
