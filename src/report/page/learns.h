/* Who knows what after a message: for walking through a handshake. */
#ifndef WT_REPORT_PAGE_LEARNS_H
#define WT_REPORT_PAGE_LEARNS_H

#include "report/page/page.h"

/* The number of the value with what is learnt from a row's message: [0 client, 1 server or 2 anyone who listens; the
 * item; offset and length of its value, where the message itself has it]. SIZE_MAX where nothing new is learnt. It follows from the facts
 * of the explanation and those below. */
size_t wt_page_learns(struct wt_page *p, const struct wt_connection *c, const struct wt_row *row);
/* Whether a group was negotiated, and whether the message is long enough for a random. */
unsigned wt_page_learns_from(const struct wt_connection *c, const struct wt_message *m);

#endif
