/* The program of a run: started as it would be without us, after all that watches it is ready. */
#ifndef WIRETALE_TOOL_RUN_CHILD_H
#define WIRETALE_TOOL_RUN_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tool_command;

/* What a shell says of programs that could not be started. */
enum { TOOL_RUN_NOT_STARTED = 126, TOOL_RUN_NOT_FOUND = 127, TOOL_RUN_SIGNAL = 128 };

struct tool_child {
    const struct tool_command *command;
    char **argv;
    char **environment;
    const char *resolver; /* with `isolated`: a file in the place of /etc/resolv.conf, or NULL */
    bool isolated;        /* in a network, and a user namespace, of its own */
    /* A number that no other run has, as RLIMIT_RTTIME, where there is none yet; 0: it is left. Whatever descends from
     * it is known by that, also with an environment and a session of its own; with 2^62 µs and more it limits nothing.
     */
    uint64_t mark;
    bool watched; /* if we are killed, another process ends it; may be set until tool_child_go() */
    /* its own */
    pid_t pid;
    int gate; /* socket to it, until it is the program */
};

/* Forks it; it waits in its network. False: *reason has errno of what could not be had (fork, or with `isolated` its
 * namespaces), and there is no child. */
bool tool_child_begin(struct tool_child *child, int *reason);
/* Lets it become the program. 0, or errno of execve(): it is dead then. */
int tool_child_go(struct tool_child *child);
/* It is not wanted any more. */
void tool_child_drop(struct tool_child *child);
/* The status with which a shell would tell how it ended, of what wait() gave. */
int tool_child_status(int waited);
/* Becomes the program, here and now; errno. */
int tool_child_only(const struct tool_child *child);

#endif
