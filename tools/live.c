/* wiretale live: the TLS connections of an interface, or of a capture that grows, each when it ends. */
#include "wiretale/live.h"
#include "await.h"
#include "common.h"
#include "html.h"
#include "rights.h"
#include "spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 250
#define HOLD_MS                                                                                                        \
    200            /* a packet waits so long for its keys: their owner writes them down a moment after he needs them   \
                    */
#define LOOK_MS 40 /* between two looks at the key logs */
#define HOLDING_BUFFER (64 << 20) /* bytes: what comes in HOLD_MS over 2.5 Gbit/s */
#define IDLE_SECONDS 900          /* a connection silent for so long is let go: live use has no end of file */

static const uint8_t options[] = {
    OPTION_INTERFACE, OPTION_READ,      OPTION_BPF,          OPTION_SNAPLEN,    OPTION_BUFFER,   OPTION_PROMISCUOUS,
    OPTION_WRITE,     OPTION_FILE_SIZE, OPTION_FILE_SECONDS, OPTION_FILE_COUNT, OPTION_USER,     OPTION_MAX_MEMORY,
    OPTION_JSON,      OPTION_LINES,     OPTION_REDACT,       OPTION_SECRETS,    OPTION_HTML,     OPTION_HTML_MAX,
    OPTION_FILTER,    OPTION_FAILED,    OPTIONS_OF_KEYS,     OPTIONS_OF_TRUST,  OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_live = {
    .name = "live",
    .operands = NULL,
    .text = N_("watch an interface or a growing capture: each TLS connection when it ends"),
    .more =
        N_("A connection is one line; below it, if it failed or something is wrong, why and what to do. The overview "
           "follows at the end.\n"
           "Opening an interface needs root or the capability CAP_NET_RAW; both are dropped as soon as it is open.\n"
           "A --keylog file is read as it grows; it may not exist yet. One that is open stays open after root was "
           "dropped.\n"
           "Ctrl-C stops: connections still open are shown, and how many packets were dropped."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct tool_narrator narrator;
    struct wt_live_options open;
    const char *read; /* a capture that grows, or NULL */
    const char *user;
    struct tool_spool spool;
    struct tool_await await;
    struct tool_html page;
    bool secrets, redact, up;
    struct tool_words readable; /* files and folders that are opened later: trusted roots, key logs that are replaced */
    struct wt_output output;
    int64_t minute;    /* since the beginning, as of the last look */
    int64_t begun_ms;  /* by the same clock as the next */
    int64_t looked_ms; /* when the key logs were read last, by the monotonic clock */
};

static bool number_option(const struct tool_arguments *a, uint64_t most, uint64_t *out)
{
    return tool_arguments_number(a, 1, most, out);
}

/* Of the files that are written. */
static bool spool_option(struct tool_spool *spool, const struct tool_arguments *a)
{
    uint64_t number = 0;
    switch (a->id) {
    case OPTION_WRITE:
        spool->path = a->value;
        return true;
    case OPTION_FILE_SIZE:
        if (!number_option(a, 1000000, &number))
            return false;
        spool->size_most = number * 1000000;
        return true;
    case OPTION_FILE_SECONDS:
        return number_option(a, 31536000, &spool->seconds);
    default:
        return number_option(a, 99999, &spool->count);
    }
}

/* Of the page, and of what is shown there and elsewhere. */
static bool page_option(struct job *job, const struct tool_arguments *a)
{
    uint64_t number = 0;
    if (a->id == OPTION_REDACT) {
        job->redact = true;
        return true;
    }
    if (a->id == OPTION_SECRETS) {
        job->secrets = job->page.secrets = true;
        return true;
    }
    if (a->id == OPTION_HTML) {
        job->page.path = a->value;
        return true;
    }
    if (!number_option(a, 10000000, &number))
        return false;
    job->page.most = (uint32_t)number;
    return true;
}

static bool option(struct job *job, const struct tool_arguments *a)
{
    uint64_t number = 0;
    switch (a->id) {
    case OPTION_REDACT:
    case OPTION_SECRETS:
    case OPTION_HTML:
    case OPTION_HTML_MAX:
        return page_option(job, a);
    case OPTION_INTERFACE:
        job->open.interface = a->value;
        return true;
    case OPTION_BPF:
        job->open.bpf = a->value;
        return true;
    case OPTION_SNAPLEN:
        if (!tool_arguments_number(a, 64, 262144, &number))
            return false;
        job->open.snaplen = (int)number;
        return true;
    case OPTION_BUFFER:
        if (!tool_arguments_number(a, 1, 1024, &number))
            return false;
        job->open.buffer = (int)number << 20;
        return true;
    case OPTION_PROMISCUOUS:
        job->open.promiscuous = true;
        return true;
    case OPTION_READ:
        job->read = a->value;
        return true;
    case OPTION_USER:
        job->user = a->value;
        return true;
    case OPTION_LINES:
        job->narrator.form = TOOL_LINES;
        return true;
    case OPTION_WRITE:
    case OPTION_FILE_SIZE:
    case OPTION_FILE_SECONDS:
    case OPTION_FILE_COUNT:
        return spool_option(&job->spool, a);
    case OPTION_CA_PATH:
        return tool_words_add(&job->readable, a->value) && tool_common_option(&job->common, a);
    default:
        return tool_common_option(&job->common, a);
    }
}

static void ended(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    tool_narrator_tell(&job->narrator, connection);
    tool_stdout_flush(&job->output);
}

static bool is_wanted(void *context, const struct wt_connection *begun)
{
    const struct job *job = context;
    return tool_narrator_may_tell(&job->narrator, begun);
}

static void report_drops(const char *interface, const struct wt_live_counters *now, bool last)
{
    if (now->dropped + now->dropped_interface > 0)
        tool_complain(&tool_live,
                      _("%" PRIu64 " packets received, %" PRIu64 " dropped by the kernel, %" PRIu64
                        " by the interface: try a larger --buffer or a --bpf filter"),
                      now->received, now->dropped, now->dropped_interface);
    else if (last)
        tool_complain(&tool_live, _("%" PRIu64 " packets received, none dropped"), now->received);
    if (last && now->down)
        tool_complain(&tool_live,
                      ngettext_("%s was down %" PRIu64 " time: packets of that time are missing",
                                "%s was down %" PRIu64 " times: packets of that time are missing", now->down),
                      interface, now->down);
}

static int64_t wall_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Key logs that grow: a fresh packet is held back for a moment, so that the secrets that open it are there. It stays in
 * the kernel's buffer meanwhile, with all that follow it. */
static void wait_for_keys(struct job *job, const struct wt_packet *packet)
{
    if (!tool_secrets_grow(&job->common.secrets))
        return;
    if (packet) {
        int64_t age = wall_ms() - packet->time.ns / 1000000;
        struct timespec rest = {.tv_nsec = (HOLD_MS - age) * 1000000};
        if (age >= 0 && age < HOLD_MS) /* a signal cuts it short: that packet is the last */
            (void)nanosleep(&rest, NULL);
    }
    int64_t now = tool_now_ms();
    if (now - job->looked_ms < LOOK_MS)
        return;
    job->looked_ms = now;
    tool_secrets_poll(&job->common.secrets);
    const int64_t minute = (now - job->begun_ms) / 60000;
    /* of a capture that is read, a later part may need them */
    if (job->open.interface && minute != job->minute)
        wt_keys_expire(job->common.secrets.keys, (uint64_t)minute);
    job->minute = minute;
}

static bool take(struct job *job, const struct wt_packet *packet)
{
    tool_await_packet(&job->await, packet);
    return tool_spool_packet(&job->spool, packet) && !job->output.failed;
}

/* One line each time that it goes down or comes up again. */
static void report_link(struct job *job, const struct wt_live *live)
{
    if (wt_live_is_up(live) == job->up)
        return;
    job->up = !job->up;
    tool_stdout_flush(&job->output);
    if (job->up)
        tool_complain(&tool_live, _("%s is up again"), job->open.interface);
    else
        tool_complain(&tool_live, _("%s is down: no packets come until it is up again"), job->open.interface);
}

/* False: the interface failed, as one that was removed; that is said. */
static bool listen_on(struct job *job, struct wt_live *live)
{
    uint64_t told = 0; /* drops that were reported: a new line only when they have doubled */
    struct wt_live_counters counters;
    struct wt_packet packet;
    int status;
    job->up = true;
    report_link(job, live);
    while (!job->output.failed && (status = wt_live_next(live, &packet, WAIT_MS)) >= 0) {
        wait_for_keys(job, status == 1 ? &packet : NULL);
        if (status == 1) {
            if (!take(job, &packet))
                break;
            continue;
        }
        report_link(job, live);
        tool_await_nothing(&job->await);
        tool_spool_flush(&job->spool);
        counters = wt_live_counters(live);
        if (counters.dropped + counters.dropped_interface > 2 * told) {
            told = counters.dropped + counters.dropped_interface;
            report_drops(job->open.interface, &counters, false);
        }
    }
    const char *failure = wt_live_failure(live);
    if (failure) {
        tool_stdout_flush(&job->output);
        tool_complain(&tool_live, _("%s: %s; everything before that point is reported"), job->open.interface, failure);
    }
    return !failure;
}

/* A capture that grows, which was opened already. False when it is damaged. */
static bool read_on(struct job *job, struct wt_capture *capture)
{
    struct wt_packet packet;
    while (!tool_await_is_over() && wt_capture_next(capture, &packet)) {
        wait_for_keys(job, &packet);
        if (!take(job, &packet))
            break;
    }
    return wt_capture_error(capture)->code == WT_OK;
}

static void report_end(struct job *job, const char *name)
{
    struct tool_narrator *n = &job->narrator;
    if (tool_secrets_grow(&job->common.secrets))
        tool_secrets_poll(&job->common.secrets);
    wt_observer_finish(job->await.observer);
    if (n->json) {
        wt_report_json_summary(&job->output, wt_observer_summary(job->await.observer), n->overview);
    } else {
        tool_narrator_file(n, name, wt_observer_summary(job->await.observer));
        tool_narrator_overview(n);
    }
    tool_stdout_flush(&job->output);
}

/* The last one, with all that was still open. */
static bool end_page(struct job *job)
{
    bool ok = true;
    if (job->page.page && (ok = tool_html_write(&job->page, job->await.observer, job->narrator.overview)))
        tool_html_report(&job->page);
    tool_html_close(&job->page);
    return ok;
}

static bool prepare(struct job *job)
{
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = ended,
        .context = job,
        .keep_messages = job->page.path || (job->narrator.filter && wt_filter_needs_messages(job->narrator.filter)),
        .keep_packet_headers = job->page.path != NULL,
        .keep_segments = job->page.path != NULL,
        .keep_datagrams = job->page.path != NULL,
        .keep_secrets = job->secrets,
        .forget_secrets = true,
        .keep_record_steps = job->page.path && job->secrets ? TOOL_HTML_RECORDS : 0,
        .neutral = job->page.path || job->redact,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .trust = job->common.trust,
        .digest_plaintext = job->narrator.json || job->page.path,
        .read_application = true,
        .idle_seconds = IDLE_SECONDS,
        .as_they_end = true,
        .max_memory = job->common.max_memory,
        .wanted = job->narrator.filter ? is_wanted : NULL,
    };
    if (job->redact && !tool_narrator_redact(&job->narrator))
        return false;
    job->narrator.overview = wt_overview_new();
    job->await = (struct tool_await){.observer = wt_observer_new(&o, NULL),
                                     .narrator = &job->narrator,
                                     .output = &job->output,
                                     .secrets = &job->common.secrets,
                                     .grows = true};
    if (job->await.observer && job->narrator.overview)
        return true;
    tool_complain(&tool_live, "%s", _("out of memory"));
    return false;
}

/* From an interface, or from the capture that grows. */
static int observe(struct job *job, struct wt_live *live, int fd)
{
    const char *name = live ? job->open.interface : job->read;
    struct wt_capture *capture = NULL;
    bool ok = true;
    tool_await_begin(&job->await, live);
    tool_stdout_open(&job->output);
    tool_narrator_begin(&job->narrator, &job->output);
    wt_observer_file(job->await.observer, name);
    if (live) {
        ok = listen_on(job, live);
    } else {
        capture = tool_capture_await(&tool_live, name, fd, &job->common.secrets, &job->await);
        ok = capture && read_on(job, capture);
    }
    tool_await_end();
    report_end(job, name);
    if (!end_page(job))
        ok = false;
    if (live) {
        struct wt_live_counters counters = wt_live_counters(live);
        report_drops(job->open.interface, &counters, true);
    }
    if (capture && !tool_capture_close(&tool_live, name, capture))
        ok = false;
    if (!tool_spool_close(&job->spool))
        ok = false;
    tool_narrator_end(&job->narrator);
    int status = tool_stdout_close(&job->output);
    return ok ? status : TOOL_BAD_INPUT;
}

static void complain_of(const struct wt_problem *problem)
{
    char message[512];
    (void)wt_problem_format(problem, message, sizeof message);
    tool_complain(&tool_live, "%s", message);
}

static void confine(struct job *job)
{
    const char *made[2];
    size_t made_count = 0;
    bool all = true;
    if (job->page.path)
        made[made_count++] = job->page.path;
    if (job->spool.path && (job->spool.size_most || job->spool.seconds))
        made[made_count++] = job->spool.path;
    for (size_t i = 0; i < job->common.secrets.logs.n; i++) /* another log may take its name */
        all = tool_words_add(&job->readable, job->common.secrets.logs.words[i]) && all;
    if (all)
        tool_rights_confine(&job->readable, made, made_count);
}

/* All that needs root is open; nothing is read before root is gone. */
static int drop_and_observe(struct job *job, struct wt_live *live, int fd)
{
    struct wt_problem problem;
    const bool was_root = geteuid() == 0;
    if (!wt_live_drop_privileges_to(job->user, &problem)) {
        complain_of(&problem);
        return TOOL_BAD_INPUT;
    }
    if (!tool_spool_may_rotate(&job->spool))
        return TOOL_BAD_INPUT;
    if ((was_root && job->page.path && !tool_rights_may_make(&tool_live, job->page.path, job->spool.uid)) ||
        !tool_html_begin(&job->page, job->await.observer, job->narrator.overview))
        return TOOL_BAD_INPUT;
    confine(job);
    if (live)
        tool_complain(&tool_live, _("listening on %s; Ctrl-C to stop"), job->open.interface);
    else
        tool_complain(&tool_live, _("reading %s as it grows; Ctrl-C to stop"), job->read);
    return observe(job, live, fd);
}

static int open_and_observe(struct job *job)
{
    struct wt_problem problem;
    struct wt_live *live = job->read ? NULL : wt_live_open(&job->open, &problem);
    int fd = -1, status = TOOL_BAD_INPUT;
    if (!job->read && !live) {
        complain_of(&problem);
        return TOOL_BAD_INPUT;
    }
    if (job->read && (fd = tool_capture_fd(&tool_live, job->read)) < 0)
        return TOOL_BAD_INPUT;
    if (tool_html_open(&job->page) && tool_spool_open(&job->spool) && prepare(job))
        status = drop_and_observe(job, live, fd);
    (void)tool_spool_close(&job->spool);
    tool_html_close(&job->page);
    wt_observer_free(job->await.observer);
    wt_overview_free(job->narrator.overview);
    wt_redaction_free(job->narrator.redaction);
    wt_live_close(live);
    return status;
}

static bool settle_page(struct job *job)
{
    struct tool_html *page = &job->page;
    if (page->most && !page->path) {
        tool_complain(&tool_live, _("--%s needs --html"), "html-max");
        return false;
    }
    if (job->secrets && job->redact) {
        tool_complain(&tool_live, _("--redact cannot be combined with --%s"), "secrets");
        return false;
    }
    if (job->secrets && !page->path && !job->common.json) {
        tool_complain(&tool_live, "%s", _("--secrets needs --json or --html: a line has no room for them"));
        return false;
    }
    if (page->path && !strcmp(page->path, "-")) {
        tool_complain(&tool_live, "%s", _("--html needs a file: the report goes to standard output"));
        return false;
    }
    page->command = &tool_live;
    page->newest = true;
    job->narrator.page = page->path ? page : NULL;
    return true;
}

/* Options that need others. */
static bool settle(struct job *job, char **operands, int count)
{
    struct tool_spool *spool = &job->spool;
    const char *alone = job->open.bpf           ? "bpf"
                        : job->open.snaplen     ? "snaplen"
                        : job->open.buffer      ? "buffer"
                        : job->open.promiscuous ? "promiscuous"
                                                : NULL;
    if (count > 0 || (!job->open.interface && !job->read)) {
        tool_complain(&tool_live, _("missing interface: wiretale live -i %s"), count > 0 ? operands[0] : "any");
        return false;
    }
    if (job->open.interface && job->read) {
        tool_complain(&tool_live, "%s", _("--interface cannot be combined with --read"));
        return false;
    }
    if (job->read && alone) {
        tool_complain(&tool_live, _("--%s needs --interface"), alone);
        return false;
    }
    if ((spool->size_most || spool->seconds || spool->count) && !spool->path) {
        tool_complain(&tool_live, _("--%s needs --write"),
                      spool->size_most ? "file-size"
                      : spool->seconds ? "file-seconds"
                                       : "file-count");
        return false;
    }
    if (spool->count && !spool->size_most && !spool->seconds) {
        tool_complain(&tool_live, "%s", _("--file-count needs --file-size or --file-seconds"));
        return false;
    }
    if (spool->path && !strcmp(spool->path, "-")) {
        tool_complain(&tool_live, "%s", _("--write needs a file: the report goes to standard output"));
        return false;
    }
    if (!settle_page(job))
        return false;
    spool->command = &tool_live;
    return tool_rights_user(&tool_live, job->user, &spool->uid, &spool->gid) &&
           tool_common_compile(&job->common, &tool_live);
}

static int watch(struct job *job, char **operands, int count)
{
    int status;
    if (!settle(job, operands, count))
        return TOOL_USAGE;
    job->begun_ms = tool_now_ms();
    job->narrator.filter = job->common.filter;
    job->narrator.json = job->common.json;
    job->narrator.text = tool_look_settle(&job->common.look);
    /* Before root is given up: the files may be its alone. */
    char *inputs[1] = {(char *)job->read};
    job->page.inputs = inputs;
    job->page.input_count = job->read ? 1 : 0;
    status = tool_secrets_open(&job->common.secrets, &tool_live, true, inputs, job->read ? 1 : 0);
    if (tool_secrets_grow(&job->common.secrets) && !job->open.buffer)
        job->open.buffer = HOLDING_BUFFER;
    return status == TOOL_OK ? open_and_observe(job) : status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_live, .argv = argv, .argc = argc};
    struct job job = {.spool = {.fd = -1}, .narrator = {.form = TOOL_BRIEF}, .open.size = sizeof job.open};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && option(&job, &a))
        ;
    if (which == TOOL_END)
        status = watch(&job, argv, a.operands);
    tool_common_close(&job.common);
    free(job.readable.words);
    return status;
}
