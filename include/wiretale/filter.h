/* Wireshark's display-filter language over connections and their messages. A connection is chosen when the expression
 * is true of it; a field that several messages carry has all their values, and a comparison holds when it holds for one
 * of them (`!=` when it holds for all, as in Wireshark 4). */
#ifndef WIRETALE_FILTER_H
#define WIRETALE_FILTER_H

#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_filter;

struct wt_filter_error {
    unsigned column;    /* of the offending word, from 1, in bytes */
    unsigned length;    /* bytes of it */
    char message[256];  /* what was expected, in the user's language */
};

/* NULL with *error filled when the text is no filter. */
WT_API struct wt_filter *wt_filter_compile(const char *text, struct wt_filter_error *error);
WT_API bool wt_filter_match(const struct wt_filter *filter, const struct wt_connection *connection);
/* Of a connection that has begun, as the observer's option `wanted` shows it: false when addresses, ports, stream and
 * transport alone decide that it will not match. */
WT_API bool wt_filter_may_match(const struct wt_filter *filter, const struct wt_connection *begun);
/* True when the filter looks into messages: the observer then has to keep them. */
WT_API bool wt_filter_needs_messages(const struct wt_filter *filter);
/* True when the filter looks into what applications said (http.request.uri): the observer's read_application then has
 * to be set. */
WT_API bool wt_filter_needs_application(const struct wt_filter *filter);
/* How often an answer was given without all that it is about: a field has more values than are looked at, strings take
 * too much memory, or a regular expression needs too many steps or bytes, and does not match then. */
WT_API uint64_t wt_filter_limited(const struct wt_filter *filter);
WT_API void wt_filter_free(struct wt_filter *filter);

/* Every field that a filter may name, for `wiretale fields`: name, type ("string", "number", "address", "bytes",
 * "boolean", "time") and a sentence; false past the last. */
WT_API bool wt_filter_field(size_t index, const char **name, const char **type, const char **text);

#ifdef __cplusplus
}
#endif
#endif
