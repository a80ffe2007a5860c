/* The messages of a connection. */
#ifndef WT_JSON_MESSAGE_H
#define WT_JSON_MESSAGE_H

#include "report/json/json.h"

/* The key `messages` and its array; with `places` and `fields` of the parts: each with its pieces, with its fields. */
void wt_json_messages(struct wt_json *j, const struct wt_connection *c, const struct wt_json_parts *parts);

#endif
