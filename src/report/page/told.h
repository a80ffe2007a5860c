/* What a connection's text report says beside its messages. */
#ifndef WT_REPORT_PAGE_TOLD_H
#define WT_REPORT_PAGE_TOLD_H

#include "report/page/page.h"

/* Member "told". */
void wt_page_told(struct wt_page *p, struct wt_json *j, struct wt_text *x);

#endif
