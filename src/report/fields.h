/* A decoder's trail with what its fields belong to: the one walker of --explain and of the public fields. */
#ifndef WT_REPORT_FIELDS_H
#define WT_REPORT_FIELDS_H

#include "codec/codec.h"
#include "wiretale/story.h"

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

/* The dotted form of an OID's contents, empty when they are none; and libcrypto's name of it, or NULL. */
enum { WT_FIELD_DOTTED = 128 };
const char *wt_field_oid(struct wt_span bytes, char dotted[WT_FIELD_DOTTED], const char **name);

/* What the fields of a message belong to: "client_hello", "alert", "ssl2". */
const char *wt_fields_place(const struct wt_message *message);
/* Decodes a kept message for its trail. *body (NULL: not wanted) is filled for handshake messages. */
void wt_fields_decode(const struct wt_message *message, struct wt_trail *trail, struct wt_message_body *body,
                      struct wt_error *error);

#endif
