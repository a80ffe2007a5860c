/* Namespaces of other processes. */
#ifndef WIRETALE_TOOL_RUN_ENTER_H
#define WIRETALE_TOOL_RUN_ENTER_H

#include <sys/types.h>

/* Goes into the namespace of that name ("net", "user") and kind (CLONE_NEW...) that the process is in, unless we are in
 * it. 0, or errno. */
int tool_enter(pid_t pid, const char *name, int kind);

#endif
