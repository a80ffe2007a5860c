/* Follows a child and all that it starts, and stops them where secrets pass. */
#include "trace.h"

#include "memory.h"
#include "trace_call.h"
#include "trace_cpu.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    BUCKETS = 1024,
    LAST_MS = 2000, /* for all tasks to stop, so that they can be let go of */
    EVENTS = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC,
};

/* A program's file, as it was when it was first started. */
struct file {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
    struct tool_trace_plan plan;
    size_t seen; /* its place among what is reported */
};

struct task {
    struct task *next;
    pid_t id, process;
    const struct file *file; /* NULL: without breakpoints */
    uint64_t moved_by;
    bool stopped; /* at the end: it waits to be let go of, with that signal */
    int signal;
};

struct tool_trace {
    tool_trace_line *line;
    void *context;
    struct tool_call_randoms *randoms;
    struct task *buckets[BUCKETS];
    unsigned n_tasks;
    struct file *files[TOOL_TRACE_FILES];
    struct tool_trace_seen *seen; /* of each */
    size_t n_files, room;
};

struct tool_trace *tool_trace_new(tool_trace_line *line, void *context)
{
    struct tool_trace *t = tool_checked(calloc(1, sizeof *t));
    if (!t || !(t->randoms = tool_call_randoms_new())) {
        free(t);
        return NULL;
    }
    t->line = line;
    t->context = context;
    return t;
}

size_t tool_trace_seen(const struct tool_trace *trace, const struct tool_trace_seen **seen)
{
    *seen = trace->seen;
    return trace->n_files;
}

/* ------------------------------------------------------------------------------------------------------------ tasks */

static struct task **slot_of(struct tool_trace *t, pid_t id)
{
    struct task **slot = &t->buckets[(unsigned)id % BUCKETS];
    while (*slot && (*slot)->id != id)
        slot = &(*slot)->next;
    return slot;
}

static void forget(struct tool_trace *t, pid_t id)
{
    struct task **slot = slot_of(t, id), *task = *slot;
    if (!task)
        return;
    *slot = task->next;
    free(task);
    t->n_tasks--;
}

/* execve() ends all other threads of a process, without a word about the one that called it. */
static void forget_threads(struct tool_trace *t, pid_t process)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct task **slot = &t->buckets[i]; *slot;) {
            struct task *task = *slot;
            if (task->process != process) {
                slot = &task->next;
                continue;
            }
            *slot = task->next;
            free(task);
            t->n_tasks--;
        }
}

static struct task *add_task(struct tool_trace *t, pid_t id, pid_t process)
{
    struct task *task = t->n_tasks < TOOL_TRACE_TASKS ? tool_checked(calloc(1, sizeof *task)) : NULL;
    if (!task)
        return NULL;
    task->id = id;
    task->process = process;
    struct task **slot = slot_of(t, id);
    *slot = task;
    t->n_tasks++;
    return task;
}

/* -------------------------------------------------------------------------------------------------- what /proc says */

static pid_t process_of(pid_t id)
{
    char path[64], line[128];
    long process = id;
    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)id);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "Tgid:", 5) == 0) {
            process = strtol(line + 5, NULL, 10);
            break;
        }
    if (f)
        (void)fclose(f);
    return process > 0 ? (pid_t)process : id;
}

static bool entry_of(pid_t process, uint64_t *entry)
{
    char path[64];
    uint64_t pair[2];
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%ld/auxv", (long)process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && !found && read(fd, pair, sizeof pair) == (ssize_t)sizeof pair && pair[0] != AT_NULL)
        if (pair[0] == AT_ENTRY) {
            *entry = pair[1];
            found = true;
        }
    if (fd >= 0)
        close(fd);
    return found;
}

/* -------------------------------------------------------------------------------------------------- programs' files */

static bool grow(struct tool_trace *t)
{
    if (t->n_files < t->room)
        return true;
    size_t room = t->room ? 2 * t->room : 16;
    struct tool_trace_seen *seen = tool_checked(realloc(t->seen, room * sizeof *seen));
    if (!seen)
        return false;
    t->seen = seen;
    t->room = room;
    return true;
}

static const struct file *read_plan(struct tool_trace *t, pid_t process, int fd, const struct stat *st)
{
    char link[64], path[PATH_MAX];
    struct file *file;
    if (t->n_files >= TOOL_TRACE_FILES || !grow(t) || !(file = tool_checked(calloc(1, sizeof *file))))
        return NULL;
    (void)snprintf(link, sizeof link, "/proc/%ld/exe", (long)process);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    *file = (struct file){st->st_dev, st->st_ino, st->st_size, st->st_mtim, {0}, t->n_files};
    const struct tool_elf_bytes bytes = {tool_elf_read, &fd, st->st_size > 0 ? (uint64_t)st->st_size : 0};
    (void)tool_trace_plan(&bytes, &file->plan);
    t->files[t->n_files] = file;
    t->seen[t->n_files] = (struct tool_trace_seen){.path = tool_checked(strdup(path)), .program = file->plan.program};
    t->n_files++;
    return file;
}

/* What the process runs. NULL: it cannot be told. */
static const struct file *file_of(struct tool_trace *t, pid_t process)
{
    char path[64];
    struct stat st;
    const struct file *file = NULL;
    (void)snprintf(path, sizeof path, "/proc/%ld/exe", (long)process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        for (size_t i = 0; !file && i < t->n_files; i++) {
            const struct file *f = t->files[i];
            if (f->device == st.st_dev && f->inode == st.st_ino && f->size == st.st_size &&
                f->changed.tv_sec == st.st_mtim.tv_sec && f->changed.tv_nsec == st.st_mtim.tv_nsec)
                file = f;
        }
        if (!file)
            file = read_plan(t, process, fd, &st);
    }
    close(fd);
    return file;
}

/* ------------------------------------------------------------------------------------------------------ breakpoints */

static bool read_memory(void *context, uint64_t address, void *into, size_t n)
{
    const pid_t *process = context;
    struct iovec here = {into, n}, there = {(void *)(uintptr_t)address, n};
    return process_vm_readv(*process, &here, 1, &there, 1, 0) == (ssize_t)n;
}

/* Code is written into a copy of its page that the process alone has. */
static bool write_code(pid_t id, uint64_t address, const uint8_t *bytes, size_t n)
{
    enum { WORD = sizeof(long) };
    while (n > 0) {
        uint64_t at = address & ~(uint64_t)(WORD - 1);
        size_t skip = (size_t)(address - at), part = n < WORD - skip ? n : WORD - skip;
        errno = 0;
        long word = ptrace(PTRACE_PEEKTEXT, id, (void *)(uintptr_t)at, NULL);
        if (errno != 0)
            return false;
        memcpy((uint8_t *)&word + skip, bytes, part);
        if (ptrace(PTRACE_POKETEXT, id, (void *)(uintptr_t)at, (void *)word) != 0)
            return false;
        address += part;
        bytes += part;
        n -= part;
    }
    return true;
}

/* What a breakpoint of ours has put aside, and a uprobe has not. */
static bool is_ours(const struct task *task, const struct tool_trace_point *p)
{
    uint8_t moved[sizeof p->moved];
    pid_t id = task->id;
    return read_memory(&id, p->aside + task->moved_by, moved, p->n_moved) && !memcmp(moved, p->moved, p->n_moved);
}

/* One that is in memory already came with a fork. Where the code is not what the file has, it is left alone. */
static bool set_point(struct task *task, const struct tool_trace_point *p, bool *held)
{
    static const uint8_t breakpoint[] = {TOOL_CODE_BREAKPOINT};
    uint8_t code[TOOL_CODE_INSTRUCTION];
    if (p->n_moved == 0 || !read_memory(&task->id, p->address + task->moved_by, code, p->n_code))
        return false;
    size_t is = code[0] == TOOL_CODE_BREAKPOINT;
    if (memcmp(code + is, p->code + is, p->n_code - is) != 0)
        return false;
    if (is && !is_ours(task, p)) {
        *held = true;
        return false;
    }
    return is || (write_code(task->id, p->aside + task->moved_by, p->moved, p->n_moved) &&
                  write_code(task->id, p->address + task->moved_by, breakpoint, 1));
}

static void unset_points(const struct task *task)
{
    for (unsigned i = 0; task->file && i < task->file->plan.n; i++) {
        const struct tool_trace_point *p = &task->file->plan.points[i];
        uint8_t code = 0;
        pid_t id = task->id;
        if (read_memory(&id, p->address + task->moved_by, &code, 1) && code == TOOL_CODE_BREAKPOINT && is_ours(task, p))
            (void)write_code(id, p->address + task->moved_by, p->code, 1);
    }
}

/* What the task runs, and how far that was moved. */
static bool place(struct tool_trace *t, struct task *task)
{
    uint64_t entry;
    const struct file *file = file_of(t, task->process);
    task->file = NULL;
    if (!file || file->plan.n == 0 || !entry_of(task->process, &entry))
        return false;
    task->file = file;
    task->moved_by = file->plan.moved ? entry - file->plan.entry : 0;
    return true;
}

/* A task that is seen for the first time, or runs another program now, stops where that program's secrets pass. */
static void arm(struct tool_trace *t, struct task *task)
{
    const struct task *leader = task->id != task->process ? *slot_of(t, task->process) : NULL;
    if (leader && leader->file) {
        task->file = leader->file;
        task->moved_by = leader->moved_by;
        return;
    }
    if (!place(t, task))
        return;
    unsigned set = 0;
    struct tool_trace_seen *seen = &t->seen[task->file->seen];
    for (unsigned i = 0; i < task->file->plan.n; i++)
        set += set_point(task, &task->file->plan.points[i], &seen->held);
    if (set > 0)
        seen->armed = true;
    else
        task->file = NULL;
}

/* The point that the task has just met; NULL: none. */
static const struct tool_trace_point *point_of(const struct task *task, struct tool_cpu *cpu)
{
    if (!task->file || !tool_cpu_read(task->id, cpu))
        return NULL;
    cpu->pc--; /* behind the breakpoint */
    for (unsigned i = 0; i < task->file->plan.n; i++)
        if (task->file->plan.points[i].address + task->moved_by == cpu->pc)
            return &task->file->plan.points[i];
    return NULL;
}

/* What the function at this point was called with. False: the task is at none. */
static bool at_point(struct tool_trace *t, const struct task *task)
{
    char line[TOOL_CALL_LINE];
    struct tool_cpu cpu;
    pid_t process = task->process;
    const struct file *file = task->file;
    const struct tool_trace_point *p = point_of(task, &cpu);
    if (!p || !file)
        return false;
    size_t n = tool_call_line(p->call, &cpu, process, t->randoms, read_memory, &process, line);
    if (n > 0) {
        t->line(t->context, process, line, n);
        t->seen[file->seen].lines++;
    }
    explicit_bzero(line, sizeof line);
    return tool_cpu_jump(task->id, p->aside + task->moved_by);
}

/* ------------------------------------------------------------------------------------------------------------ stops */

static void go_on(pid_t id, int signal)
{
    /* a task that has died meanwhile says so by itself */
    (void)ptrace(PTRACE_CONT, id, NULL, (void *)(intptr_t)signal);
}

static bool is_stopping(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* A program that gets what it needs from the library beside it is none of ours any longer; what it starts neither. */
static bool let_go(struct tool_trace *t, const struct task *task)
{
    const struct file *file = file_of(t, task->process);
    pid_t id = task->id;
    if (!file || file->plan.program != TOOL_PROGRAM_LIBRARY)
        return false;
    forget(t, id);
    return ptrace(PTRACE_DETACH, id, NULL, NULL) == 0;
}

static void after_exec(struct tool_trace *t, pid_t id)
{
    forget_threads(t, id);
    struct task *task = add_task(t, id, id);
    if (task && let_go(t, task))
        return;
    if (task)
        arm(t, task);
    go_on(id, 0);
}

/* A signal on its way to the task: it gets it, unless it is the processor's word that a breakpoint was met. */
static void on_signal(struct tool_trace *t, const struct task *task, pid_t id, int signal)
{
    siginfo_t info;
    struct task unknown = {.id = id};
    if (signal == SIGTRAP && ptrace(PTRACE_GETSIGINFO, id, NULL, &info) == 0 && info.si_code == SI_KERNEL) {
        /* one that there was no room to remember has its breakpoints from whoever forked it */
        if (!task) {
            unknown.process = process_of(id);
            (void)place(t, &unknown);
            task = &unknown;
        }
        if (at_point(t, task))
            signal = 0;
    }
    go_on(id, signal);
}

bool tool_trace_status(struct tool_trace *trace, pid_t pid, int status)
{
    if (!WIFSTOPPED(status)) {
        forget(trace, pid);
        return false;
    }
    int signal = WSTOPSIG(status), event = status >> 16;
    struct task *task = *slot_of(trace, pid);
    if (event == PTRACE_EVENT_EXEC) {
        after_exec(trace, pid);
        return true;
    }
    /* whatever it is that it stops for, a task of which nothing was known has not begun yet */
    if (!task && (task = add_task(trace, pid, process_of(pid))))
        arm(trace, task);
    if (event == PTRACE_EVENT_STOP && is_stopping(signal))
        (void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
    else if (event != 0)
        go_on(pid, 0);
    else
        on_signal(trace, task, pid, signal);
    return true;
}

int tool_trace_begin(struct tool_trace *trace, pid_t child)
{
    if (!tool_cpu_known())
        return ENOSYS;
    if (ptrace(PTRACE_SEIZE, child, NULL, (void *)(intptr_t)EVENTS) != 0)
        return errno;
    /* until it executes a program, there is nothing in it to be stopped at */
    (void)add_task(trace, child, child);
    return 0;
}

/* -------------------------------------------------------------------------------------------------------------- end */

static struct task *each(struct tool_trace *t, const struct task *after)
{
    unsigned i = after ? (unsigned)after->id % BUCKETS + 1 : 0;
    if (after && after->next)
        return after->next;
    while (i < BUCKETS && !t->buckets[i])
        i++;
    return i < BUCKETS ? t->buckets[i] : NULL;
}

/* Those that have ended meanwhile are forgotten. The number of those that still run. */
static unsigned interrupt(struct tool_trace *t)
{
    unsigned running = 0;
    for (struct task *task = each(t, NULL), *next; task; task = next) {
        next = each(t, task);
        if (task->stopped)
            continue;
        if (ptrace(PTRACE_INTERRUPT, task->id, NULL, NULL) == 0)
            running++;
        else
            forget(t, task->id);
    }
    return running;
}

/* Stops alone are taken; who ended is the caller's to see. */
static bool take_stop(struct tool_trace *t)
{
    siginfo_t info = {0};
    if (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG | __WALL) != 0 || info.si_pid == 0)
        return false;
    struct task *task = *slot_of(t, info.si_pid);
    if (!task && (task = add_task(t, info.si_pid, process_of(info.si_pid))))
        (void)place(t, task);
    if (!task)
        return true;
    task->stopped = true;
    if (info.si_status >> 8 == 0)
        task->signal = info.si_status & 0x7f;
    return true;
}

/* All are stopped before the first goes on, so that none meets a breakpoint that is there no longer. */
static void let_all_go(struct tool_trace *t)
{
    struct tool_cpu cpu;
    const struct timespec rest = {0, 1000000};
    for (unsigned ms = 0; interrupt(t) > 0 && ms < LAST_MS; ms++)
        if (!take_stop(t))
            (void)nanosleep(&rest, NULL);
    while (take_stop(t))
        ;
    for (struct task *task = each(t, NULL); task; task = each(t, task))
        if (task->stopped) {
            if (task->signal == SIGTRAP && point_of(task, &cpu) && tool_cpu_jump(task->id, cpu.pc))
                task->signal = 0;
            unset_points(task);
        }
    for (struct task *task = each(t, NULL); task; task = each(t, task))
        (void)ptrace(PTRACE_DETACH, task->id, NULL, (void *)(intptr_t)task->signal);
}

void tool_trace_free(struct tool_trace *trace)
{
    if (!trace)
        return;
    let_all_go(trace);
    for (unsigned i = 0; i < BUCKETS; i++)
        while (trace->buckets[i])
            forget(trace, trace->buckets[i]->id);
    for (size_t i = 0; i < trace->n_files; i++) {
        free((char *)(uintptr_t)trace->seen[i].path);
        free(trace->files[i]);
    }
    free(trace->seen);
    tool_call_randoms_free(trace->randoms);
    free(trace);
}
