/* `wiretale run --pid`: a process that was there before us, and is there behind us. */
#ifndef WIRETALE_TOOL_RUN_PID_H
#define WIRETALE_TOOL_RUN_PID_H

#include <stdbool.h>
#include <sys/types.h>

struct tool_command;
struct tool_run;

struct tool_target {
    pid_t pid;
    int handle; /* readable when it has ended; the id may be another one's then */
    char name[256];
};

/* False, with the reason printed: that is nothing to listen to. */
bool tool_target_open(struct tool_target *target, const struct tool_command *command, pid_t pid);
void tool_target_close(struct tool_target *target);

/* Listens to it until somebody says so, or it ends: once its packets are recorded. 0, or an exit status with the reason
 * printed. */
int tool_run_pid_begin(struct tool_run *run);
void tool_run_pid_listen(struct tool_run *run);

#endif
