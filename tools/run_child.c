#include "run_child.h"

#include "run_resolver.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What it is let go with. */
enum { ALONE = 'a', WATCHED = 'w' };

/* ---- in the child */

/* What main() has changed of what a program inherits. */
static void restore_signal(void)
{
    if (tool_sigpipe != SIG_ERR)
        (void)signal(SIGPIPE, tool_sigpipe);
}

/* A folder of PATH that may not be looked into hides nothing: a shell says that the program was not found. */
static bool is_there(const char *name)
{
    char path[4096];
    const char *from = getenv("PATH");
    if (strchr(name, '/'))
        return true;
    for (from = from ? from : "/bin:/usr/bin"; *from; from += strspn(from, ":")) {
        const size_t n = strcspn(from, ":");
        (void)snprintf(path, sizeof path, "%.*s/%s", (int)n, from, name);
        if (access(path, F_OK) == 0)
            return true;
        from += n;
    }
    return false;
}

static _Noreturn void refuse(int gate, int reason)
{
    (void)send(gate, &reason, sizeof reason, MSG_NOSIGNAL);
    _exit(TOOL_RUN_NOT_FOUND);
}

/* Whether or not that could be done, it goes on. */
static void put_resolver(const char *file)
{
    if (unshare(CLONE_NEWNS) == 0)
        (void)mount(file, TOOL_RUN_RESOLVERS, NULL, MS_BIND, NULL);
}

int tool_child_only(const struct tool_child *c)
{
    restore_signal();
    (void)execvpe(c->argv[0], c->argv, c->environment);
    return errno == EACCES && !is_there(c->argv[0]) ? ENOENT : errno;
}

/* One that somebody has set stays. */
static void put_mark(uint64_t mark)
{
    const struct rlimit marked = {(rlim_t)mark, (rlim_t)mark};
    struct rlimit is;
    if (mark && getrlimit(RLIMIT_RTTIME, &is) == 0 && is.rlim_cur == RLIM_INFINITY && is.rlim_max == RLIM_INFINITY)
        (void)setrlimit(RLIMIT_RTTIME, &marked);
}

/* Answers 0 when it waits, and the reason when it could not become the program; when it has, the other end is gone. */
static _Noreturn void become(const struct tool_child *c, int gate, pid_t parent)
{
    const int none = 0;
    char word;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(TOOL_RUN_NOT_FOUND);
    put_mark(c->mark);
    if (c->isolated && unshare(CLONE_NEWNET | CLONE_NEWUSER) != 0)
        refuse(gate, errno);
    (void)send(gate, &none, sizeof none, MSG_NOSIGNAL);
    if (recv(gate, &word, 1, 0) != 1)
        _exit(TOOL_RUN_NOT_FOUND);
    /* Dead at once, it would leave children of which nothing says any more that they are of the run: who watches stops
     * them all first. */
    if (word == WATCHED)
        (void)prctl(PR_SET_PDEATHSIG, 0);
    if (c->isolated && c->resolver)
        put_resolver(c->resolver);
    refuse(gate, tool_child_only(c));
}

/* ---- in wiretale */

static int write_line(pid_t pid, const char *file, const char *line)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    int reason = fd < 0 ? errno : 0;
    if (fd >= 0) {
        reason = tool_write(fd, line, strlen(line));
        (void)close(fd);
    }
    return reason;
}

/* Root's may become anybody whom we know. */
static int map_all(pid_t pid, const char *file, const char *ours)
{
    char line[128], map[2048] = "";
    size_t n = 0;
    FILE *f = fopen(ours, "re");
    while (f && fgets(line, sizeof line, f) && n < sizeof map) { /* "FIRST ITS_OWN COUNT" */
        char *end;
        const unsigned long first = strtoul(line, &end, 10);
        (void)strtoul(end, &end, 10);
        const unsigned long count = strtoul(end, &end, 10);
        if (count)
            n += (size_t)snprintf(map + n, sizeof map - n, "%lu %lu %lu\n", first, first, count);
    }
    if (f)
        (void)fclose(f);
    return n && n < sizeof map ? write_line(pid, file, map) : EINVAL;
}

/* It stays who it is: without root, its user is the only one that there is in its namespace. */
static int map_ids(pid_t pid)
{
    char user[64], group[64];
    int reason;
    if (geteuid() == 0) {
        reason = map_all(pid, "gid_map", "/proc/self/gid_map");
        return reason ? reason : map_all(pid, "uid_map", "/proc/self/uid_map");
    }
    (void)snprintf(user, sizeof user, "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
    (void)snprintf(group, sizeof group, "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
    reason = write_line(pid, "setgroups", "deny");
    reason = reason ? reason : write_line(pid, "gid_map", group);
    return reason ? reason : write_line(pid, "uid_map", user);
}

bool tool_child_begin(struct tool_child *c, int *reason)
{
    int ends[2];
    const pid_t parent = getpid();
    c->pid = 0;
    c->gate = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        *reason = errno;
        return false;
    }
    c->gate = ends[0];
    c->pid = fork();
    if (c->pid == 0) {
        (void)close(ends[0]);
        become(c, ends[1], parent);
    }
    *reason = c->pid < 0 ? errno : 0;
    (void)close(ends[1]);
    if (c->pid > 0 && recv(c->gate, reason, sizeof *reason, 0) != sizeof *reason)
        *reason = ECHILD;
    if (!*reason && c->isolated)
        *reason = map_ids(c->pid);
    if (!*reason)
        return true;
    tool_child_drop(c);
    return false;
}

int tool_child_go(struct tool_child *c)
{
    const char word = c->watched ? WATCHED : ALONE;
    int reason = 0;
    if (send(c->gate, &word, 1, MSG_NOSIGNAL) != 1)
        reason = errno;
    else if (recv(c->gate, &reason, sizeof reason, 0) != sizeof reason)
        reason = 0;
    (void)close(c->gate);
    c->gate = -1;
    return reason;
}

void tool_child_drop(struct tool_child *c)
{
    if (c->gate >= 0)
        (void)close(c->gate);
    c->gate = -1;
    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL);
        (void)waitpid(c->pid, NULL, 0);
    }
    c->pid = 0;
}

int tool_child_status(int waited)
{
    return WIFSIGNALED(waited) ? TOOL_RUN_SIGNAL + WTERMSIG(waited) : WEXITSTATUS(waited);
}
