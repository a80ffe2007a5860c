/* Steps of a computation, as it was done: what went in, what was done with it, what came out. */
#ifndef WIRETALE_STEPS_H
#define WIRETALE_STEPS_H

#include "wiretale/span.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_step_part {
    const char *name; /* the RFC's symbol or words for it: "client_random", "label", "nonce" */
    struct wt_span bytes;
    bool text; /* the bytes are text (a label): to be shown as text too */
};

struct wt_step {
    const char *id;       /* stable, lower snake case: "master_secret", "client_write_key", "additional_data" */
    const char *function; /* how: "PRF", "HKDF-Expand-Label", "HMAC-SHA256", "AES_128_GCM", "cut" */
    const char *why; /* stable too: which of several cases of that id it is; NULL where there is only one. id and why
                        are what wt_step_text() (wiretale/report.h) has a sentence for */
    const char *rfc; /* "RFC 5246, 8.1", or NULL */
    const struct wt_step_part *in;
    size_t in_count;
    struct wt_step_part out;
};

#ifdef __cplusplus
}
#endif
#endif
