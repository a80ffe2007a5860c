/* Beside a row. */
#ifndef WT_TEXT_REMARK_H
#define WT_TEXT_REMARK_H

#include "report/text/rows.h"
#include "report/text/text.h"

/* The short remark beside a message's row; NULL when there is nothing to add. */
const char *wt_text_remark(struct wt_text *x, const struct wt_row *row);

#endif
