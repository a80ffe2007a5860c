/* Registers by ptrace, machine by machine. */
#include "trace_cpu.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#if defined __x86_64__

bool tool_cpu_known(void)
{
    return true;
}

bool tool_cpu_read(pid_t task, struct tool_cpu *cpu)
{
    struct user_regs_struct r;
    if (ptrace(PTRACE_GETREGS, task, NULL, &r) != 0)
        return false;
    *cpu = (struct tool_cpu){
        .pc = r.rip,
        .stack = r.rsp,
        .arguments = {r.rdi, r.rsi, r.rdx, r.rcx, r.r8, r.r9},
        .go = {r.rax, r.rbx, r.rcx, r.rdi, r.rsi, r.r8, r.r9, r.r10, r.r11},
    };
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
