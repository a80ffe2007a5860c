/* Waiting for the program of a run and what it has started, while signals go where they belong. */
#ifndef WIRETALE_TOOL_RUN_WAIT_H
#define WIRETALE_TOOL_RUN_WAIT_H

#include "run_processes.h"

#include <stdint.h>

struct tool_trace;

struct tool_wait {
    const struct tool_command *command;
    const char *program;
    pid_t child;
    const pid_t *helpers;        /* of ours; ends with 0 */
    unsigned long seconds;       /* 0: for as long as it takes */
    pid_t network;               /* a process of ours in the network that is the run's own, or 0 */
    int process, ready;          /* of one that was there before: when it has ended, and when to look; or -1 */
    struct tool_trace *trace;    /* gets what wait() gives before anybody else; or NULL */
    void (*look)(void *context); /* now and then */
    void *context;
    /* what came of it */
    int status; /* of wait() */
    bool timed_out, interrupted;
    int64_t looked_ms;
    struct tool_processes tree;
};

/* From here on signals that would end wiretale are for the program. */
void tool_wait_signals(void);
/* Returns when the program has ended, and the connections of what it has started. */
void tool_wait_for(struct tool_wait *wait);
/* Returns when the process that was there before has ended, or it has been listened to for long enough: by `seconds`,
 * or a signal. */
void tool_wait_beside(struct tool_wait *wait);

/* For a process of ours that works for the report: signals are for it as for any other. */
void tool_wait_signals_default(void);
/* Waits for such a process; a signal that comes meanwhile ends it. What wait() gave, or -1. */
int tool_wait_worker(pid_t pid);

#endif
