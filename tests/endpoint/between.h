/* Something on the path that changes what goes by: one record or message of one side. */
#ifndef WT_TESTS_ENDPOINT_BETWEEN_H
#define WT_TESTS_ENDPOINT_BETWEEN_H

#include "pair.h"

#include "base/buffer.h"
#include "registry/registry.h"

enum between_what {
    BETWEEN_FLIP,    /* a bit of the byte at `at`; at < 0: counted from the end */
    BETWEEN_SET,     /* the byte there becomes `value` */
    BETWEEN_DROP,    /* it never comes */
    BETWEEN_TWICE,   /* it comes twice */
    BETWEEN_CUT,     /* its last byte is gone, by its length too */
    BETWEEN_LENGTH,  /* message: its length says one more than there is */
    BETWEEN_INSTEAD, /* `bytes` come in its place */
    BETWEEN_BEFORE,  /* `bytes` come before it */
};

/* message 0: the record of that number (from 1) of content type `type` (0: any); else the handshake message of that
 * type, in the clear. Byte 0 is the first of the record's fragment, of the message's body. */
struct between {
    unsigned side, record;
    uint8_t type, message;
    enum between_what what;
    int at;
    uint8_t value;
    const char *bytes;
    size_t length;
    unsigned seen; /* records that counted */
    bool done;
    struct wt_buffer out;
};

/* For pair.between; context is a struct between. */
struct wt_span between_change(void *context, unsigned side, struct wt_span sent);

#endif
