/* The processes of a run, as /proc shows them: all that descend from us, and what they hold. */
#ifndef WIRETALE_TOOL_RUN_PROCESSES_H
#define WIRETALE_TOOL_RUN_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TOOL_PROCESSES = 4096 }; /* of one run that are looked at, the oldest first */

struct tool_processes {
    pid_t pids[TOOL_PROCESSES];     /* parents before their children */
    uint64_t begun[TOOL_PROCESSES]; /* of those that are followed */
    size_t count;
};

/* What the kernel tells of a process in one line. */
struct tool_process_stat {
    char state;          /* 'R', 'S', … 'Z': it has ended */
    unsigned long flags; /* PF_… */
    uint64_t begun;      /* when, in the kernel's ticks: a process id is given again, this is not */
};
/* False: it is gone. */
bool tool_processes_stat(pid_t pid, struct tool_process_stat *out);

/* The number behind that word, with which a line of /proc/PID/FILE begins. False: there is no such line, or process. */
bool tool_processes_number(pid_t pid, const char *file, const char *word, uint64_t *out);

/* Those that descend from `root`, without it and without `except` (ends with 0) and what descends from them. */
void tool_processes_find(struct tool_processes *processes, pid_t root, const pid_t *except);
/* Those of before that still live, `root`, and what descends from one of them, without `except`: what has lost its
 * parents meanwhile stays among them. */
void tool_processes_follow(struct tool_processes *processes, pid_t root, const pid_t *except);
/* Calls with each socket that one of them holds. */
void tool_processes_sockets(const struct tool_processes *processes,
                            void (*each)(void *context, pid_t pid, unsigned long inode), void *context);
/* The first that holds the socket of that inode; 0: none. */
pid_t tool_processes_holder(const struct tool_processes *processes, unsigned long inode);
/* Whether one of them has a socket of TCP or UDP. */
bool tool_processes_talk(const struct tool_processes *processes);
/* Whether a TCP connection in the network that the process is in has not ended yet. */
bool tool_processes_network_is_busy(pid_t pid);

/* Whether it has a file in its memory whose path ends so. */
bool tool_processes_has(pid_t pid, const char *ending);
/* What the process was started with, as far as it can be seen: words behind one another, each with its NUL, the name of
 * the program first, then its arguments with what looks secret shortened. The length; 0: it is gone. */
size_t tool_processes_describe(pid_t pid, char *out, size_t size);
/* One argument behind `before` (NULL: the first), as it may be shown. `out` has `size` bytes. */
void tool_processes_shorten(const char *before, const char *word, char *out, size_t size);

#endif
