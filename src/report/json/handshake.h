/* The body of one handshake message, decoded: an object. */
#ifndef WT_JSON_HANDSHAKE_H
#define WT_JSON_HANDSHAKE_H

#include "base/trail.h"
#include "report/json/writer.h"
#include "wiretale/story.h"

struct wt_json_body {
    const struct wt_connection *connection;
    const struct wt_message *message;
    struct wt_json_patterns *patterns; /* NULL: each message is decoded */
    struct wt_trail trail; /* room for its fields, made when the first is decoded; the caller frees trail.events */
    bool places;           /* its pieces too */
    bool fields;           /* its fields with their places too */
    bool first;            /* the first of its type: the connection's fingerprints are its own */
};
void wt_json_handshake(struct wt_json *j, struct wt_json_body *b);

#endif
