/* Every field of a message with its place: a list. */
#ifndef WT_JSON_FIELDS_H
#define WT_JSON_FIELDS_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* The key `fields`; nothing for a message without a body. */
void wt_json_fields(struct wt_json *j, const struct wt_message *message);

#endif
