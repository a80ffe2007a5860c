/* Before the messages: where TLS is among the layers, and the flight that was chosen. */
#ifndef WT_EXPLAIN_HEAD_H
#define WT_EXPLAIN_HEAD_H

#include "report/text/text.h"

void wt_explain_head(struct wt_text *x);
void wt_explain_flight(struct wt_text *x);

#endif
