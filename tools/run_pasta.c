#include "run_network.h"

#include "memory.h"
#include "run_watch.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 64 };

bool tool_pasta_is_there(void)
{
    char path[4096];
    const char *from = getenv("PATH");
    for (from = from ? from : "/usr/bin:/bin"; *from; from += strspn(from, ":")) {
        const size_t n = strcspn(from, ":");
        (void)snprintf(path, sizeof path, "%.*s/pasta", (int)n, from);
        if (access(path, X_OK) == 0)
            return true;
        from += n;
    }
    return false;
}

static _Noreturn void become(const char *const *arguments, int said, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* what it becomes then is the watcher's */
    if (getppid() != parent)
        _exit(127);
    (void)setsid();                 /* the terminal's Ctrl-C is for others */
    (void)signal(SIGPIPE, SIG_DFL); /* it takes one that is ignored already for an error */
    (void)signal(SIGXFSZ, SIG_IGN); /* a capture that is not to grow any more is no end of the program's network */
    (void)dup2(said, STDERR_FILENO);
    (void)dup2(said, STDOUT_FILENO);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)dup2(nothing, STDIN_FILENO);
    (void)execvp(arguments[0], (char *const *)arguments);
    _exit(127);
}

/* What it says last is why; with its clock in front of it. */
static void last_line(char *said)
{
    size_t n = strlen(said);
    while (n && said[n - 1] == '\n')
        said[--n] = '\0';
    const char *feed = strrchr(said, '\n'), *line = feed ? feed + 1 : said;
    const size_t clock = strspn(line, "0123456789.");
    line += clock && !strncmp(line + clock, ": ", 2) ? clock + 2 : 0;
    memmove(said, line, strlen(line) + 1);
}

/* It goes on in the background when it is ready, and its number is in a file. */
static bool wait_for(struct tool_pasta *p, pid_t first, int said)
{
    size_t n = 0;
    ssize_t got;
    int status = 0;
    while (waitpid(first, &status, 0) < 0 && errno == EINTR)
        ;
    /* what runs on has its end of the pipe still: only what was said until now */
    struct pollfd ready = {.fd = said, .events = POLLIN};
    while (n < sizeof p->why - 1 && poll(&ready, 1, 0) > 0 && (got = read(said, p->why + n, sizeof p->why - 1 - n)) > 0)
        n += (size_t)got;
    p->why[n] = '\0';
    last_line(p->why);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void read_pid(struct tool_pasta *p)
{
    char text[32] = "";
    const int fd = openat(p->folder->fd, TOOL_RUN_PASTA_PID, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read(fd, text, sizeof text - 1) > 0)
        p->pid = (pid_t)strtol(text, NULL, 10);
    (void)close(fd);
}

static bool start(struct tool_pasta *p, const char *const *arguments)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)snprintf(p->why, sizeof p->why, "%s", wt_error_reason(errno));
        return false;
    }
    const pid_t own = getpid(), first = fork();
    if (first == 0)
        become(arguments, ends[1], own);
    (void)close(ends[1]);
    const bool ok = first > 0 && wait_for(p, first, ends[0]);
    (void)close(ends[0]);
    if (ok)
        read_pid(p);
    return ok && p->pid > 1;
}

/* "none", or a list. */
static char *list_ports(const struct tool_words *ports)
{
    char *list = tool_format("%s", ports->n ? ports->words[0] : "none");
    for (size_t i = 1; list && i < ports->n; i++) {
        char *longer = tool_format("%s,%s", list, ports->words[i]);
        free(list);
        list = longer;
    }
    return list;
}

bool tool_pasta_start(struct tool_pasta *p, pid_t network)
{
    char *packets = tool_folder_file(p->folder, TOOL_RUN_PASTA),
         *number = tool_folder_file(p->folder, TOOL_RUN_PASTA_PID), *ports = list_ports(p->forward);
    const char *arguments[ARGUMENTS_MOST] = {"pasta", "--config-net", "--quiet", "--pcap", packets, "--pid",
                                             number,  "-t",           "none",    "-u",     "none"};
    size_t n = 0;
    char pid[16];
    while (arguments[n])
        n++;
    if (geteuid() == 0) { /* `nobody` could not enter what root has made */
        arguments[n++] = "--runas";
        arguments[n++] = "0";
    }
    arguments[n++] = "-T";
    arguments[n++] = ports;
    arguments[n++] = "-U";
    arguments[n++] = ports;
    (void)snprintf(pid, sizeof pid, "%d", (int)network);
    arguments[n++] = pid;
    p->pid = 0;
    p->why[0] = '\0';
    const bool ok = packets && number && ports && start(p, arguments);
    free(ports);
    free(packets);
    free(number);
    return ok;
}

void tool_pasta_end(struct tool_pasta *p)
{
    if (p->pid <= 1)
        return;
    (void)kill(p->pid, SIGKILL);
    (void)waitpid(p->pid, NULL, 0); /* it has become our child */
    p->pid = 0;
}
