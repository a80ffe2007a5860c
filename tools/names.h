/* Lists of code points that a user writes as IANA's names. */
#ifndef WIRETALE_TOOL_NAMES_H
#define WIRETALE_TOOL_NAMES_H

#include "options.h"
#include "wiretale/registry.h"

enum { TOOL_NAMES = 64 };

struct tool_codes {
    uint16_t code[TOOL_NAMES];
    size_t count;
};

/* The value of the option just met, names (in either case) or 0x1301, with commas or colons between. False with the
 * name that is none, and the one that it is like, printed. */
bool tool_names_codes(const struct tool_arguments *arguments, enum wt_registry registry, struct tool_codes *out);
/* Of versions: the lowest and the highest. */
bool tool_names_versions(const struct tool_arguments *arguments, uint16_t *lowest, uint16_t *highest);
/* Protocols for ALPN: pointers into `room`, a copy of the value that the caller frees. */
bool tool_names_protocols(const struct tool_arguments *arguments, const char **out, size_t *count, char **room);

#endif
