/* Characters: UTF-8, how many columns of a terminal they take, and which of them may be shown as they stand. Text, JSON
 * and the strings of certificates all ask here, so that no name is shown in one place and escaped in another. */
#ifndef WT_BASE_UTF8_H
#define WT_BASE_UTF8_H

#include "base/buffer.h"

/* The first character of s (which is not empty) and its bytes, 1 to 4; 0 when they are no UTF-8 (RFC 3629, 4), and *c
 * is then the first byte. */
size_t wt_utf8_next(struct wt_span s, uint32_t *c);

/* A character, up to U+10FFFF, as UTF-8: how many bytes it takes, 1 to 4. */
size_t wt_utf8_put(uint8_t out[4], uint32_t c);

/* Display columns of a character: 0, 1 or 2. */
unsigned wt_width_of(uint32_t c);

/* What stands before a character of a string; all zero at its start, and after what is escaped. */
struct wt_printed_run {
    uint32_t base;  /* the last character that takes a column; 0: none */
    unsigned marks; /* combining marks after it */
};

/* Bytes of the first character of s (which is not empty) if it may be shown as it stands, else 0: then its first byte
 * is escaped, and those that follow it are, too, since none of them begins a character. A backslash is for the caller.
 * Combining marks may be shown after what they combine with, joiners and variation selectors inside of scripts that
 * have them. */
size_t wt_printable_next(struct wt_span s, struct wt_printed_run *run);

/* Bytes at the front of s that are characters of two and three bytes which take columns and may be shown as they stand;
 * *last becomes the last of them. 0: the first is to be looked at by wt_printable_next(). */
size_t wt_printable_bytes(struct wt_span s, uint32_t *last);

/* Adds a string from the wire as it stands in sentences, ended by a zero byte that is not counted: a backslash is
 * doubled, a byte that may not be shown is \xHH. */
void wt_printable_add(struct wt_buffer *b, struct wt_span wire);
/* The same into size bytes, zero byte included; what does not fit is left out by characters. */
const char *wt_printable_into(char *room, size_t size, struct wt_span wire);
/* Likewise; returns how many bytes of the string are in it. */
size_t wt_printable_part(char *room, size_t size, struct wt_span wire);

#endif
