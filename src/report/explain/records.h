/* After the messages: the record protocol and the keys. */
#ifndef WT_EXPLAIN_RECORDS_H
#define WT_EXPLAIN_RECORDS_H

#include "report/text/text.h"

void wt_explain_end(struct wt_text *x);
void wt_explain_records(struct wt_text *x);
void wt_explain_keys(struct wt_text *x);

#endif
