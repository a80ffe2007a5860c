#include "run_enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool tool_enter_is_in(pid_t pid, const char *name)
{
    char path[64];
    struct stat theirs, ours;
    (void)snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    if (stat(path, &ours) != 0)
        return false;
    (void)snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    return stat(path, &theirs) == 0 && theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

int tool_enter(pid_t pid, const char *name, int kind)
{
    char path[64];
    if (tool_enter_is_in(pid, name))
        return 0;
    (void)snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int reason = setns(fd, kind) == 0 ? 0 : errno;
    (void)close(fd);
    return reason;
}
