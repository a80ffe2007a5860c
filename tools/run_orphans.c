#include "run_orphans.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 100 /* at most: what is killed may just have started something */
#define REST_MS 20
#define QUIET 3   /* rounds without anybody are enough */
#define STAT 1024 /* bytes */

/* /proc/PID/stat behind the name, which is in brackets and may have anything in it. NULL: it is gone. */
static const char *state_of(pid_t pid, char line[STAT])
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, line, STAT - 1);
    if (fd >= 0)
        (void)close(fd);
    line[n > 0 ? n : 0] = '\0';
    const char *bracket = strrchr(line, ')');
    return bracket && bracket[1] == ' ' ? bracket + 2 : NULL;
}

/* When it began, in the kernel's own unit: the 22nd word of all; 0: it is gone. */
static unsigned long long begun_at(pid_t pid)
{
    char line[STAT];
    const char *at = state_of(pid, line);
    for (unsigned word = 3; at && word < 22; word++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at ? strtoull(at, NULL, 10) : 0;
}

/* Dead ones wait for whoever has inherited them. */
static bool lives(pid_t pid)
{
    char line[STAT];
    const char *state = state_of(pid, line);
    return state && *state != 'Z' && *state != 'X';
}

void tool_orphans_note(struct tool_orphans *o, pid_t root, const pid_t *except)
{
    tool_processes_find(&o->tree, root, except);
    o->count = 0;
    for (size_t i = 0; i < o->tree.count; i++) {
        const unsigned long long begun = begun_at(o->tree.pids[i]);
        if (begun)
            o->known[o->count++] = (struct tool_process_begun){o->tree.pids[i], begun};
    }
}

/* ---- whose they are */

static bool is_known(const struct tool_orphans *o, pid_t pid)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->known[i].pid == pid)
            return begun_at(pid) == o->known[i].begun;
    return false;
}

static bool is_in_network(pid_t pid)
{
    struct stat ours, theirs;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    return stat(path, &theirs) == 0 && stat("/proc/self/ns/net", &ours) == 0 && theirs.st_ino == ours.st_ino &&
           theirs.st_dev == ours.st_dev;
}

/* Whether a whole word of such a file is one of the marks: a part of one, as a folder's name, may be anybody's. */
static bool has_mark(const struct tool_orphans *o, pid_t pid, const char *file)
{
    static char room[256 * 1024];
    char path[64];
    size_t n = 0;
    ssize_t got = 1;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n < sizeof room - 1 && (got = read(fd, room + n, sizeof room - 1 - n)) > 0)
        n += (size_t)got;
    if (fd >= 0)
        (void)close(fd);
    room[n] = '\0';
    for (const char *word = room; word < room + n; word += strlen(word) + 1)
        for (size_t i = 0; i < o->mark_count; i++)
            if (!strcmp(word, o->marks[i]))
                return true;
    return false;
}

static bool is_ours(const struct tool_orphans *o, pid_t pid)
{
    return (o->network && is_in_network(pid)) || is_known(o, pid) || has_mark(o, pid, "environ") ||
           has_mark(o, pid, "cmdline");
}

/* ---- their end */

/* With what descends from it, which nothing else may say to be ours. */
static bool end(struct tool_orphans *o, pid_t pid)
{
    tool_processes_find(&o->tree, pid, NULL);
    bool ended = kill(pid, SIGKILL) == 0;
    for (size_t i = 0; i < o->tree.count; i++)
        if (lives(o->tree.pids[i]))
            ended |= kill(o->tree.pids[i], SIGKILL) == 0;
    return ended;
}

/* Whether there was one. */
static bool end_round(struct tool_orphans *o)
{
    DIR *all = opendir("/proc");
    const struct dirent *e;
    bool any = false;
    while (all && (e = readdir(all))) {
        const pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
        if (pid > 1 && pid != getpid() && lives(pid) && is_ours(o, pid))
            any |= end(o, pid);
    }
    if (all)
        (void)closedir(all);
    return any;
}

void tool_orphans_end(struct tool_orphans *o)
{
    const struct timespec rest = {.tv_nsec = REST_MS * 1000000L};
    unsigned quiet = 0;
    for (unsigned i = 0; i < ROUNDS && quiet < QUIET; i++) {
        quiet = end_round(o) ? 0 : quiet + 1;
        (void)nanosleep(&rest, NULL);
    }
}
