/* Handshake messages as JSON, kept for the next message that is the same but for its random, keys and the like: the
 * hellos of a client differ in little more. What is kept is bounded, and what is written is the same as without. */
#ifndef WT_REPORT_JSON_PATTERN_H
#define WT_REPORT_JSON_PATTERN_H

#include "report/json/marks.h"
#include "report/json/writer.h"
#include "wiretale/story.h"

struct wt_json_patterns;
struct wt_json_patterns *wt_json_patterns_new(void); /* NULL without memory */
void wt_json_patterns_free(struct wt_json_patterns *patterns);

/* Writes the members of the message's object when they are known: true. */
bool wt_json_pattern_write(struct wt_json_patterns *patterns, struct wt_json *j, const struct wt_message *message);
/* Otherwise their text begins here in the writer's block, and the writer notes fields in *marks. Returns false when the
 * message cannot be kept. */
bool wt_json_pattern_begin(struct wt_json *j, const struct wt_message *message, struct wt_json_marks *marks,
                           size_t *start);
/* The text ends here: it is kept if it was decoded without an error (`whole`) and one like it was written before. */
void wt_json_pattern_end(struct wt_json_patterns *patterns, struct wt_json *j, const struct wt_message *message,
                         size_t start, bool whole);

#endif
