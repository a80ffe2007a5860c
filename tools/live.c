/* wiretale live: a line for each TLS connection of an interface as soon as its outcome is known. */
#include "tool.h"

#include "wiretale/filter.h"
#include "wiretale/live.h"
#include "wiretale/observer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#define WAIT_MS 250
#define IDLE_SECONDS 900 /* a connection silent for so long is let go: live use has no end of file */

enum { INTERFACE, BPF, JSON, FILTER, SNAPLEN, BUFFER, PROMISCUOUS, COLOR, ASCII, COLUMNS };

static const struct tool_option options[] = {
    [INTERFACE] = {'i', "interface", N_("NAME"), false, N_("where to listen; 'any' for all interfaces (needed)")},
    [BPF] = {0, "bpf", N_("FILTER"), false, N_("libpcap's filter, applied by the kernel: 'tcp port 443'")},
    [JSON] = {'j', "json", NULL, false, N_("one JSON object per line: each connection, then the summary")},
    [FILTER] = {'f', "filter", N_("EXPRESSION"), false, N_("only connections of which this display filter is true")},
    [SNAPLEN] = {'s', "snaplen", N_("BYTES"), false, N_("cut packets to this length; they are whole otherwise")},
    [BUFFER] = {'B', "buffer", N_("MIB"), false, N_("the kernel's buffer; larger ones drop less under load")},
    [PROMISCUOUS] = {'p', "promiscuous", NULL, false, N_("also listen to what is meant for others")},
    [COLOR] = {0, "color", N_("WHEN"), true, N_("always, never or auto (on a terminal, unless NO_COLOR is set)")},
    [ASCII] = {0, "ascii", NULL, false, N_("no arrows or lines beyond ASCII")},
    [COLUMNS] = {0, "columns", N_("NUMBER"), false, N_("width of the text; otherwise the terminal's")},
    {0},
};

static int run(int argc, char **argv);

const struct tool_command tool_live = {
    .name = "live",
    .operands = NULL,
    .text = N_("watch an interface: a line per TLS connection as it becomes known"),
    .more =
        N_("Opening an interface needs root or the capability CAP_NET_RAW; both are given up as soon as it is open.\n"
           "With a filter that looks into messages, a connection is told when it has ended.\n"
           "Ctrl-C ends it: connections still open are told, and how many packets were dropped."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_narrator narrator;
    struct tool_look look;
    struct wt_live_options open;
    const char *expression;
    struct wt_output output;
};

static struct wt_live *listening; /* for the signal handler */

static void stop(int number)
{
    (void)number;
    wt_live_stop(listening);
}

static bool option(struct job *job, struct tool_arguments *a, int which)
{
    unsigned long number = 0;
    switch (which) {
    case INTERFACE:
        job->open.interface = a->value;
        return true;
    case BPF:
        job->open.bpf = a->value;
        return true;
    case JSON:
        job->narrator.json = true;
        return true;
    case FILTER:
        job->expression = a->value;
        return true;
    case SNAPLEN:
        if (!tool_arguments_number(a, "snaplen", 64, 262144, &number))
            return false;
        job->open.snaplen = (int)number;
        return true;
    case BUFFER:
        if (!tool_arguments_number(a, "buffer", 1, 1024, &number))
            return false;
        job->open.buffer = (int)number << 20;
        return true;
    case PROMISCUOUS:
        job->open.promiscuous = true;
        return true;
    case COLOR:
        if (tool_look_color(&job->look, a->value))
            return true;
        tool_complain(&tool_live, _("--color is always, never or auto, not '%s'"), a->value);
        return false;
    case ASCII:
        job->look.ascii = true;
        return true;
    case COLUMNS:
        if (!tool_arguments_number(a, "columns", 20, 1000, &number))
            return false;
        job->look.columns = (unsigned)number;
        return true;
    default:
        return false;
    }
}

static void known(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    tool_narrator_tell(&job->narrator, connection);
    tool_stdout_flush(&job->output);
}

/* Those whose outcome did not show before are told when they end. */
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
                        " by the interface: a larger --buffer or a --bpf filter helps"),
                      now->received, now->dropped, now->dropped_interface);
    else if (last)
        tool_complain(&tool_live, _("%" PRIu64 " packets received, none dropped"), now->received);
}

static void listen_on(struct job *job, struct wt_live *live, struct wt_observer *observer)
{
    uint64_t told = 0; /* drops that were reported: a new line only when they have doubled */
    struct wt_live_counters counters;
    struct wt_packet packet;
    int status;
    while (!job->output.failed && (status = wt_live_next(live, &packet, WAIT_MS)) >= 0) {
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
    wt_observer_finish(observer);
    if (job->narrator.json)
        wt_report_json_summary(&job->output, wt_observer_summary(observer));
    else
        wt_report_text_summary(&job->output, job->open.interface, wt_observer_summary(observer), &job->narrator.text);
    tool_stdout_flush(&job->output);
    counters = wt_live_counters(live);
    report_drops(&counters, true);
}

static int observe(struct job *job, struct wt_live *live)
{
    /* A filter that looks into messages can decide only when all of them have passed. */
    bool late = job->narrator.filter && wt_filter_needs_messages(job->narrator.filter);
    struct wt_observer_options o = {
        .connection = ended,
        .known = late ? NULL : known,
        .context = job,
        .keep_messages = late,
        .idle_seconds = IDLE_SECONDS,
    };
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C kills */
    struct wt_observer *observer = wt_observer_new(&o);
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
    struct wt_live *live = wt_live_open(&job->open, message, sizeof message);
    int status;
    if (!live) {
        tool_complain(&tool_live, "%s", message);
        return TOOL_BAD_INPUT;
    }
    if (wt_live_drop_privileges(message, sizeof message)) {
        tool_complain(&tool_live, _("listening on %s; Ctrl-C ends"), job->open.interface);
        status = observe(job, live);
    } else {
        tool_complain(&tool_live, "%s", message);
        status = TOOL_BAD_INPUT;
    }
    wt_live_close(live);
    return status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_live, .argv = argv, .argc = argc};
    struct job job = {.narrator = {.form = TOOL_LINES}};
    struct wt_filter_error error;
    struct wt_filter *filter = NULL;
    int which, status;
    while ((which = tool_arguments_next(&a)) >= 0)
        if (!option(&job, &a, which))
            return TOOL_USAGE;
    if (which == TOOL_WRONG)
        return TOOL_USAGE;
    if (a.operands > 0 || !job.open.interface) {
        tool_complain(&tool_live, _("which interface? As in: wiretale live -i %s"), a.operands > 0 ? argv[0] : "any");
        return TOOL_USAGE;
    }
    if (job.expression && !(filter = wt_filter_compile(job.expression, &error))) {
        tool_complain(&tool_live, _("filter, column %u: %s"), error.column, error.message);
        return TOOL_USAGE;
    }
    job.narrator.filter = filter;
    job.narrator.text = tool_look_settle(&job.look);
    status = open_and_observe(&job);
    wt_filter_free(filter);
    return status;
}
