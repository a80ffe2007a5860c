/* The contents of struct wt_trust. Certificates stay DER: each observer makes its own objects of them, in its own
 * library context. */
#ifndef WT_CERTIFICATE_TRUST_H
#define WT_CERTIFICATE_TRUST_H

#include "base/buffer.h"
#include "wiretale/trust.h"

struct wt_trust_log {
    uint8_t id[32];     /* SHA-256 of the key, by which an SCT names it */
    struct wt_span key; /* SubjectPublicKeyInfo */
    char name[64];
};

struct wt_trust {
    struct wt_span *anchors, *untrusted; /* DER */
    size_t anchor_count, untrusted_count;
    size_t anchor_room, untrusted_room;
    char **paths;
    size_t path_count, path_room;
    struct wt_trust_log *logs;
    size_t log_count, log_room;
    char *host;
    int64_t time;
    bool has_time, no_system;
};

#endif
