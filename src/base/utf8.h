/* Characters: UTF-8, how many columns of a terminal they take, and which of them may be shown as they stand. Text, JSON
 * and the strings of certificates all ask here, so that no name is shown in one place and escaped in another. */
#ifndef WT_BASE_UTF8_H
#define WT_BASE_UTF8_H

#include "base/span.h"

/* The first character of s (which is not empty) and its bytes, 1 to 4; 0 when they are no UTF-8 (RFC 3629, 4), and *c
 * is then the first byte. */
size_t wt_utf8_next(struct wt_span s, uint32_t *c);

/* Display columns of a character: 0, 1 or 2. */
unsigned wt_width_of(uint32_t c);

/* Whether a character from the wire may be shown as it stands; any c is allowed. A backslash is for the caller. */
bool wt_is_printable(uint32_t c);

/* Bytes of the first character of s (which is not empty) if it may be shown as it stands, else 0: then its first byte
 * is escaped, and those that follow it are, too, since none of them begins a character. */
size_t wt_printable_next(struct wt_span s);

#endif
