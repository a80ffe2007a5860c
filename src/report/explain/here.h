/* What a field says in this capture. */
#ifndef WT_EXPLAIN_HERE_H
#define WT_EXPLAIN_HERE_H

#include "base/trail.h"
#include "report/text/text.h"

/* When more can be said than what the field means everywhere; else NULL. `nth` counts fields of that name in the
 * message. */
const char *wt_explain_here(struct wt_text *x, const struct wt_message *m, const char *where,
                            const struct wt_trail_event *e, size_t nth);
/* What the length of an encrypted record gives away; NULL when nothing. */
const char *wt_explain_length(struct wt_text *x, const struct wt_message *m);

#endif
