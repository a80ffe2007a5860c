/* Files that a process has mapped to execute them: its program and its libraries, of whatever mount namespace, also
 * such as were removed or replaced since. */
#ifndef WIRETALE_TOOL_PROBE_FILES_H
#define WIRETALE_TOOL_PROBE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tool_probe_file {
    uint64_t device, inode; /* as the kernel says them there: they tell files apart, and are no other call's */
    unsigned long from, to; /* where it is mapped */
    const char *path;       /* as the process sees it; of the file alone */
};

/* Calls for each until that is false. */
void tool_probe_files(pid_t process, bool (*each)(void *context, pid_t process, const struct tool_probe_file *file),
                      void *context);
/* To read it; -1. */
int tool_probe_files_open(pid_t process, const struct tool_probe_file *file);

#endif
