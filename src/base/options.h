/* Structs of options that a program hands in, and that may be older or newer than this library: their first member is
 * their size as the program knows it. */
#ifndef WT_BASE_OPTIONS_H
#define WT_BASE_OPTIONS_H

#include "wiretale/error.h"

#include <stdbool.h>

/* bytes: a struct of options that says to be larger is none. */
enum { WT_OPTIONS_MOST = 65536 };

/* Copies what the program set into `to`, the struct of `size` bytes that this library knows. What an older program's
 * lacks is zero, which is the default of every option. False with *error (which may be NULL) filled: WT_VALUE (field
 * "size") where it was not set; WT_UNSUPPORTED (field: "options", offset: of the first byte) where a newer program sets
 * what this library does not know. */
bool wt_options_take(void *to, size_t size, const void *from, struct wt_error *error);

#endif
