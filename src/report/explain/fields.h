/* The fields of a message, from the codec's trail. */
#ifndef WT_EXPLAIN_FIELDS_H
#define WT_EXPLAIN_FIELDS_H

#include "report/text/text.h"

/* `again`: their meaning was told before. */
void wt_explain_fields(struct wt_text *x, const struct wt_message *m, bool again);

#endif
