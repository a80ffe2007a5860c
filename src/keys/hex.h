/* Hexadecimal digits of key files, in either case. */
#ifndef WT_KEYS_HEX_H
#define WT_KEYS_HEX_H

#include "base/span.h"

/* Reads digits up to the first byte that is none, and returns how many there are; every two of them are a byte in
 * `out`, which takes at most `size` bytes (digits beyond are counted alone). */
size_t wt_hex_read(struct wt_span text, uint8_t *out, size_t size);

#endif
