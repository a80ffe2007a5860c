#include "run_pid.h"

#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define KERNELS_OWN 0x00200000ul /* PF_KTHREAD, among a process's flags in /proc/PID/stat */

/* ---- what it is */

/* The process that it is a thread of; -1: there is no such process. */
static long process_of(pid_t pid)
{
    uint64_t process;
    return tool_processes_number(pid, "status", "Tgid:", &process) ? (long)process : -1;
}

/* Who may not see which file it runs sees nothing of it. */
static bool is_hidden(pid_t pid)
{
    char path[64], target[8];
    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return readlink(path, target, sizeof target) < 0 && (errno == EACCES || errno == EPERM);
}

/* Why nobody can listen to it; NULL: it is a program. */
static const char *fault_of(pid_t pid, long process)
{
    struct tool_process_stat stat;
    if (pid == getpid())
        return _("that is wiretale itself");
    if (process < 0 || !tool_processes_stat(pid, &stat))
        return _("there is no such process");
    if (stat.state == 'Z')
        return _("it has ended, and only its parent has not taken note yet");
    if (stat.flags & KERNELS_OWN)
        return _("that is a thread of the kernel, which runs no program");
    if (is_hidden(pid))
        return _("it is another user's: run wiretale as root");
    return NULL;
}

bool tool_target_open(struct tool_target *t, const struct tool_command *command, pid_t pid)
{
    char words[16384];
    const long process = process_of(pid);
    const char *fault = fault_of(pid, process);
    t->pid = pid;
    t->handle = -1;
    if (!fault && process != pid) {
        tool_complain(command, _("--pid %d: that is a thread of process %ld: give that number"), (int)pid, process);
        return false;
    }
    if (!fault)
        t->handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (!fault && (t->handle < 0 || tool_processes_describe(pid, words, sizeof words) == 0))
        fault = errno == ENOSYS ? _("the kernel is older than Linux 5.3") : _("there is no such process");
    if (fault) {
        tool_complain(command, _("--pid %d: %s"), (int)pid, fault);
        return false;
    }
    (void)snprintf(t->name, sizeof t->name, "%.255s", words);
    return true;
}

void tool_target_close(struct tool_target *t)
{
    if (t->pid && t->handle >= 0)
        (void)close(t->handle);
    t->handle = -1;
}

/* ---- listening */

int tool_run_pid_begin(struct tool_run *r)
{
    r->recorder = (struct tool_recorder){.command = &tool_run, .folder = &r->folder, .network = r->target.pid};
    r->watch.beside = r->target.pid;
    if (!tool_recorder_start(&r->recorder)) {
        tool_complain(&tool_run, _("--pid %d: %s"), (int)r->target.pid, r->recorder.why);
        return TOOL_RUN_FAILED;
    }
    r->helpers[0] = r->recorder.pid;
    r->way = TOOL_RUN_BESIDE;
    return 0;
}

static void look(void *context)
{
    struct tool_run *r = context;
    tool_probes_take(r->probes);
}

static void say(const struct tool_run *r)
{
    const size_t n = r->probes ? tool_probes_processes(r->probes) : 0;
    if (!r->probes)
        tool_complain(&tool_run, _("no keys can be had: %s; its traffic alone is recorded"), r->keyless);
    if (n > 1)
        tool_complain(
            &tool_run,
            ngettext_("listening beside %s (pid %d) and %zu process that it has started; Ctrl-C ends that, not them",
                      "listening beside %s (pid %d) and %zu processes that it has started; Ctrl-C ends that, not them",
                      n - 1),
            r->program, (int)r->target.pid, n - 1);
    else
        tool_complain(&tool_run, _("listening beside %s (pid %d); Ctrl-C ends that, not the program"), r->program,
                      (int)r->target.pid);
}

/* What has TLS, and nothing by which its keys are found. */
static void note_nameless(struct tool_run *r)
{
    const struct tool_trace_seen *seen = NULL;
    const size_t n = tool_probes_seen(r->probes, &seen);
    for (size_t i = 0; i < n; i++)
        if (!seen[i].armed)
            tool_run_nameless(r, seen[i].path);
}

void tool_run_pid_listen(struct tool_run *r)
{
    struct timespec now;
    tool_wait_signals();
    r->probes = tool_probes_new(r->target.pid, tool_run_keys_line, &r->keys, r->keyless, sizeof r->keyless);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    r->since_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    say(r);
    struct tool_wait wait = {.command = &tool_run,
                             .program = r->program,
                             .seconds = r->seconds,
                             .process = r->target.handle,
                             .ready = r->probes ? tool_probes_ready(r->probes) : -1,
                             .look = r->probes ? look : NULL,
                             .context = r};
    tool_wait_beside(&wait);
    if (r->probes) {
        note_nameless(r);
        r->keys_lost = tool_probes_lost(r->probes);
    }
    tool_probes_free(r->probes);
    r->probes = NULL;
    r->ended = true;
}
