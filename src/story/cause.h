/* Why a connection ended badly. */
#ifndef WT_STORY_CAUSE_H
#define WT_STORY_CAUSE_H

#include "wiretale/story.h"

/* The one finding that is the root cause; NULL when there is none. */
const struct wt_finding *wt_story_cause(const struct wt_connection *c);
/* Both sides had finished the handshake, and the connection failed later: its state is `established`, and it has a root
 * cause. */
bool wt_story_failed_later(const struct wt_connection *c);

#endif
