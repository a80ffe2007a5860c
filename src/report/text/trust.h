/* What the server's certificates were judged to be, under their list. */
#ifndef WT_TEXT_TRUST_H
#define WT_TEXT_TRUST_H

#include "report/text/text.h"

void wt_text_trust(struct wt_text *x);

#endif
