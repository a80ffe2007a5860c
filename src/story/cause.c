#include "story/cause.h"

const struct wt_finding *wt_story_cause(const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL)
            return &c->findings[i];
    return NULL;
}

bool wt_story_failed_later(const struct wt_connection *c)
{
    return c->state == WT_ESTABLISHED && wt_story_cause(c);
}
