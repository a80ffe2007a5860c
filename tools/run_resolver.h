/* Name servers in a network of its own: one on this machine's loopback is not there on the program's. */
#ifndef WIRETALE_TOOL_RUN_RESOLVER_H
#define WIRETALE_TOOL_RUN_RESOLVER_H

#include "run_folder.h"

#include <stddef.h>

#define TOOL_RUN_RESOLVERS "/etc/resolv.conf"

/* The file that the program is to have in its place, which the caller frees; NULL: it can stay as it is. */
char *tool_run_resolver(const struct tool_folder *folder);
/* What is to stand in the place of the text, line by line; `gateway` (NULL: there is none) leads to this machine's
 * 127.0.0.1. False: it can stay. `out` has `size` bytes. */
bool tool_run_resolver_text(const char *text, const char *gateway, char *out, size_t size);

#endif
