/* The process that watches a run from beside it: whose connections they are, what passes on the loopback of its own
 * network, and whether wiretale itself still lives. When that is killed, this one ends what it has left. */
#ifndef WIRETALE_TOOL_RUN_WATCH_H
#define WIRETALE_TOOL_RUN_WATCH_H

#include "run_folder.h"

#include <stdint.h>
#include <sys/types.h>

/* What it leaves in the folder. */
#define TOOL_RUN_OWNERS "owners"
#define TOOL_RUN_LOOPBACK "loopback.pcapng"
#define TOOL_RUN_PASTA_PID "pasta.pid"

struct tool_watch {
    /* set before it is started */
    const struct tool_command *command;
    const struct tool_folder *folder, *drop; /* both go when wiretale was killed; they may be the same */
    const pid_t *helpers;                    /* processes that are no part of the run; ends with 0 */
    pid_t network;      /* a process in the network that is the run's own; 0: there is none, all are looked at */
    pid_t beside;       /* the run is that process, which was there before; 0: it is what we have started */
    char *const *marks; /* what this run's processes alone have in their environment or among their arguments */
    size_t mark_count;
    uint64_t limit; /* their mark in struct tool_child; 0: none */
    /* its own */
    pid_t pid;
    int control;
};

/* What it says when it ends. */
struct tool_watch_report {
    bool watched;               /* it could listen */
    uint64_t loopback, dropped; /* packets of the loopback: written, and that the kernel had no room for */
};

/* Returns when it listens; false: there is no such process. It cannot always listen: its report says so. */
bool tool_watch_start(struct tool_watch *watch);
/* That process, begun meanwhile, is no part of the run either. */
void tool_watch_except(const struct tool_watch *watch, pid_t helper);
struct tool_watch_report tool_watch_end(struct tool_watch *watch);

#endif
