/* What a function that writes key logs was called with. */
#ifndef WIRETALE_TOOL_TRACE_CALL_H
#define WIRETALE_TOOL_TRACE_CALL_H

#include "trace.h"
#include "trace_cpu.h"

enum { TOOL_CALL_LINE = TOOL_TRACE_LABEL + 1 + 64 + 1 + 2 * TOOL_TRACE_SECRET + 1 };

/* Reads a program's memory; false: not all of it is there. */
typedef bool tool_call_read(void *context, uint64_t address, void *into, size_t n);

/* Randoms of connections that were begun, by the address of their SSL. */
struct tool_call_randoms;
struct tool_call_randoms *tool_call_randoms_new(void);
void tool_call_randoms_free(struct tool_call_randoms *randoms);

/* Makes the line of a key log from it. 0: this call has none. The caller wipes the line. */
size_t tool_call_line(enum tool_trace_call call, const struct tool_cpu *cpu, pid_t pid,
                      struct tool_call_randoms *randoms, tool_call_read *read, void *context,
                      char line[TOOL_CALL_LINE]);

#endif
