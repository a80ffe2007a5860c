/* A connection in the overview. */
#ifndef WT_REPORT_PAGE_ROW_H
#define WT_REPORT_PAGE_ROW_H

#include "report/page/page.h"

/* Its row, as an array; and the names of what stands in it. */
void wt_page_row(const struct wt_page *p, struct wt_json *j, const struct wt_connection *c);
void wt_page_columns(struct wt_json *j);

#endif
