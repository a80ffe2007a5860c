/* The trail: what a decoder read, field by field, in order.
 *
 * A reader with a trail attached notes each field it consumes; --explain, the JSON of message bodies and the positions
 * in errors are all made from it, so there is never a second parser that says where a field lies. Without a trail a
 * read costs one predictable branch.
 *
 * The events form a tree by `depth`: the children of an event are the events after it with a greater depth. A LIST's
 * children all carry the element's name; a STRUCT's children are its fields. */
#ifndef WT_BASE_TRAIL_H
#define WT_BASE_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wt_trail_form {
    WT_TRAIL_NUMBER, /* unsigned, big-endian, 1 to 8 bytes: `value` */
    WT_TRAIL_CODE,   /* the same, a code point of the registry `kind` */
    WT_TRAIL_BYTES,  /* opaque: `offset` and `length` find them */
    WT_TRAIL_TEXT,   /* bytes that the RFC calls text (host names, protocol names); never trust them to be UTF-8 */
    WT_TRAIL_STRUCT, /* opens an object */
    WT_TRAIL_LIST,   /* opens a list; its elements follow */
    WT_TRAIL_OID,    /* an OBJECT IDENTIFIER's contents (X.690, 8.19) */
};

struct wt_trail_event {
    const char *field; /* the RFC's name; static */
    uint64_t value;    /* of NUMBER and CODE */
    uint32_t offset;   /* of the field's first byte (after a vector's length prefix) from the message's start */
    uint32_t length;   /* bytes, without the length prefix */
    uint8_t prefix;    /* bytes of the length prefix before `offset` */
    uint8_t depth;
    uint8_t form; /* enum wt_trail_form */
    uint8_t kind; /* enum wt_registry of a CODE; of a STRUCT that is an extension's body: its id is the event before */
};

/* Events beyond `cap` are counted, not kept: n stays, `lost` grows. The caller owns the array. */
struct wt_trail {
    struct wt_trail_event *events;
    size_t n, cap, lost;
};

static inline struct wt_trail_event *wt_trail_add(struct wt_trail *t, struct wt_trail_event e)
{
    if (t->n == t->cap) {
        t->lost++;
        return NULL;
    }
    t->events[t->n] = e;
    return &t->events[t->n++];
}

/* Index of the event after the whole subtree that starts at i. */
static inline size_t wt_trail_next(const struct wt_trail *t, size_t i)
{
    uint8_t depth = t->events[i].depth;
    for (i++; i < t->n && t->events[i].depth > depth; i++)
        ;
    return i;
}

#endif
