#include "run_orphans.h"

#include "run_enter.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 100 /* at most: what is killed may just have started something */
#define REST_MS 20
#define QUIET 3 /* rounds without anybody are enough */

/* Dead ones wait for whoever has inherited them. */
static bool lives(pid_t pid)
{
    struct tool_process_stat stat;
    return tool_processes_stat(pid, &stat) && stat.state != 'Z' && stat.state != 'X';
}

void tool_orphans_note(struct tool_orphans *o, pid_t root, const pid_t *except)
{
    tool_processes_find(&o->tree, root, except);
    if (getppid() != root) /* it has died meanwhile, and nobody descends from it: what was noted before stays */
        return;
    o->count = 0;
    for (size_t i = 0; i < o->tree.count; i++) {
        struct tool_process_stat stat;
        if (tool_processes_stat(o->tree.pids[i], &stat))
            o->known[o->count++] = (struct tool_process_begun){o->tree.pids[i], stat.begun};
    }
}

/* ---- whose they are */

static bool is_known(const struct tool_orphans *o, pid_t pid)
{
    struct tool_process_stat stat;
    for (size_t i = 0; i < o->count; i++)
        if (o->known[i].pid == pid)
            return tool_processes_stat(pid, &stat) && stat.begun == o->known[i].begun;
    return false;
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

static bool has_limit(const struct tool_orphans *o, pid_t pid)
{
    uint64_t soft;
    return o->limit && tool_processes_number(pid, "limits", "Max realtime timeout", &soft) && soft == o->limit;
}

static bool is_ours(const struct tool_orphans *o, pid_t pid)
{
    return (o->network && tool_enter_is_in(pid, "net")) || is_known(o, pid) || has_limit(o, pid) ||
           has_mark(o, pid, "environ") || has_mark(o, pid, "cmdline");
}

/* ---- their end */

/* It and what descends from it, which nothing else may say to be ours. What is stopped starts nothing: once no more are
 * found, they are all. */
static void stop(struct tool_orphans *o, pid_t pid)
{
    (void)kill(pid, SIGSTOP);
    o->tree.count = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const size_t before = o->tree.count;
        tool_processes_find(&o->tree, pid, NULL);
        for (size_t k = 0; k < o->tree.count; k++)
            (void)kill(o->tree.pids[k], SIGSTOP);
        if (i && o->tree.count == before)
            return;
    }
}

static bool end(struct tool_orphans *o, pid_t pid)
{
    stop(o, pid);
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
