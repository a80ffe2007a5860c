/* Namespaces of other processes. */
#ifndef WIRETALE_TOOL_RUN_ENTER_H
#define WIRETALE_TOOL_RUN_ENTER_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether the process is in our own namespace of that name. */
bool tool_enter_is_in(pid_t pid, const char *name);
/* Goes into the namespace of that name ("net", "user") and kind (CLONE_NEW...) that the process is in, unless we are in
 * it. 0, or errno. */
int tool_enter(pid_t pid, const char *name, int kind);

#endif
