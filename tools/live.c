/* wiretale live: a line for each TLS connection of an interface as soon as its outcome is known. */
#include "wiretale/live.h"
#include "common.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define WAIT_MS 250
#define HOLD_MS                                                                                                        \
    200            /* a packet waits so long for its keys: their owner writes them down a moment after he needs them   \
                    */
#define LOOK_MS 40 /* between two looks at the key logs */
#define HOLDING_BUFFER (64 << 20) /* bytes: what comes in HOLD_MS over 2.5 Gbit/s */
#define IDLE_SECONDS 900          /* a connection silent for so long is let go: live use has no end of file */

static const uint8_t options[] = {OPTION_INTERFACE,   OPTION_BPF,      OPTION_SNAPLEN, OPTION_BUFFER,
                                  OPTION_PROMISCUOUS, OPTION_JSON,     OPTION_FILTER, OPTION_FAILED,  OPTIONS_OF_KEYS,
                                  OPTIONS_OF_TRUST,   OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_live = {
    .name = "live",
    .operands = NULL,
    .text = N_("watch an interface: one line per TLS connection as its outcome becomes known"),
    .more =
        N_("Opening an interface needs root or the capability CAP_NET_RAW; both are dropped as soon as it is open.\n"
           "With a filter on messages, a connection is shown when it has ended.\n"
           "A --keylog file is read as it grows; it may not exist yet.\n"
           "Ctrl-C stops: connections still open are shown, and how many packets were dropped."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct tool_narrator narrator;
    struct wt_live_options open;
    struct wt_output output;
    int64_t looked_ms; /* when the key logs were read last, by the monotonic clock */
};

static struct wt_live *listening; /* for the signal handler */

static void stop(int number)
{
    (void)number;
    wt_live_stop(listening);
}

static bool option(struct job *job, const struct tool_arguments *a)
{
    unsigned long number = 0;
    switch (a->id) {
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
    default:
        return tool_common_option(&job->common, a);
    }
}

static void known(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    tool_narrator_tell(&job->narrator, connection);
    tool_stdout_flush(&job->output);
}

/* Those whose outcome was not known before are reported when they end. */
static void ended(void *context, const struct wt_connection *connection)
{
    if (!connection->announced)
        known(context, connection);
}

static void report_drops(const struct wt_live_counters *now, bool last)
{
    if (now->dropped + now->dropped_interface > 0)
        tool_complain(&tool_live,
                      _("%" PRIu64 " packets received, %" PRIu64 " dropped by the kernel, %" PRIu64
                        " by the interface: try a larger --buffer or a --bpf filter"),
                      now->received, now->dropped, now->dropped_interface);
    else if (last)
        tool_complain(&tool_live, _("%" PRIu64 " packets received, none dropped"), now->received);
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Key logs that grow: a fresh packet is held back for a moment, so that the secrets that open it are there. It stays in
 * the kernel's buffer meanwhile, with all that follow it. */
static void wait_for_keys(struct job *job, const struct wt_packet *packet)
{
    if (!tool_secrets_grow(&job->common.secrets))
        return;
    if (packet) {
        int64_t age = now_ms(CLOCK_REALTIME) - packet->time.ns / 1000000;
        struct timespec rest = {.tv_nsec = (HOLD_MS - age) * 1000000};
        if (age >= 0 && age < HOLD_MS) /* a signal cuts it short: that packet is the last */
            (void)nanosleep(&rest, NULL);
    }
    int64_t now = now_ms(CLOCK_MONOTONIC);
    if (now - job->looked_ms < LOOK_MS)
        return;
    job->looked_ms = now;
    tool_secrets_poll(&job->common.secrets);
}

static void listen_on(struct job *job, struct wt_live *live, struct wt_observer *observer)
{
    uint64_t told = 0; /* drops that were reported: a new line only when they have doubled */
    struct wt_live_counters counters;
    struct wt_packet packet;
    int status;
    while (!job->output.failed && (status = wt_live_next(live, &packet, WAIT_MS)) >= 0) {
        wait_for_keys(job, status == 1 ? &packet : NULL);
        if (status == 1) {
            wt_observer_packet(observer, &packet);
            continue;
        }
        counters = wt_live_counters(live);
        if (counters.dropped + counters.dropped_interface > 2 * told) {
            told = counters.dropped + counters.dropped_interface;
            report_drops(&counters, false);
        }
    }
    if (tool_secrets_grow(&job->common.secrets))
        tool_secrets_poll(&job->common.secrets);
    wt_observer_finish(observer);
    if (job->narrator.json)
        wt_report_json_summary(&job->output, wt_observer_summary(observer), NULL);
    else
        wt_report_text_summary(&job->output, job->open.interface, wt_observer_summary(observer), &job->narrator.text);
    tool_stdout_flush(&job->output);
    counters = wt_live_counters(live);
    report_drops(&counters, true);
}

static int observe(struct job *job, struct wt_live *live)
{
    /* A filter on messages can decide only when all of them have been seen. */
    bool late = job->narrator.filter && wt_filter_needs_messages(job->narrator.filter);
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = ended,
        .known = late ? NULL : known,
        .context = job,
        .keep_messages = late,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .trust = job->common.trust,
        .digest_plaintext = job->narrator.json,
        .read_application = true,
        .idle_seconds = IDLE_SECONDS,
    };
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C kills */
    struct wt_observer *observer = wt_observer_new(&o, NULL);
    if (!observer) {
        tool_complain(&tool_live, "%s", _("out of memory"));
        return TOOL_BAD_INPUT;
    }
    listening = live;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    tool_stdout_open(&job->output);
    tool_narrator_begin(&job->narrator, &job->output);
    wt_observer_file(observer, job->open.interface);
    listen_on(job, live, observer);
    tool_narrator_end(&job->narrator);
    wt_observer_free(observer);
    return tool_stdout_close(&job->output);
}

static int open_and_observe(struct job *job)
{
    char message[512];
    struct wt_problem problem;
    struct wt_live *live = wt_live_open(&job->open, &problem);
    int status;
    if (!live) {
        (void)wt_problem_format(&problem, message, sizeof message);
        tool_complain(&tool_live, "%s", message);
        return TOOL_BAD_INPUT;
    }
    if (wt_live_drop_privileges(&problem)) {
        tool_complain(&tool_live, _("listening on %s; Ctrl-C to stop"), job->open.interface);
        status = observe(job, live);
    } else {
        (void)wt_problem_format(&problem, message, sizeof message);
        tool_complain(&tool_live, "%s", message);
        status = TOOL_BAD_INPUT;
    }
    wt_live_close(live);
    return status;
}

static int watch(struct job *job, char **operands, int count)
{
    int status;
    if (count > 0 || !job->open.interface) {
        tool_complain(&tool_live, _("missing interface: wiretale live -i %s"), count > 0 ? operands[0] : "any");
        return TOOL_USAGE;
    }
    if (!tool_common_compile(&job->common, &tool_live))
        return TOOL_USAGE;
    job->narrator.filter = job->common.filter;
    job->narrator.json = job->common.json;
    job->narrator.text = tool_look_settle(&job->common.look);
    /* Before root is given up: the files may be its alone. A log that is replaced later has to be readable without. */
    status = tool_secrets_open(&job->common.secrets, &tool_live, true, NULL, 0);
    if (tool_secrets_grow(&job->common.secrets) && !job->open.buffer)
        job->open.buffer = HOLDING_BUFFER;
    return status == TOOL_OK ? open_and_observe(job) : status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_live, .argv = argv, .argc = argc};
    struct job job = {.narrator = {.form = TOOL_LINES}, .open.size = sizeof job.open};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && option(&job, &a))
        ;
    if (which == TOOL_END)
        status = watch(&job, argv, a.operands);
    tool_common_close(&job.common);
    return status;
}
