/* What tracing needs of a processor's registers. */
#ifndef WIRETALE_TOOL_TRACE_CPU_H
#define WIRETALE_TOOL_TRACE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    TOOL_CPU_ARGUMENTS = 6, /* as C does it */
    TOOL_CPU_GO = 9,        /* as Go does since 1.17 (1.18 where the processor is not x86) */
    TOOL_CPU_WORDS = 21, /* of 64 bits: registers as the kernel saves them, for ptrace and for BPF in the same order */
};

/* Whether this machine is one that we know. */
bool tool_cpu_known(void);

/* Where a task that is stopped is, and what it hands to a function. */
struct tool_cpu {
    uint64_t pc, stack;
    uint64_t arguments[TOOL_CPU_ARGUMENTS];
    uint64_t go[TOOL_CPU_GO];
};
bool tool_cpu_read(pid_t task, struct tool_cpu *cpu);
void tool_cpu_from(const uint64_t words[TOOL_CPU_WORDS], struct tool_cpu *cpu);

/* Which of the words it is. */
unsigned tool_cpu_argument(unsigned i);
unsigned tool_cpu_go(unsigned i);
unsigned tool_cpu_stack(void);

/* Where it goes on. */
bool tool_cpu_jump(pid_t task, uint64_t pc);

#endif
