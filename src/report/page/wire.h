/* Records and packets of a connection: what there is of them in JSON, without saying the same of each. */
#ifndef WT_REPORT_PAGE_WIRE_H
#define WT_REPORT_PAGE_WIRE_H

#include "report/page/page.h"

/* Member "records": [number of the value with what it is, its number, offset in the stream, and for each place packet,
 * offset and length]. One that is the first of its side, or the next right after the one before, and came in one packet
 * is [number of the value, packet]. */
void wt_page_records(struct wt_page *p, struct wt_json *j, const struct wt_connection *c);

/* Member "packets": [number of the value with what it is and where its fields lie, packet, its time, headers]. The time is
 * ns after the connection's start; where that cannot be told in a number that every reader of JSON keeps, the time itself
 * as a string. The headers are in base64. */
void wt_page_packets(struct wt_page *p, struct wt_json *j, const struct wt_connection *c);

#endif
