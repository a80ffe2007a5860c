/* The program that has the connection. */
#ifndef WT_JSON_PROCESS_H
#define WT_JSON_PROCESS_H

#include "report/json/writer.h"
#include "wiretale/story.h"

void wt_json_process(struct wt_json *j, const struct wt_connection *c);

#endif
