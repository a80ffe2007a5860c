/* A decoder's trail with what its fields belong to: the one walker of --explain and of the public fields. */
#ifndef WT_REPORT_FIELDS_H
#define WT_REPORT_FIELDS_H

#include "codec/codec.h"
#include "wiretale/fields.h"

struct wt_field_walk {
    const struct wt_trail *trail;
    const char *whole;  /* what is walked, by the name under which its fields are explained: a message's, "x509", … */
    const char *where;  /* the same, or the name of the extension that the walk is in; "" for one without a name */
    uint16_t extension; /* inside one: its id */
    uint8_t extension_depth; /* and the depth of its struct */
};

/* Goes to event i, which comes after those before. True when an extension of TLS begins there: `where` and `extension`
 * are its own, and its id is event i + 1. */
bool wt_field_walk_to(struct wt_field_walk *walk, size_t i);

/* What the fields of a message belong to: "client_hello", "alert", "ssl2". */
const char *wt_fields_place(const struct wt_message *message);
/* Decodes a kept message for its trail. *body (NULL: not wanted) is filled for handshake messages. */
void wt_fields_decode(const struct wt_message *message, struct wt_trail *trail, struct wt_message_body *body,
                      struct wt_error *error);

/* Like wt_fields_message(), and right after a field that holds DER (below) the fields in that: their paths and offsets
 * go on from the message's. One that cannot be read ends with WT_FIELD_ERROR, and the message's next field follows. */
bool wt_fields_whole(const struct wt_message *message, wt_field_sink *field, void *context);

/* Of an event: enum wt_field_kind. */
uint8_t wt_field_kind(const struct wt_trail_event *event);
/* Room for the fields of n bytes; trail->events is the caller's to free. False when the system gives no memory. */
bool wt_fields_room(struct wt_trail *trail, size_t n);

/* What some fields hold in DER: a certificate, a raw public key, an OCSP response, a name. */
struct wt_fields_held {
    const char *field; /* of the message */
    const char *whole; /* under which its fields are explained */
    enum wt_code (*decode)(struct wt_span der, struct wt_trail *trail, struct wt_error *error);
};
/* Whether it does in some message. */
bool wt_fields_may_hold(const struct wt_trail_event *event);
/* Of an event of a message's trail; NULL when it holds nothing in DER. */
const struct wt_fields_held *wt_fields_held(const struct wt_message *message, const struct wt_trail_event *event);
/* Its fields, with offsets in the message and depths below the event's. trail->events is the caller's to free. False
 * when the system gives no memory. */
bool wt_fields_decode_held(const struct wt_fields_held *held, const struct wt_message *message,
                           const struct wt_trail_event *event, struct wt_trail *trail, struct wt_error *error);

/* An OID's contents in dotted form, "" when they are none; *name (NULL: none) is libcrypto's. */
#define WT_FIELDS_OID 128u
const char *wt_fields_oid(struct wt_span contents, char room[WT_FIELDS_OID], const char **name);

#endif
