/* The connection's key `tcp`. */
#ifndef WT_REPORT_JSON_TCP_H
#define WT_REPORT_JSON_TCP_H

#include "report/json/writer.h"
#include "wiretale/story.h"

void wt_json_tcp(struct wt_json *j, const struct wt_connection *c);

#endif
