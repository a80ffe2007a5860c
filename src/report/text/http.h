/* What was requested and answered inside the connection. */
#ifndef WT_TEXT_HTTP_H
#define WT_TEXT_HTTP_H

#include "report/text/text.h"

void wt_text_exchanges(struct wt_text *x);

#endif
