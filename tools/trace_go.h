/* Where a Go program's functions are: its runtime has a table of all of them, also when the symbols were stripped. */
#ifndef WIRETALE_TOOL_TRACE_GO_H
#define WIRETALE_TOOL_TRACE_GO_H

#include "trace_elf.h"

enum {
    TOOL_GO_FUNCTIONS = 4 << 20, /* of one program that are looked at; Kubernetes' have 100,000 */
    TOOL_GO_NAMES = 16,          /* names that fit and are looked for */
};

/* Whether a Go linker made it. */
bool tool_go_is(const struct tool_elf *elf);

/* Addresses, before the program is moved, of the functions whose name ends so: at most `most`. The number of them. */
unsigned tool_go_functions(const struct tool_elf *elf, const char *ending, uint64_t *addresses, unsigned most);

#endif
