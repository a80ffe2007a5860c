/* The MAC of SSL 3.0 to TLS 1.2. */
#ifndef WT_PROTECT_RECORD_MAC_H
#define WT_PROTECT_RECORD_MAC_H

#include "protect/format.h"

enum {
    WT_TRUNCATED_MAC = 10
}; /* RFC 6066, 7: "only the first 10 bytes of the HMAC output are transmitted and checked." */

bool wt_record_mac_setup(struct wt_protector *p, const struct wt_protection *how, struct wt_error *why);
/* The first p->mac_n bytes of it, which are what a record carries. False when libcrypto refuses. */
bool wt_record_mac(struct wt_protector *p, const struct wt_passing *r, struct wt_span content,
                   uint8_t out[WT_DIGEST_MOST]);
/* Computes it and holds it against the `mac_n` bytes at `found`. */
bool wt_record_mac_holds(struct wt_protector *p, const struct wt_passing *r, struct wt_span content,
                         const uint8_t *found);

#endif
