/* Who knows what after a message: for walking through a handshake. */
#ifndef WT_REPORT_PAGE_LEARNS_H
#define WT_REPORT_PAGE_LEARNS_H

#include "report/page/page.h"

/* Member "learns" of a row's message, the number of the value: [0 client, 1 server or 2 anyone who listens; the item;
 * offset and length of its value, where the message itself has it]. Left out where nothing new is learnt. */
void wt_page_learns(struct wt_page *p, struct wt_json *j, const struct wt_connection *c, const struct wt_row *row);

#endif
