/* What is said about a message, said once for all that are alike. */
#ifndef WT_REPORT_PAGE_EXPLAINED_H
#define WT_REPORT_PAGE_EXPLAINED_H

#include "report/page/page.h"

/* The number of the value with the lines of its explanation; each message is explained as if it were alone, since a
 * reader opens any of them first. */
size_t wt_page_explained(struct wt_page *p, struct wt_text *x, const struct wt_row *row);

#endif
