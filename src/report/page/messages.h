/* The messages of a connection. */
#ifndef WT_REPORT_PAGE_MESSAGES_H
#define WT_REPORT_PAGE_MESSAGES_H

#include "report/page/page.h"

/* The member "messages": [number of the value with what it is, ns after the connection's start, packet or 0, number of the
 * value with its bytes where it has some]. */
void wt_page_messages(struct wt_page *p, struct wt_json *j, struct wt_text *x);

#endif
