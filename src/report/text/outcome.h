/* How a QUIC connection failed, or why its handshake is not known to have come to an end: a headline each. */
#ifndef WT_TEXT_OUTCOME_H
#define WT_TEXT_OUTCOME_H

#include "report/text/text.h"

/* What failed, in the words of *x; false: nothing of QUIC's own tells. */
bool wt_text_outcome_failed(struct wt_text *x);
/* Why it is incomplete, by the packets that are here. */
const char *wt_text_outcome_incomplete(const struct wt_connection *c);
/* Whether it has that finding. */
bool wt_text_outcome_has(const struct wt_connection *c, const char *id);

#endif
