/* TLS 1.3's inner plaintext. */
#ifndef WT_PROTECT_INNER_H
#define WT_PROTECT_INNER_H

#include "protect/format.h"

bool wt_tls13_bare(uint16_t version);
enum wt_opening wt_inner_open(const struct wt_protector *p, const struct wt_passing *r, struct wt_span inner,
                              struct wt_opened *opened);
/* Writes content, type and zeros (QUIC: content alone); its length, WT_SEAL_FAILED when it is too long. */
size_t wt_inner_seal(const struct wt_protector *p, const struct wt_passing *r, uint8_t *inner);

#endif
