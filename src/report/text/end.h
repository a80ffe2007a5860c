/* How the connection ended. */
#ifndef WT_TEXT_END_H
#define WT_TEXT_END_H

#include "report/text/text.h"

void wt_text_end(struct wt_text *x);

#endif
