/* The handshakes of RFC 8448 (tests/rfc8448), taken message by message as an endpoint takes them. */
#ifndef WT_TESTS_HANDSHAKE_TRACES_H
#define WT_TESTS_HANDSHAKE_TRACES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../rfc8448/trace.h"
#include "handshake/handshake.h"
#include "wiretale/story.h"

/* What is changed before it is taken: a byte of the first message of that side and type. */
struct change {
    unsigned side;
    uint8_t type;
    size_t at; /* of the message, with its header */
};

struct traced {
    struct trace *trace;
    struct wt_handshake h;
    struct wt_span psk, shared; /* what the schedule begins with; n = 0: zeros */
};

/* Section 3 to 7; `change` may be NULL, `most` is how many messages are taken. */
void traced_start(struct traced *t, unsigned section, const struct change *change, size_t most);
void traced_end(struct traced *t);
/* The n-th paragraph (from 0) of that side that is so named; NULL when there are fewer. */
struct trace_step *traced_step(const struct traced *t, unsigned side, const char *what, const char *of, size_t n);
struct wt_span traced_value(struct trace_step *step, const char *name);

#endif
