/* The trail as JSON. NUMBER: integer; CODE: hex digits; BYTES: hex; TEXT: string; STRUCT: object; LIST: array. `base`
 * is the message. */
#ifndef WT_JSON_TRAIL_H
#define WT_JSON_TRAIL_H

#include "base/trail.h"
#include "report/json/writer.h"

/* Each writes event i and what is below it, and returns the index of the event after that. */

/* The value without its key. */
size_t wt_json_trail_value(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);
/* Key and value, under another key when one is given. Bytes over WT_LIMIT_JSON_BYTES are cut and KEY_length tells how
 * many there are. */
size_t wt_json_trail_field(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base, const char *key);
/* Fields of a struct, or all below a list. */
size_t wt_json_trail_fields(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);
/* A list of numbers or code points as integers. */
size_t wt_json_trail_integers(struct wt_json *j, const struct wt_trail *t, size_t i);
/* A LIST made by wt_extensions_read(), as the contract's `extensions`. */
size_t wt_json_trail_extensions(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);

/* Key and bytes as hex, cut at WT_LIMIT_JSON_BYTES; KEY_length then tells how many there are. */
void wt_json_bytes(struct wt_json *j, const char *key, struct wt_span bytes);

#endif
