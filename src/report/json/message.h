/* The messages of a connection. */
#ifndef WT_JSON_MESSAGE_H
#define WT_JSON_MESSAGE_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* The key `messages` and its array; `places` and `fields`: each with its pieces, with its fields. */
void wt_json_messages(struct wt_json *j, const struct wt_connection *c, bool places, bool fields);

#endif
