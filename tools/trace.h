/* Programs that bring their own TLS (Go's, a libssl that was linked into them) tell nobody their secrets: the functions
 * that would write them into a key log are called, and have nowhere to write. `wiretale run` stops its child for a
 * moment where such a function begins, and reads what it was called with. This needs no privileges, changes nothing of
 * the program's file or memory, and costs nothing between those moments.
 *
 * All of this is called by one thread. */
#ifndef WIRETALE_TOOL_TRACE_H
#define WIRETALE_TOOL_TRACE_H

#include "trace_plan.h"

#include <sys/types.h>

#ifndef TOOL_TRACE_TASKS_MOST
#define TOOL_TRACE_TASKS_MOST 65536 /* a test has fewer */
#endif

enum {
    TOOL_TRACE_TASKS =
        TOOL_TRACE_TASKS_MOST, /* threads that are known at one time; programs that begin beyond run without */
    TOOL_TRACE_FILES = 256,    /* different programs that are read in one run; more of them run without */
    TOOL_TRACE_RANDOMS = 4096, /* connections whose random is waited with, for their secrets */
    TOOL_TRACE_SECRET = 64,    /* bytes: no hash of TLS is longer */
    TOOL_TRACE_LABEL = 63,     /* characters */
};

struct tool_trace;

/* A line of a key log, without a line feed. It is wiped afterwards. */
typedef void tool_trace_line(void *context, pid_t pid, const char *line, size_t length);

/* NULL without memory. */
struct tool_trace *tool_trace_new(tool_trace_line *line, void *context);

/* The child has been forked by us, and waits before its execve(). 0, or errno: EPERM where yama, seccomp or a container
 * forbids it, ENOSYS on a machine whose breakpoints are not known here. The child then runs untraced. */
int tool_trace_begin(struct tool_trace *trace, pid_t child);

/* For every status that waitpid(-1, &status, __WALL) has. True: a task was stopped, and has gone on. False: it is for
 * the caller, an exit or a death (of a thread, perhaps). */
bool tool_trace_status(struct tool_trace *trace, pid_t pid, int status);

/* What was seen, program by program, in the order in which they were first started. */
struct tool_trace_seen {
    const char *path;
    enum tool_trace_program program;
    bool armed;     /* it had breakpoints; otherwise there was no place for one, or the system gave none */
    bool held;      /* another's probe is where one should be: a uprobe's traps are the kernel's, and never come here */
    uint64_t lines; /* that it gave */
};
size_t tool_trace_seen(const struct tool_trace *trace, const struct tool_trace_seen **seen);

/* Lets go of all that still run, and forgets. */
void tool_trace_free(struct tool_trace *trace);

#endif
