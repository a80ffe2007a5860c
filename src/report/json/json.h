/* What the files of the JSON report share with each other. */
#ifndef WT_REPORT_JSON_H
#define WT_REPORT_JSON_H

#include "base/trail.h"
#include "report/json/writer.h"
#include "wiretale/story.h"

/* A code point as its name, or as hex digits when it has none. */
void wt_json_name(struct wt_json *j, enum wt_registry registry, uint64_t value);
/* The keys level, description, code. */
void wt_json_alert(struct wt_json *j, uint8_t level, uint8_t description);

/* The key `messages` and its array (json_message.c). */
void wt_json_messages(struct wt_json *j, const struct wt_connection *c, bool places);

/* Where it was: the pieces of a message; the arrays `records` and `packets` of a connection (places.c). */
void wt_json_pieces(struct wt_json *j, const struct wt_message *m);
void wt_json_records(struct wt_json *j, const struct wt_connection *c);
void wt_json_packets(struct wt_json *j, const struct wt_connection *c);

/* What keys showed (json_keys.c); and the keys of secrets, which stand in a connection only when they were kept. */
void wt_json_trust(struct wt_json *j, const struct wt_connection *c);
void wt_json_decryption(struct wt_json *j, const struct wt_connection *c);
void wt_json_secrets(struct wt_json *j, const struct wt_connection *c);

/* The keys that an overview adds to the summary (json_overview.c). */
void wt_json_overview(struct wt_json *j, const struct wt_overview *o);

/* The body of one handshake message, decoded: an object (json_handshake.c). */
struct wt_json_body {
    const struct wt_connection *connection;
    const struct wt_message *message;
    struct wt_trail trail; /* room for its fields; what stands in it does not matter */
    bool places;           /* its pieces too */
    bool first;            /* the first of its type: the connection's fingerprints are its own */
};
void wt_json_handshake(struct wt_json *j, struct wt_json_body *b);

/* --- the trail as JSON (json_trail.c) -------------------------------------------------------------------------------
 * NUMBER: integer; CODE: hex digits; BYTES: hex; TEXT: string; STRUCT: object; LIST: array. `base` is the message. */

/* The value of event i, without its key. */
void wt_json_trail_value(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);
/* Key and value of event i, under another key when one is given. Bytes over WT_LIMIT_JSON_BYTES are cut and KEY_length
 * tells how many there are. */
void wt_json_trail_field(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base, const char *key);
/* Fields of the struct (or all below a list) at i. */
void wt_json_trail_fields(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);
/* A list of numbers or code points as integers. */
void wt_json_trail_integers(struct wt_json *j, const struct wt_trail *t, size_t i);
/* The LIST at i, made by wt_extensions_read(), as the contract's `extensions`. */
void wt_json_trail_extensions(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base);

/* Key and bytes as hex, cut at WT_LIMIT_JSON_BYTES; KEY_length then tells how many there are. */
void wt_json_bytes(struct wt_json *j, const char *key, struct wt_span bytes);

#endif
