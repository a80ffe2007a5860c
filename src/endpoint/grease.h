/* Values that mean nothing (RFC 8701): a client offers them so that servers keep ignoring what they do not know. */
#ifndef WT_ENDPOINT_GREASE_H
#define WT_ENDPOINT_GREASE_H

#include "endpoint/messages.h"

enum wt_grease {
    WT_GREASE_SUITE,
    WT_GREASE_GROUP,
    WT_GREASE_SCHEME,
    WT_GREASE_VERSION,
    WT_GREASE_FIRST, /* extensions: an empty one, and one with a byte */
    WT_GREASE_LAST
};

bool wt_grease_start(struct wt_endpoint *e);
/* The value goes to `out` (two bytes), if there is to be one: its length, else 0. */
size_t wt_grease_put(const struct wt_endpoint *e, enum wt_grease what, uint8_t *out);
/* A server's, in a message that nobody answers extension by extension: CertificateRequest, NewSessionTicket. */
bool wt_grease_server(struct wt_block *b, const struct wt_endpoint *e);
void wt_grease_extension(struct wt_block *b, const struct wt_endpoint *e, enum wt_grease what);

#endif
