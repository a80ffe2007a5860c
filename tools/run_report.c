#include "run.h"

#include "memory.h"
#include "wiretale/live.h"
#include "wiretale/write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What reads strangers' bytes is a process of its own: what becomes of it is nothing to the program's exit status. */
static int apart(int (*work)(struct tool_run *r), struct tool_run *r)
{
    (void)fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        tool_wait_signals_default();
        const int done = work(r);
        (void)fflush(NULL);
        _exit(done);
    }
    const int status = tool_wait_worker(pid);
    if (status >= 0 && WIFSIGNALED(status))
        tool_complain(&tool_run, "%s", _("interrupted: the story ends here"));
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : TOOL_BAD_INPUT;
}

/* ---- the story */

static void begins(void *context)
{
    const struct tool_run *r = context;
    (void)dup2(r->story, STDOUT_FILENO);
}

static const struct wt_process *process(void *context, const struct wt_connection *c)
{
    struct tool_run *r = context;
    return tool_told_process(&r->told, c);
}

static void told(void *context, const struct wt_connection *c)
{
    struct tool_run *r = context;
    tool_told_connection(&r->told, c);
}

void tool_run_report_prepare(struct tool_run *r)
{
    r->story = r->summary = -1;
    r->report.fd = r->capture.fd = -1;
    r->reading = tool_read_new(&(struct tool_reader){.command = &tool_run,
                                                     .requests_first = true,
                                                     .begins = begins,
                                                     .process = process,
                                                     .told = told,
                                                     .context = r});
}

/* How wide the text is, and whether in colour, is decided by where it goes: not by the program's output. */
bool tool_run_report_settle(struct tool_run *r)
{
    const int before = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    int to = STDERR_FILENO;
    if (r->output && strcmp(r->output, "-") == 0)
        to = STDOUT_FILENO;
    else if (r->output)
        to = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (to >= 0 && to != STDOUT_FILENO)
        (void)dup2(to, STDOUT_FILENO);
    const bool ok = tool_read_settle(r->reading);
    if (to > STDERR_FILENO)
        (void)close(to);
    if (before >= 0) {
        (void)dup2(before, STDOUT_FILENO);
        (void)close(before);
    } else {
        (void)close(STDOUT_FILENO); /* it was closed */
    }
    return ok;
}

/* In memory; where that is forbidden, a file that nobody finds. */
static int open_nameless(const struct tool_run *r, const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0)
        return fd;
    fd = openat(r->folder.fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)unlinkat(r->folder.fd, name, 0);
    return fd;
}

bool tool_run_report_open(struct tool_run *r)
{
    char *none[1] = {NULL};
    r->story = open_nameless(r, "story");
    r->summary = open_nameless(r, "summary");
    if (r->story < 0 || r->summary < 0) {
        tool_complain(&tool_run, "%s", wt_error_reason(errno));
        return false;
    }
    if (r->output && strcmp(r->output, "-") != 0 && !tool_file_open(&r->report, &tool_run, r->output, none, 0, true))
        return false;
    return !r->write || tool_file_open(&r->capture, &tool_run, r->write, none, 0, false);
}

static int read_story(struct tool_run *r)
{
    struct tool_text text;
    char *packets = tool_folder_file(&r->folder, r->sift.packets),
         *owners = tool_folder_file(&r->folder, TOOL_RUN_OWNERS);
    int status = TOOL_BAD_INPUT;
    r->owners = tool_owners_new();
    if (packets && owners && r->owners) {
        (void)tool_owners_load(r->owners, owners);
        tool_run_keys_load(&r->keys);
        r->told = (struct tool_told){.program = r->program,
                                     .keys = &r->keys,
                                     .owners = r->owners,
                                     .nameless = &r->nameless,
                                     .held = &r->held,
                                     .no_trace = r->no_trace,
                                     .beside = r->target.pid != 0,
                                     .since_ns = r->since_ns,
                                     .keyless = r->keyless};
        for (size_t i = 0; i < r->keys.logs.n; i++)
            (void)tool_read_keylog(r->reading, r->keys.logs.words[i]);
        status = tool_read_captures(r->reading, &packets, 1);
        tool_text_open(&text);
        tool_told_print(&r->told, &text.output);
        (void)tool_write(r->summary, text.bytes, text.length);
        tool_text_close(&text);
    }
    free(packets);
    free(owners);
    return status;
}

/* ---- the capture */

static bool add_line(void *context, const char *line, size_t length)
{
    struct tool_text *text = context;
    return text->output.write(text->output.context, line, length);
}

static bool write_packets(const struct tool_text *lines, struct wt_capture_writer *w, struct wt_capture *c)
{
    struct wt_packet packet;
    const struct wt_span secrets = {(const uint8_t *)lines->bytes, lines->length};
    bool ok = !secrets.n || wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, secrets);
    enum { ETHERNET = 1 }; /* a capture without a packet has an interface all the same */
    bool any = false;
    while (ok && wt_capture_next(c, &packet)) {
        ok = wt_capture_write_packet(w, &packet);
        any = true;
    }
    return ok && (any || wt_capture_write_interface(w, ETHERNET, 9)) && wt_capture_writer_finish(w);
}

static int write_capture(struct tool_run *r)
{
    struct wt_error error;
    struct wt_problem problem;
    const int fd = openat(r->folder.fd, r->sift.packets, O_RDONLY | O_CLOEXEC);
    struct wt_capture *c = fd < 0 ? NULL : wt_capture_open_fd(fd, r->sift.packets, &error);
    struct wt_capture_writer *w = wt_capture_writer_new(tool_file_write, &r->capture);
    struct tool_text lines;
    tool_text_open(&lines);
    tool_run_keys_load(&r->keys);
    bool ok = c && w && tool_run_keys_write(&r->keys, add_line, &lines);
    ok = ok && wt_live_drop_privileges(&problem) && write_packets(&lines, w, c);
    if (lines.bytes)
        explicit_bzero(lines.bytes, lines.capacity);
    tool_text_close(&lines);
    wt_capture_writer_free(w);
    if (c)
        wt_capture_close(c);
    return ok ? TOOL_OK : TOOL_BAD_INPUT;
}

/* ---- what is said */

static void copy(int from, int to)
{
    char block[65536];
    ssize_t n;
    for (off_t at = 0; (n = pread(from, block, sizeof block, at)) > 0; at += n)
        if (tool_write(to, block, (size_t)n) != 0)
            return;
}

static void say_refused(const struct tool_run *r)
{
    if (r->sift.refused)
        tool_complain(
            NULL,
            _("it was refused on 127.0.0.1:%u, which is the loopback of its own network: to reach this machine's add "
              "--forward %u"),
            r->sift.refused, r->sift.refused);
}

static void say_losses(const struct tool_run *r)
{
    const uint64_t dropped = r->watched.dropped + r->recorded.dropped;
    if (dropped)
        tool_complain(NULL,
                      ngettext_("%" PRIu64 " packet was dropped by the kernel: it is missing in the story",
                                "%" PRIu64 " packets were dropped by the kernel: they are missing in the story",
                                dropped),
                      dropped);
    if (r->keys_lost)
        tool_complain(NULL,
                      ngettext_("%" PRIu64 " secret came faster than it could be taken: a connection stays encrypted",
                                "%" PRIu64 " secrets came faster than they could be taken: connections stay encrypted",
                                r->keys_lost),
                      r->keys_lost);
    if (r->sift.others)
        tool_complain(
            NULL,
            ngettext_("%" PRIu64 " other TLS connection passed meanwhile, which nothing says to be of this run",
                      "%" PRIu64 " other TLS connections passed meanwhile, which nothing says to be of this run",
                      r->sift.others),
            r->sift.others);
}

static void say_turned_away(const struct tool_run *r)
{
    if (!r->sift.turned_away)
        return;
    tool_complain(
        NULL,
        ngettext_("%" PRIu64 " connection was refused meanwhile, by %s: nobody listens there, or a firewall rejects "
                  "it; it was over before it could be seen whose it was",
                  "%" PRIu64 " connections were refused meanwhile, the last by %s: nobody listens there, or a "
                  "firewall rejects them; they were over before it could be seen whose they were",
                  r->sift.turned_away),
        r->sift.turned_away, r->sift.by);
}

static int tell(struct tool_run *r)
{
    int status = TOOL_OK;
    copy(r->summary, STDERR_FILENO);
    say_refused(r);
    say_turned_away(r);
    say_losses(r);
    if (!r->output)
        copy(r->story, STDERR_FILENO);
    else if (r->report.fd < 0)
        copy(r->story, STDOUT_FILENO);
    else
        copy(r->story, r->report.fd);
    if (r->report.fd >= 0) {
        tool_file_share(&r->report);
        if (!tool_file_commit(&r->report))
            status = TOOL_BAD_INPUT;
    }
    return status;
}

void tool_run_report(struct tool_run *r, int *status)
{
    r->sift = (struct tool_sift){
        .command = &tool_run, .folder = &r->folder, .beside = r->way == TOOL_RUN_BESIDE, .keylogs = &r->keys.logs};
    tool_sift(&r->sift);
    int came = TOOL_BAD_INPUT;
    if (r->sift.failed) {
        tool_complain(&tool_run, "%s", _("its packets cannot be read"));
        (void)tool_run_leave(r);
    } else {
        came = apart(read_story, r);
        if (r->write && (apart(write_capture, r) != TOOL_OK || !tool_file_commit(&r->capture)))
            came = TOOL_BAD_INPUT;
        if (!tool_run_leave(r)) /* who does not read what is written now may take his time */
            came = TOOL_BAD_INPUT;
        if (tell(r) != TOOL_OK)
            came = TOOL_BAD_INPUT;
    }
    if (*status == 0)
        *status = came;
}

void tool_run_report_close(struct tool_run *r)
{
    tool_file_drop(&r->report);
    tool_file_drop(&r->capture);
    if (r->story >= 0)
        (void)close(r->story);
    if (r->summary >= 0)
        (void)close(r->summary);
}
