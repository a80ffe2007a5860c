#include "probe.h"

#include "probe_program.h"
#include "tool.h"

#include <stdio.h>

#if WT_LIBBPF

#include "await.h"
#include "memory.h"
#include "probe_files.h"
#include "run_processes.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel lends its readers of memory to programs under the GPL alone; these few instructions may be had under it,
 * too. */
#define LICENSE "Dual MIT/GPL"

enum {
    SCAN_MS = 1000,  /* between two looks at what all processes have mapped … */
    SCAN_SHARE = 20, /* … which take at most this part of the time */
    TREE_MS = 50,    /* between two looks at who is of the run, where the kernel does not tell */
    STARTED = 64,    /* programs just started, whose libraries are about to be mapped */
    LOOKS = 8,       /* at each of them */
};

#define INITIAL 0xeffffffcu /* the inode of the first PID namespace */

struct point {
    enum tool_trace_call call;
    size_t seen; /* its file, among what is reported */
    int event, program;
};

struct tool_probes {
    pid_t root;
    tool_trace_line *line;
    void *context;
    int uprobes; /* the kind of event, as the kernel numbers it */
    struct tool_probe_maps maps;
    struct ring_buffer *ring;
    int tracepoints[2], programs[2]; /* fork(), execve(); -1: not to be had */
    struct tool_processes tree;
    struct known {
        uint64_t device, inode;
    } known[TOOL_PROBE_FILES];
    size_t n_known;
    struct point points[TOOL_PROBE_POINTS];
    size_t n_points;
    struct tool_trace_seen *seen;
    size_t n_seen, room;
    struct started {
        pid_t pid;
        unsigned looks;
    } started[STARTED];
    size_t n_started;
    int64_t scan_ms, tree_ms; /* when it is time again */
};

/* ---- what the kernel has */

static int quiet(enum libbpf_print_level level, const char *format, va_list list)
{
    (void)level;
    (void)format;
    (void)list;
    return 0;
}

static int number_in(const char *path)
{
    char line[32] = "";
    FILE *f = fopen(path, "re");
    const bool is = f && fgets(line, sizeof line, f);
    if (f)
        (void)fclose(f);
    return is ? (int)strtol(line, NULL, 10) : -1;
}

/* A kernel that is locked down says "[confidentiality]" there. */
static bool is_locked_down(void)
{
    char line[128] = "";
    FILE *f = fopen("/sys/kernel/security/lockdown", "re");
    const bool is = f && fgets(line, sizeof line, f) && strstr(line, "[confidentiality]");
    if (f)
        (void)fclose(f);
    return is;
}

static const char *refusal(int reason)
{
    if (reason == EPERM || reason == EACCES) {
        if (is_locked_down())
            return _(
                "the kernel is locked down (confidentiality), and lets nobody read another program's memory by BPF");
        return geteuid() == 0 ? _("the kernel refuses BPF, as in a container without CAP_BPF and CAP_PERFMON: run "
                                  "wiretale on the host")
                              : _("that takes root, or CAP_BPF and CAP_PERFMON");
    }
    if (reason == EINVAL || reason == ENOSYS)
        return _("the kernel has no BPF with ring buffers (Linux 5.8)");
    return wt_error_reason(reason);
}

/* A program that the kernel accepts; its descriptor, or -1. */
static int load(enum bpf_prog_type type, const struct bpf_insn *code, size_t n)
{
    return n ? bpf_prog_load(type, "wiretale", LICENSE, code, n, NULL) : -1;
}

static bool make_maps(struct tool_probes *p)
{
    p->maps.ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "wiretale_ring", 0, 0, TOOL_PROBE_RING, NULL);
    if (p->maps.ring >= 0)
        p->maps.tree = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "wiretale_tree", 4, 4, TOOL_PROBE_TREE, NULL);
    if (p->maps.tree >= 0)
        p->maps.lost = bpf_map_create(BPF_MAP_TYPE_ARRAY, "wiretale_lost", 4, 8, 1, NULL);
    return p->maps.lost >= 0;
}

/* ---- who is of the run */

/* Where a task_struct has the id of its process, as the kernel describes itself. */
static bool place_of_id(uint32_t *place)
{
    struct btf *kernel = btf__load_vmlinux_btf();
    const int task = kernel ? btf__find_by_name_kind(kernel, "task_struct", BTF_KIND_STRUCT) : -1;
    const struct btf_type *t = task > 0 ? btf__type_by_id(kernel, (uint32_t)task) : NULL;
    bool found = false;
    for (uint32_t i = 0; t && !found && i < btf_vlen(t); i++) {
        const char *name = btf__name_by_offset(kernel, btf_members(t)[i].name_off);
        const uint32_t bits = btf_member_bit_offset(t, i);
        if (!name || strcmp(name, "tgid") != 0 || bits % 8)
            continue;
        *place = bits / 8;
        found = true;
    }
    btf__free(kernel);
    return found;
}

/* Without them the tree is what /proc shows in the moment, and what starts programs is seen a little later. */
static void follow_kernel(struct tool_probes *p)
{
    static const char *const names[] = {"sched_process_fork", "sched_process_exec"};
    struct bpf_insn code[TOOL_PROBE_CODE];
    uint32_t place;
    for (size_t i = 0; i < 2; i++) {
        const size_t n = i                     ? tool_probe_started(&p->maps, code)
                         : place_of_id(&place) ? tool_probe_forked(place, &p->maps, code)
                                               : 0;
        p->programs[i] = load(BPF_PROG_TYPE_RAW_TRACEPOINT, code, n);
        if (p->programs[i] >= 0)
            p->tracepoints[i] = bpf_raw_tracepoint_open(names[i], p->programs[i]);
    }
}

static void look_at_tree(struct tool_probes *p)
{
    const uint32_t is = 1;
    tool_processes_follow(&p->tree, p->root, (const pid_t[]){getpid(), 0});
    for (size_t i = 0; i < p->tree.count; i++)
        (void)bpf_map_update_elem(p->maps.tree, &p->tree.pids[i], &is, BPF_ANY);
}

/* ---- probes */

/* At a place of a file that we have open: 0, or errno. */
static int set_probe(struct tool_probes *p, int fd, uint64_t offset, struct point *point)
{
    char path[64];
    struct bpf_insn code[TOOL_PROBE_CODE];
    const size_t n = tool_probe_program(point->call, (int32_t)p->n_points, &p->maps, code);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct perf_event_attr event = {
        .size = sizeof event, .type = (uint32_t)p->uprobes, .config1 = (uint64_t)(uintptr_t)path, .config2 = offset};
    point->program = load(BPF_PROG_TYPE_KPROBE, code, n);
    if (point->program < 0)
        return errno;
    /* of every process, on whatever processor it is met */
    point->event = (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (point->event >= 0 && ioctl(point->event, PERF_EVENT_IOC_SET_BPF, point->program) == 0 &&
        ioctl(point->event, PERF_EVENT_IOC_ENABLE, 0) == 0)
        return 0;
    const int reason = errno;
    if (point->event >= 0)
        (void)close(point->event);
    (void)close(point->program);
    return reason;
}

static void set_probes(struct tool_probes *p, int fd, const struct tool_trace_plan *plan, struct tool_trace_seen *seen)
{
    for (unsigned i = 0; i < plan->n && p->n_points < TOOL_PROBE_POINTS; i++) {
        struct point point = {.call = plan->points[i].call, .seen = p->n_seen};
        if (set_probe(p, fd, plan->points[i].offset, &point) != 0)
            continue;
        p->points[p->n_points++] = point;
        seen->armed = true;
    }
}

static bool is_known(struct tool_probes *p, const struct tool_probe_file *file)
{
    for (size_t i = 0; i < p->n_known; i++)
        if (p->known[i].inode == file->inode && p->known[i].device == file->device)
            return true;
    return false;
}

/* A file that was not met before. */
static bool look_at_file(void *context, pid_t process, const struct tool_probe_file *file)
{
    struct tool_probes *p = context;
    struct tool_trace_plan plan = {0};
    struct stat st;
    if (is_known(p, file))
        return true;
    if (p->n_known == TOOL_PROBE_FILES)
        return false;
    int fd = tool_probe_files_open(process, file);
    if (fd < 0)
        return true; /* it is gone again */
    p->known[p->n_known++] = (struct known){file->device, file->inode};
    const bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    const struct tool_elf_bytes bytes = {tool_elf_read, &fd, regular ? (uint64_t)st.st_size : 0};
    struct tool_trace_seen *grown = tool_grown(p->seen, p->n_seen, &p->room, sizeof *grown);
    if (grown)
        p->seen = grown;
    if (grown && regular && tool_trace_plan(&bytes, &plan) &&
        (plan.program == TOOL_PROGRAM_POINTS || plan.program == TOOL_PROGRAM_NAMELESS)) {
        struct tool_trace_seen seen = {.path = tool_checked(strdup(file->path)), .program = plan.program};
        set_probes(p, fd, &plan, &seen);
        p->seen[p->n_seen++] = seen;
    }
    (void)close(fd);
    return true;
}

/* ---- records */

static void note_started(struct tool_probes *p, pid_t pid)
{
    tool_probe_files(pid, look_at_file, p);
    if (p->n_started < STARTED)
        p->started[p->n_started++] = (struct started){pid, 0};
}

static int take_record(void *context, void *data, size_t size)
{
    struct tool_probes *p = context;
    const struct tool_probe_record *record = data;
    char line[TOOL_CALL_LINE];
    if (size < offsetof(struct tool_probe_record, registers))
        return 0;
    if (record->point == TOOL_PROBE_STARTED) {
        note_started(p, (pid_t)record->process);
    } else if (size >= sizeof *record && record->point >= 0 && (size_t)record->point < p->n_points) {
        const struct point *point = &p->points[record->point];
        const size_t n = tool_probe_line(point->call, record, line);
        if (n)
            p->line(p->context, (pid_t)record->process, line, n);
        p->seen[point->seen].lines += n > 0;
        explicit_bzero(line, sizeof line);
    }
    return 0;
}

/* Programs that were just started map their libraries one after the other. */
static void look_again(struct tool_probes *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_started; i++) {
        tool_probe_files(p->started[i].pid, look_at_file, p);
        if (++p->started[i].looks < LOOKS)
            p->started[kept++] = p->started[i];
    }
    p->n_started = kept;
}

static void scan(struct tool_probes *p)
{
    const int64_t begun = tool_now_ms();
    look_at_tree(p);
    for (size_t i = 0; i < p->tree.count; i++)
        tool_probe_files(p->tree.pids[i], look_at_file, p);
    const int64_t now = tool_now_ms(), rest = (now - begun) * SCAN_SHARE;
    p->scan_ms = now + (rest > SCAN_MS ? rest : SCAN_MS);
}

void tool_probes_take(struct tool_probes *p)
{
    const int64_t now = tool_now_ms();
    (void)ring_buffer__consume(p->ring);
    look_again(p);
    if (p->tracepoints[0] < 0 && now >= p->tree_ms) {
        look_at_tree(p);
        p->tree_ms = now + TREE_MS;
    }
    if (now >= p->scan_ms)
        scan(p);
}

/* ---- beginning and end */

/* Whether there may be any: one where our own program begins, which is behind us. 0, or errno. */
static int try_probe(struct tool_probes *p)
{
    struct point trial = {.call = TOOL_CALL_KEYLOG};
    struct tool_elf *elf = tool_checked(malloc(sizeof *elf));
    struct stat st;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), reason = ENOEXEC;
    uint64_t offset;
    if (elf && fd >= 0 && fstat(fd, &st) == 0 &&
        tool_elf_open(elf, &(struct tool_elf_bytes){tool_elf_read, &fd, (uint64_t)st.st_size}) &&
        tool_elf_offset(elf, elf->entry, &offset))
        reason = set_probe(p, fd, offset, &trial);
    if (reason == 0) {
        (void)close(trial.event);
        (void)close(trial.program);
    }
    if (fd >= 0)
        (void)close(fd);
    free(elf);
    return reason;
}

static bool begin(struct tool_probes *p, char *why, size_t size)
{
    struct stat st;
    const char *said = NULL;
    p->uprobes = number_in("/sys/bus/event_source/devices/uprobe/type");
    if (!tool_cpu_known())
        said = _("this machine's processor is not known here");
    else if (stat("/proc/self/ns/pid", &st) != 0 || st.st_ino != INITIAL)
        said = _("wiretale is in a PID namespace, where the kernel's numbers of processes are not known: run it on the "
                 "host");
    else if (p->uprobes < 0)
        said = _("the kernel has no uprobes (CONFIG_UPROBE_EVENTS), or /sys is not there");
    else if (!make_maps(p) || !(p->ring = ring_buffer__new(p->maps.ring, take_record, p, NULL)))
        said = refusal(errno);
    if (said) {
        (void)snprintf(why, size, "%s", said);
        return false;
    }
    follow_kernel(p);
    const int reason = try_probe(p);
    if (reason) {
        (void)snprintf(why, size, "%s", refusal(reason));
        return false;
    }
    scan(p);
    scan(p); /* what was begun by a child that was not known yet */
    return true;
}

bool tool_probes_built(void)
{
    return true;
}

struct tool_probes *tool_probes_new(pid_t root, tool_trace_line *line, void *context, char *why, size_t size)
{
    struct tool_probes *p = tool_checked(calloc(1, sizeof *p));
    (void)libbpf_set_print(quiet);
    if (!p)
        return NULL;
    p->root = root;
    p->line = line;
    p->context = context;
    p->maps = (struct tool_probe_maps){-1, -1, -1};
    for (size_t i = 0; i < 2; i++)
        p->tracepoints[i] = p->programs[i] = -1;
    if (begin(p, why, size))
        return p;
    tool_probes_free(p);
    return NULL;
}

int tool_probes_ready(const struct tool_probes *p)
{
    return ring_buffer__epoll_fd(p->ring);
}

size_t tool_probes_processes(const struct tool_probes *p)
{
    return p->tree.count;
}

size_t tool_probes_seen(const struct tool_probes *p, const struct tool_trace_seen **seen)
{
    *seen = p->seen;
    return p->n_seen;
}

uint64_t tool_probes_lost(const struct tool_probes *p)
{
    const uint32_t only = 0;
    uint64_t lost = 0;
    return bpf_map_lookup_elem(p->maps.lost, &only, &lost) == 0 ? lost : 0;
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

void tool_probes_free(struct tool_probes *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_points; i++)
        close_all((const int[]){p->points[i].event, p->points[i].program}, 2);
    close_all(p->tracepoints, 2);
    close_all(p->programs, 2);
    if (p->ring)
        ring_buffer__free(p->ring);
    close_all((const int[]){p->maps.tree, p->maps.ring, p->maps.lost}, 3);
    for (size_t i = 0; i < p->n_seen; i++)
        free((char *)(uintptr_t)p->seen[i].path);
    free(p->seen);
    free(p);
}

#else

bool tool_probes_built(void)
{
    return false;
}

struct tool_probes *tool_probes_new(pid_t root, tool_trace_line *line, void *context, char *why, size_t size)
{
    (void)root;
    (void)line;
    (void)context;
    (void)snprintf(why, size, "%s", _("this wiretale was built without libbpf"));
    return NULL;
}

int tool_probes_ready(const struct tool_probes *probes)
{
    (void)probes;
    return -1;
}

void tool_probes_take(struct tool_probes *probes)
{
    (void)probes;
}

size_t tool_probes_processes(const struct tool_probes *probes)
{
    (void)probes;
    return 0;
}

size_t tool_probes_seen(const struct tool_probes *probes, const struct tool_trace_seen **seen)
{
    (void)probes;
    *seen = NULL;
    return 0;
}

uint64_t tool_probes_lost(const struct tool_probes *probes)
{
    (void)probes;
    return 0;
}

void tool_probes_free(struct tool_probes *probes)
{
    (void)probes;
}

#endif
