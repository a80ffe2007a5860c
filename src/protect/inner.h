/* TLS 1.3's inner plaintext. */
#ifndef WT_PROTECT_INNER_H
#define WT_PROTECT_INNER_H

#include "protect/format.h"

bool wt_tls13_bare(uint16_t version);
enum wt_opening wt_inner_open(const struct wt_protector *p, const struct wt_passing *r, struct wt_span inner,
                              struct wt_opened *opened);
/* What stands behind the content: type and zeros, to `at`; how many bytes that are (QUIC: none), WT_SEAL_FAILED when
 * all of it would be too long. */
size_t wt_inner_rest(const struct wt_protector *p, const struct wt_passing *r, uint8_t *at);
/* Writes content, type and zeros (QUIC: content alone); its length, WT_SEAL_FAILED when it is too long. */
size_t wt_inner_seal(const struct wt_protector *p, const struct wt_passing *r, uint8_t *inner);

#endif
