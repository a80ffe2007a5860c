/* What a run has started, and who ends it when wiretale itself was killed: by then it descends from others. */
#ifndef WIRETALE_TOOL_RUN_ORPHANS_H
#define WIRETALE_TOOL_RUN_ORPHANS_H

#include "run_processes.h"

struct tool_orphans {
    /* set by who uses it */
    bool network;       /* whoever is in our network is of the run */
    char *const *marks; /* words that are in the environment, or among the arguments, of this run's processes alone */
    size_t mark_count;
    uint64_t limit; /* which they have for RLIMIT_RTTIME: struct tool_child; 0: it says nothing */
    /* its own */
    struct tool_processes tree;
    struct tool_process_begun {
        pid_t pid;
        uint64_t begun;
    } known[TOOL_PROCESSES]; /* as they were when they were last noted */
    size_t count;
};

/* Notes who descends from `root`, our parent, but for `except` (ends with 0): neither network nor environment says it
 * of all. When it is dead, what was noted last stays. */
void tool_orphans_note(struct tool_orphans *orphans, pid_t root, const pid_t *except);
/* Kills them all, and what they have started meanwhile. */
void tool_orphans_end(struct tool_orphans *orphans);

#endif
