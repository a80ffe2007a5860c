/* Registers by ptrace, machine by machine. */
#include "trace_cpu.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

void tool_cpu_from(const uint64_t words[TOOL_CPU_WORDS], struct tool_cpu *cpu)
{
    *cpu = (struct tool_cpu){.stack = words[tool_cpu_stack()]};
    for (unsigned i = 0; i < TOOL_CPU_ARGUMENTS; i++)
        cpu->arguments[i] = words[tool_cpu_argument(i)];
    for (unsigned i = 0; i < TOOL_CPU_GO; i++)
        cpu->go[i] = words[tool_cpu_go(i)];
}

#if defined __x86_64__

#define WORD(name) (offsetof(struct user_regs_struct, name) / sizeof(uint64_t))

bool tool_cpu_known(void)
{
    return true;
}

unsigned tool_cpu_argument(unsigned i)
{
    static const uint8_t words[TOOL_CPU_ARGUMENTS] = {WORD(rdi), WORD(rsi), WORD(rdx), WORD(rcx), WORD(r8), WORD(r9)};
    return words[i];
}

unsigned tool_cpu_go(unsigned i)
{
    static const uint8_t words[TOOL_CPU_GO] = {WORD(rax), WORD(rbx), WORD(rcx), WORD(rdi), WORD(rsi),
                                               WORD(r8),  WORD(r9),  WORD(r10), WORD(r11)};
    return words[i];
}

unsigned tool_cpu_stack(void)
{
    return WORD(rsp);
}

bool tool_cpu_read(pid_t task, struct tool_cpu *cpu)
{
    struct user_regs_struct r;
    uint64_t words[TOOL_CPU_WORDS];
    if (ptrace(PTRACE_GETREGS, task, NULL, &r) != 0)
        return false;
    memcpy(words, &r, sizeof words);
    tool_cpu_from(words, cpu);
    cpu->pc = r.rip;
    return true;
}

bool tool_cpu_jump(pid_t task, uint64_t pc)
{
    return ptrace(PTRACE_POKEUSER, task, offsetof(struct user, regs.rip), pc) == 0;
}

#else

bool tool_cpu_known(void)
{
    return false;
}

unsigned tool_cpu_argument(unsigned i)
{
    return i;
}

unsigned tool_cpu_go(unsigned i)
{
    return i;
}

unsigned tool_cpu_stack(void)
{
    return 0;
}

bool tool_cpu_read(pid_t task, struct tool_cpu *cpu)
{
    (void)task;
    *cpu = (struct tool_cpu){0};
    return false;
}

bool tool_cpu_jump(pid_t task, uint64_t pc)
{
    (void)task;
    (void)pc;
    return false;
}

#endif
