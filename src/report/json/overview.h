/* The keys that an overview adds to the summary. */
#ifndef WT_JSON_OVERVIEW_H
#define WT_JSON_OVERVIEW_H

#include "report/json/writer.h"

void wt_json_overview(struct wt_json *j, const struct wt_overview *o);

#endif
