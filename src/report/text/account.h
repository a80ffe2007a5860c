/* What a file's packets were, as far as TLS is not the answer, and what could not be decoded. */
#ifndef WT_TEXT_ACCOUNT_H
#define WT_TEXT_ACCOUNT_H

#include "report/text/text.h"

void wt_text_account(struct wt_text *x, const struct wt_summary *s);

#endif
