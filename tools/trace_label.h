/* OpenSSL's nss_keylog_int() where it has no name: in a library as distributions build it, in a program that was
 * stripped.
 *
 * It is the one function that all secrets pass. Its callers are ssl_log_secret(), which does nothing but hand on what
 * it was called with, the client's random and its length put between; and that is called with labels of a key log. */
#ifndef WIRETALE_TOOL_TRACE_LABEL_H
#define WIRETALE_TOOL_TRACE_LABEL_H

#include "trace_elf.h"

enum { TOOL_LABEL_PLACES = 64 /* where labels are, of one file */ };

/* What the function at that address hands a secret on to, as ssl_log_secret() does it; 0: it does something else. */
uint64_t tool_label_keylog(const struct tool_elf *elf, uint64_t ssl_log_secret);

/* The same, of the functions that labels of a key log are handed to. 0: there is none, or they are not of one mind. */
uint64_t tool_label_find(const struct tool_elf *elf);

#endif
