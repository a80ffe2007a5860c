/* Runs a program under tracing as `wiretale run` does: trace_child KEYS PROGRAM ARGUMENT…
 * Lines of keys go to the file KEYS; what was seen goes to KEYS.seen, a line for each program: kind, armed, lines,
 * path. With TRACE_FOR=MS in the environment it lets go of all after that time, and waits on. */
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void on_line(void *context, pid_t pid, const char *line, size_t length)
{
    FILE *keys = context;
    (void)pid;
    (void)fprintf(keys, "%.*s\n", (int)length, line);
    (void)fflush(keys);
}

static int say(const char *what)
{
    (void)fprintf(stderr, "trace_child: %s: %s\n", what, strerror(errno));
    return 2;
}

static void tell(const struct tool_trace *trace, const char *keys)
{
    const struct tool_trace_seen *seen;
    size_t n = tool_trace_seen(trace, &seen);
    char path[4096];
    (void)snprintf(path, sizeof path, "%s.seen", keys);
    FILE *f = fopen(path, "w");
    for (size_t i = 0; f && i < n; i++)
        (void)fprintf(f, "%d %d %llu %s\n", (int)seen[i].program, seen[i].armed, (unsigned long long)seen[i].lines,
                      seen[i].path);
    if (f)
        (void)fclose(f);
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void woken(int signal)
{
    (void)signal;
}

int main(int argc, char **argv)
{
    int go[2], status, refused, result = -1;
    char byte = 0;
    FILE *keys = argc > 2 ? fopen(argv[1], "a") : NULL;
    struct tool_trace *trace = keys ? tool_trace_new(on_line, keys) : NULL;
    struct sigaction wake = {.sa_handler = woken};
    sigset_t chld, before;
    if (!trace || pipe(go) != 0)
        return say("begin");
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    pid_t child = fork();
    if (child == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) == 1)
            execvp(argv[2], argv + 2);
        _exit(127);
    }
    close(go[0]);
    if ((refused = tool_trace_begin(trace, child)) != 0) {
        errno = refused;
        say("not traced");
    }
    sigprocmask(SIG_BLOCK, &chld, &before);
    sigaction(SIGCHLD, &wake, NULL);
    if (write(go[1], &byte, 1) != 1)
        return say("write");
    const char *text = getenv("TRACE_FOR");
    long until = text ? now_ms() + atol(text) : -1;
    for (bool all = false; !all;) {
        pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);
        if (pid < 0) {
            all = errno != EINTR;
        } else if (pid > 0) {
            if ((!trace || !tool_trace_status(trace, pid, status)) && pid == child)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else {
            const struct timespec rest = {0, 20000000};
            (void)sigtimedwait(&chld, NULL, &rest);
            if (until >= 0 && trace && now_ms() >= until) {
                tell(trace, argv[1]);
                tool_trace_free(trace);
                trace = NULL;
            }
        }
    }
    if (trace)
        tell(trace, argv[1]);
    tool_trace_free(trace);
    (void)fclose(keys);
    return result;
}
