/* All of one connection. */
#ifndef WT_REPORT_PAGE_DETAIL_H
#define WT_REPORT_PAGE_DETAIL_H

#include "report/page/page.h"

/* The connection as one object, without a comma before it. */
void wt_page_detail(struct wt_page *p, struct wt_json *j, const struct wt_connection *c);

#endif
