/* What tracing needs of a processor's registers. */
#ifndef WIRETALE_TOOL_TRACE_CPU_H
#define WIRETALE_TOOL_TRACE_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether this machine is one that we know. */
bool tool_cpu_known(void);

/* Where a task that is stopped is, and what it hands to a function. */
struct tool_cpu {
    uint64_t pc, stack;
    uint64_t arguments[6]; /* as C does it */
    uint64_t go[9];        /* as Go does since 1.17 (1.18 where the processor is not x86) */
};
bool tool_cpu_read(pid_t task, struct tool_cpu *cpu);

/* Where it goes on. */
bool tool_cpu_jump(pid_t task, uint64_t pc);

#endif
