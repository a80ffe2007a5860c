/* wiretale run: a program, and the story of its own connections with its own keys. */
#include "run.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

static const uint8_t options[] = {OPTION_ISOLATE,  OPTION_NO_ISOLATE, OPTION_FORWARD,  OPTION_RUN_TIMEOUT,
                                  OPTION_NO_TRACE, OPTION_PID,        OPTION_KEEP,     OPTION_RUN_WRITE,
                                  OPTION_REPORT,   OPTIONS_OF_READ,   OPTION_USER,     OPTIONS_OF_CHOICE,
                                  OPTIONS_OF_KEYS, OPTIONS_OF_TRUST,  OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_run = {
    .name = "run",
    .operands = N_("[--] PROGRAM [ARGUMENT...], or --pid NUMBER"),
    .text = N_("run a program, and tell the story of its own connections with its own keys"),
    .more = N_(
        "The program keeps its standard input, output and terminal. When it has ended, the story follows on standard "
        "error, or where --output says.\n"
        "Without privileges it gets a network of its own, whose only way out is pasta (Debian: passt); services on "
        "this "
        "machine's 127.0.0.1 are reached at the address of the gateway, or with --forward. With CAP_NET_RAW, as root "
        "has it, it "
        "stays in the network as it is, and its connections are picked out of what passes.\n"
        "Keys come from what TLS libraries write down when SSLKEYLOGFILE or NODE_OPTIONS ask for it, from a library "
        "that is loaded "
        "into the program (LD_PRELOAD), and from breakpoints in programs of Go and such that have OpenSSL or BoringSSL "
        "inside; they stay "
        "in a private folder that is gone afterwards.\n"
        "Ctrl-C is for the program; a second one ends it and wiretale.\n"
        "With --pid, as root, a program is listened to that runs already, until Ctrl-C, or its end: its keys are read "
        "by probes of the kernel (uprobes, BPF), which neither stop nor change it.\n"
        "Exit status: the program's; 128 and the signal's number when one ended it; 127 when it is not found, 126 when "
        "it "
        "cannot be run, 125 when what was asked of wiretale cannot be had; 2 for usage errors. If that would be 0: 1 "
        "when the "
        "report is incomplete, 3 as set by --fail-on."),
    .options = options,
    .run = run,
};

static bool port_option(struct tool_run *r, const struct tool_arguments *a)
{
    uint64_t port;
    return tool_arguments_number(a, 1, 65535, &port) && tool_words_add(&r->forward, a->value);
}

static bool pid_option(struct tool_run *r, const struct tool_arguments *a)
{
    enum { MOST = 1 << 22 }; /* PID_MAX_LIMIT of Linux */
    uint64_t pid = 0;
    const bool ok = tool_arguments_number(a, 1, MOST, &pid);
    r->target.pid = (pid_t)pid;
    return ok;
}

static bool option(struct tool_run *r, const struct tool_arguments *a)
{
    switch (a->id) {
    case OPTION_ISOLATE:
        r->isolate = true;
        return true;
    case OPTION_NO_ISOLATE:
        r->beside = true;
        return true;
    case OPTION_NO_TRACE:
        r->untraced = true;
        return true;
    case OPTION_PID:
        return pid_option(r, a);
    case OPTION_FORWARD:
        return port_option(r, a);
    case OPTION_RUN_TIMEOUT:
        return tool_arguments_number(a, 1, 31536000, &r->seconds);
    case OPTION_KEEP:
        r->keep = a->value;
        return true;
    case OPTION_RUN_WRITE:
        r->write = a->value;
        return true;
    case OPTION_REPORT:
        r->output = a->value;
        return true;
    case OPTION_REDACT:
        r->redact = true;
        return tool_read_option(r->reading, a);
    default:
        return tool_read_option(r->reading, a);
    }
}

/* A program that runs already is not started. */
static bool settle_pid(const struct tool_run *r, int operands)
{
    const char *wrong = NULL;
    if (operands)
        wrong = _("--pid is a program that runs already: remove it, or the program that is to be started");
    else if (r->isolate || r->forward.n)
        wrong = _("--pid is a program that has its network already: remove it, or --isolate and --forward");
    else if (r->untraced)
        wrong = _("--no-trace is for programs that are started: remove it, or --pid");
    if (wrong)
        tool_complain(&tool_run, "%s", wrong);
    return !wrong;
}

static bool settle(struct tool_run *r, int operands)
{
    if (r->target.pid && !settle_pid(r, operands))
        return false;
    if (operands == 0 && !r->target.pid) {
        tool_complain(&tool_run, "%s", _("missing program: wiretale run -- PROGRAM [ARGUMENT...], or --pid NUMBER"));
        return false;
    }
    if (r->forward.n && r->beside) {
        tool_complain(&tool_run, "%s", _("--forward is for a network of its own: remove it, or --no-isolate"));
        return false;
    }
    if (r->forward.n)
        r->isolate = true; /* asked for by name */
    if (r->redact && (r->write || r->keep)) {
        tool_complain(&tool_run, _("--redact cannot be combined with --%s"), r->write ? "write" : "keep");
        return false;
    }
    return true;
}

/* ---- ways to the packets */

static void add_helper(struct tool_run *r, pid_t pid)
{
    size_t n = 0;
    while (r->helpers[n])
        n++;
    r->helpers[n] = pid; /* there is room for all */
}

/* From here on there is somebody who ends all if wiretale is killed. */
static void start_watch(struct tool_run *r, pid_t network)
{
    size_t n = 0;
    for (size_t i = 0; i < r->keys.own_count; i++)
        if (strstr(r->keys.own[i], r->keys.drop->path))
            r->marks[n++] = r->keys.own[i];
    free(r->packets);
    r->packets = tool_folder_file(&r->folder, TOOL_RUN_PASTA);
    if (r->packets)
        r->marks[n++] = r->packets;
    r->watch.command = &tool_run;
    r->watch.folder = &r->folder;
    r->watch.drop = r->keys.drop;
    r->watch.helpers = r->helpers;
    r->watch.network = network;
    r->watch.marks = r->marks;
    r->watch.mark_count = n;
    r->watch.limit = r->child.mark;
    if (tool_watch_start(&r->watch))
        add_helper(r, r->watch.pid);
}

/* Whether it begins in a network of its own; the reason why not in `why`. */
static bool begin_isolated(struct tool_run *r, char *why, size_t size)
{
    int reason = 0;
    r->child.isolated = true;
    r->resolver = tool_run_resolver(&r->folder);
    r->child.resolver = r->resolver;
    if (!tool_pasta_is_there()) {
        (void)snprintf(why, size, "%s", _("pasta is not installed (Debian: passt)"));
        return false;
    }
    if (!tool_child_begin(&r->child, &reason)) {
        (void)snprintf(why, size, _("no network of its own is to be had: %s"), wt_error_reason(reason));
        return false;
    }
    start_watch(r, r->child.pid);
    r->pasta = (struct tool_pasta){.command = &tool_run, .folder = &r->folder, .forward = &r->forward};
    if (!tool_pasta_start(&r->pasta, r->child.pid)) {
        /* TRANSLATORS: pasta is a program */
        (void)snprintf(why, size, _("pasta: %s"), r->pasta.why);
        tool_child_drop(&r->child);
        (void)tool_watch_end(&r->watch);
        memset(r->helpers, 0, sizeof r->helpers);
        return false;
    }
    add_helper(r, r->pasta.pid);
    tool_watch_except(&r->watch, r->pasta.pid);
    r->way = TOOL_RUN_ISOLATED;
    return true;
}

static bool begin_beside(struct tool_run *r, char *why, size_t size)
{
    int reason = 0;
    r->child.isolated = false;
    r->recorder = (struct tool_recorder){.command = &tool_run, .folder = &r->folder};
    if (!tool_recorder_start(&r->recorder)) {
        (void)snprintf(why, size, "%s", r->recorder.why);
        return false;
    }
    add_helper(r, r->recorder.pid);
    if (!tool_child_begin(&r->child, &reason)) {
        (void)snprintf(why, size, "%s", wt_error_reason(reason));
        (void)tool_recorder_end(&r->recorder);
        memset(r->helpers, 0, sizeof r->helpers);
        return false;
    }
    start_watch(r, 0);
    r->way = TOOL_RUN_BESIDE;
    return true;
}

/* What is allowed, unless a way was asked for; 0, or an exit status. */
static int begin(struct tool_run *r)
{
    char why[2][640] = {"", ""};
    const bool may = tool_recorder_may();
    int reason = 0;
    if (!r->isolate && (r->beside || may) && begin_beside(r, why[0], sizeof why[0]))
        return 0;
    if (!r->beside && (r->isolate || !may) && begin_isolated(r, why[1], sizeof why[1]))
        return 0;
    if (r->isolate || r->beside) {
        tool_complain(&tool_run, "%s", why[r->isolate]);
        return TOOL_RUN_FAILED;
    }
    if (tool_pasta_is_there())
        tool_complain(&tool_run, _("nothing is captured: %s; run wiretale as root"), *why[1] ? why[1] : why[0]);
    else
        tool_complain(&tool_run, "%s",
                      _("nothing is captured, as pasta is not installed: install passt, or run wiretale as root"));
    r->child.isolated = false;
    if (tool_child_begin(&r->child, &reason)) {
        start_watch(r, 0);
        return 0;
    }
    tool_complain(&tool_run, "%s", wt_error_reason(reason));
    return TOOL_RUN_FAILED;
}

/* ---- the run */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void look(void *context)
{
    struct tool_run *r = context;
    tool_run_keys_copy(&r->keys);
}

static int not_started(const struct tool_run *r, int reason)
{
    tool_complain(&tool_run, "%s: %s", r->child.argv[0],
                  reason == ENOENT ? _("no such program") : wt_error_reason(reason));
    return reason == ENOENT ? TOOL_RUN_NOT_FOUND : TOOL_RUN_NOT_STARTED;
}

/* Programs that trace others cannot be traced themselves. */
static bool is_tracer(const char *program)
{
    static const char *const names[] = {"strace", "ltrace", "gdb", "gdbserver", "lldb", "lldb-server", "rr", NULL};
    for (const char *const *n = names; *n; n++)
        if (!strcmp(program, *n))
            return true;
    return false;
}

/* Why there are no breakpoints; NULL: there are. Beside others only root has them: else set-user-ID programs would lose
 * their rights by it. */
static const char *begin_trace(struct tool_run *r)
{
    if (r->untraced)
        return N_("it has given no key away; without --no-trace it would be stopped where its secrets pass");
    if (is_tracer(r->program))
        return N_("it has given no key away, and what traces others cannot be stopped where its secrets pass");
    if (r->way != TOOL_RUN_ISOLATED && geteuid() != 0)
        return N_("it has given no key away; as root, or with --isolate, wiretale can stop it where its secrets pass");
    r->trace = tool_trace_new(tool_run_keys_line, &r->keys);
    const int reason = r->trace ? tool_trace_begin(r->trace, r->child.pid) : ENOMEM;
    if (!reason)
        return NULL;
    tool_trace_free(r->trace);
    r->trace = NULL;
    return reason == ENOSYS
               ? N_("it has given no key away, and on this kind of machine wiretale cannot stop it where its "
                    "secrets pass")
               : N_("it has given no key away, and the system does not let wiretale stop it where its "
                    "secrets pass (ptrace is forbidden, by yama, seccomp or a container)");
}

static void add_name(struct tool_words *names, const char *path)
{
    if (path)
        (void)tool_words_add_copy(names, last_part(path));
}

void tool_run_nameless(struct tool_run *r, const char *path)
{
    add_name(&r->nameless, path);
}

static void end_trace(struct tool_run *r)
{
    const struct tool_trace_seen *seen = NULL;
    const size_t n = r->trace ? tool_trace_seen(r->trace, &seen) : 0;
    for (size_t i = 0; i < n; i++) {
        if (seen[i].program == TOOL_PROGRAM_NAMELESS)
            tool_run_nameless(r, seen[i].path);
        if (seen[i].held)
            add_name(&r->held, seen[i].path);
    }
    if (r->trace)
        tool_trace_free(r->trace);
    r->trace = NULL;
}

static int go(struct tool_run *r)
{
    r->no_trace = begin_trace(r);
    tool_wait_signals(); /* the child is there already, and has nothing of this */
    r->child.watched = r->watch.pid > 0;
    const int reason = tool_child_go(&r->child);
    if (reason) {
        tool_child_drop(&r->child);
        end_trace(r);
        return not_started(r, reason);
    }
    struct tool_wait wait = {.command = &tool_run,
                             .program = r->program,
                             .child = r->child.pid,
                             .helpers = r->helpers,
                             .seconds = r->seconds,
                             .network = r->way == TOOL_RUN_ISOLATED ? r->watch.pid : 0,
                             .trace = r->trace,
                             .look = r->keys.users ? look : NULL,
                             .context = r};
    tool_wait_for(&wait);
    end_trace(r);
    r->ended = true;
    return tool_child_status(wait.status);
}

/* What was recorded is whole then. */
static void end_ways(struct tool_run *r)
{
    tool_pasta_end(&r->pasta);
    r->watched = tool_watch_end(&r->watch);
    if (r->way == TOOL_RUN_BESIDE)
        r->recorded = tool_recorder_end(&r->recorder);
}

bool tool_run_leave(struct tool_run *r)
{
    const int missing = r->keep && r->keys.drop != &r->folder ? tool_run_keys_keep(&r->keys) : 0;
    if (missing)
        tool_complain(&tool_run, "%s: %s", r->folder.path, wt_error_reason(missing));
    tool_folder_remove(&r->drop);
    tool_folder_remove(&r->folder);
    tool_wait_signals_default();
    return !missing;
}

static int perform(struct tool_run *r)
{
    int status = r->target.pid ? tool_run_pid_begin(r) : begin(r);
    if (status)
        return status;
    if (r->target.pid) {
        start_watch(r, 0);
        tool_run_pid_listen(r);
    } else {
        status = go(r);
    }
    end_ways(r);
    if (r->ended && r->way != TOOL_RUN_BLIND)
        tool_run_report(r, &status);
    else if (r->ended)
        (void)tool_run_leave(r);
    return status;
}

/* There is no place for packets and keys: the program is there all the same. */
static int do_without(struct tool_run *r)
{
    tool_complain(&tool_run, "%s", _("nothing is captured, as there is no folder for it: name one with TMPDIR"));
    r->child.environment = tool_environment ? tool_environment : environ;
    return not_started(r, tool_child_only(&r->child));
}

/* 0: without randomness there is none. */
static uint64_t any_mark(void)
{
    uint64_t mark = 0;
    return getrandom(&mark, sizeof mark, 0) == (ssize_t)sizeof mark ? UINT64_C(1) << 62 | mark >> 3 : 0;
}

/* Whom it is about: a program, or a process. */
static bool choose(struct tool_run *r, char **argv)
{
    if (!r->target.pid) {
        r->program = last_part(argv[0]);
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* what loses its parents is still of this run */
        return true;
    }
    r->program = r->target.name;
    if (tool_probes_built())
        return tool_target_open(&r->target, &tool_run, r->target.pid);
    tool_complain(&tool_run, "%s", _("--pid takes libbpf, which this wiretale was built without"));
    return false;
}

static int prepare(struct tool_run *r, char **argv)
{
    int status = TOOL_RUN_FAILED;
    if (!choose(r, argv))
        return TOOL_RUN_FAILED;
    tool_read_name(r->reading, r->program);
    r->keys.command = &tool_run;
    r->keys.folder = &r->folder;
    r->child = (struct tool_child){.command = &tool_run, .argv = argv, .mark = any_mark(), .gate = -1};
    r->watch.control = -1;
    const bool others =
        geteuid() == 0 && !r->target.pid; /* its program may become somebody else, and write keys then */
    if (!tool_folder_open(&r->folder, r->keep))
        return r->keep || r->target.pid ? TOOL_RUN_FAILED : do_without(r);
    r->keys.drop = others ? &r->drop : &r->folder;
    char **environment = tool_environment ? tool_environment : environ;
    if ((!others || tool_folder_open_drop(&r->drop)) && tool_run_report_open(r) &&
        tool_run_keys_open(&r->keys, r->target.pid ? NULL : environment)) {
        r->child.environment = r->keys.environment;
        status = perform(r);
    }
    if (r->keep && r->ended)
        tool_complain(&tool_run, _("packets and keys are in %s"), r->folder.path);
    tool_run_report_close(r);
    tool_run_keys_close(&r->keys);
    free(r->resolver);
    free(r->packets);
    tool_folder_close(&r->drop);
    tool_folder_close(&r->folder);
    return status;
}

/* Numbers that wiretale was started without are not for its own files, and not the program's either. */
static void hold_numbers(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", O_RDWR | O_CLOEXEC); /* gets the lowest that is free */
}

static int run(int argc, char **argv)
{
    static struct tool_run r;
    struct tool_arguments a = {.command = &tool_run, .argv = argv, .argc = argc, .program = true};
    int status = TOOL_USAGE, which = TOOL_WRONG;
    r = (struct tool_run){
        .folder.fd = -1, .drop.fd = -1, .keys = {.users_fd = -1, .trace_fd = -1}, .target.handle = -1};
    hold_numbers();
    tool_run_report_prepare(&r);
    while (r.reading && (which = tool_arguments_next(&a)) >= 0 && option(&r, &a))
        ;
    if (which == TOOL_END && settle(&r, a.operands) && tool_run_report_settle(&r)) {
        argv[a.operands] = NULL;
        status = prepare(&r, argv);
    }
    tool_target_close(&r.target);
    tool_read_free(r.reading);
    tool_words_free_copies(&r.nameless);
    tool_words_free_copies(&r.held);
    free(r.forward.words);
    return status;
}
