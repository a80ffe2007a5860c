/* wiretale read: the story of every TLS connection in capture files. */
#include "tool.h"

#include "wiretale/capture.h"
#include "wiretale/filter.h"
#include "wiretale/observer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { JSON, MESSAGES, EXPLAIN, BYTES, LINES, SUMMARY, FILTER, STREAM, COLOR, ASCII, COLUMNS };

static const struct tool_option options[] = {
    [JSON] = {'j', "json", NULL, false, N_("one JSON object per line: each connection, then the summary")},
    [MESSAGES] = {'m', "messages", NULL, false, N_("every message of every connection: in JSON too")},
    [EXPLAIN] = {'e', "explain", NULL, false, N_("under each message, what it is for and what each field says")},
    [BYTES] = {'b', "bytes", NULL, false, N_("as --explain, with the bytes of each field")},
    [LINES] = {'l', "lines", NULL, false, N_("one line per connection, however few there are")},
    [SUMMARY] = {'s', "summary", NULL, false, N_("only the sums, no connections")},
    [FILTER] = {'f', "filter", N_("EXPRESSION"), false, N_("only connections of which this display filter is true")},
    [STREAM] = {'n', "stream", N_("NUMBER"), false, N_("only this conversation (Wireshark's tcp.stream)")},
    [COLOR] = {0, "color", N_("WHEN"), true, N_("always, never or auto (on a terminal, unless NO_COLOR is set)")},
    [ASCII] = {0, "ascii", NULL, false, N_("no arrows or lines beyond ASCII")},
    [COLUMNS] = {0, "columns", N_("NUMBER"), false, N_("width of the text; otherwise the terminal's")},
    {0},
};

static int run(int argc, char **argv);

const struct tool_command tool_read = {
    .name = "read",
    .operands = N_("CAPTURE..."),
    .text = N_("tell the story of every TLS connection in capture files"),
    .more =
        N_("A CAPTURE is pcap or pcapng, as it is or compressed with gzip, zstd or lz4; - is standard input.\n"
           "A file with few TLS connections is told whole, others in one line per connection.\n"
           "'wiretale fields' lists what a filter may name, as in --filter 'ip.addr==192.0.2.1 && tls'.\n"
           "Exit status: 0; 1 when an input is damaged or missing (what could be read is told); 2 for wrong usage."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_narrator narrator;
    struct tool_look look;
    const char *expression;
    bool explain, bytes;
    struct wt_filter *filter;
    struct wt_output output;
    struct wt_observer *observer;
    int status;
};

static bool option(struct job *job, struct tool_arguments *a, int which)
{
    unsigned long number;
    switch (which) {
    case JSON:
        job->narrator.json = true;
        return true;
    case MESSAGES:
        job->narrator.messages = true;
        return true;
    case BYTES:
        job->bytes = true;
        job->explain = true;
        return true;
    case EXPLAIN:
        job->explain = true;
        return true;
    case LINES:
        job->narrator.form = TOOL_LINES;
        return true;
    case SUMMARY:
        job->narrator.form = TOOL_SUMMARY;
        return true;
    case FILTER:
        job->expression = a->value;
        return true;
    case STREAM:
        job->narrator.one_stream = true;
        if (!tool_arguments_number(a, "stream", 0, UINT32_MAX, &number))
            return false;
        job->narrator.stream = (uint32_t)number;
        return true;
    case COLOR:
        if (tool_look_color(&job->look, a->value))
            return true;
        tool_complain(&tool_read, _("--color is always, never or auto, not '%s'"), a->value);
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

/* Options that cannot be had together, and what they imply of each other. */
static bool settle(struct job *job)
{
    struct tool_narrator *n = &job->narrator;
    bool detail = n->messages || job->explain;
    if (detail && n->form == TOOL_LINES) {
        tool_complain(&tool_read, _("--lines has no room for messages: leave out one of --lines and --%s"),
                      job->bytes     ? "bytes"
                      : job->explain ? "explain"
                                     : "messages");
        return false;
    }
    if (n->json && job->explain) {
        tool_complain(&tool_read, _("--%s is for people, --json for programs: leave out one, or use --json --messages"),
                      job->bytes ? "bytes" : "explain");
        return false;
    }
    if (detail && n->form == TOOL_AUTOMATIC)
        n->form = TOOL_STORIES;
    n->text = tool_look_settle(&job->look);
    n->text.explain = job->explain;
    n->text.bytes = job->bytes;
    return true;
}

/* Compiles the filter; where it is wrong is shown under the expression. */
static bool compile(struct job *job)
{
    struct wt_filter_error error;
    if (!job->expression)
        return true;
    job->filter = wt_filter_compile(job->expression, &error);
    if (!job->filter) {
        tool_complain(&tool_read, _("filter, column %u: %s"), error.column, error.message);
        (void)fprintf(stderr, "    %s\n    %*s^\n", job->expression, error.column > 0 ? (int)error.column - 1 : 0, "");
    }
    job->narrator.filter = job->filter;
    return job->filter != NULL;
}

static void tell(void *context, const struct wt_connection *connection)
{
    tool_narrator_tell(context, connection);
}

static struct wt_observer_options observer_options(struct job *job)
{
    const struct tool_narrator *n = &job->narrator;
    struct wt_observer_options o = {.connection = tell, .context = &job->narrator};
    bool text = !n->json && n->form != TOOL_LINES && n->form != TOOL_SUMMARY;
    bool chosen = job->filter || n->one_stream; /* which connections these are is not known beforehand */
    o.keep_messages = n->messages || text || (job->filter && wt_filter_needs_messages(job->filter));
    o.keep_connections = n->form == TOOL_AUTOMATIC && text && !chosen ? TOOL_FEW : 0;
    return o;
}

static void not_opened(struct job *job, const char *name, const struct wt_error *error)
{
    char words[512];
    (void)wt_error_format(error, words, sizeof words);
    if (error->code == WT_IO)
        tool_complain(&tool_read, "%s: %s", name, strerror((int)error->value));
    else if (error->code == WT_FORMAT)
        tool_complain(&tool_read, _("%s: no capture: at byte %" PRIu64 " stands neither pcap nor pcapng"), name,
                      error->offset);
    else
        tool_complain(&tool_read, "%s: %s", name, words);
    job->status = TOOL_BAD_INPUT;
}

static void damaged(struct job *job, const char *name, const struct wt_error *error)
{
    char words[512];
    (void)wt_error_format(error, words, sizeof words);
    tool_complain(&tool_read, _("%s: %s; what stands before that is told"), name, words);
    job->status = TOOL_BAD_INPUT;
}

static void read_packets(struct job *job, const char *name, struct wt_capture *capture, double *seconds)
{
    struct wt_packet packet;
    int64_t first = 0, last = 0;
    uint64_t packets = 0;
    tool_progress_begin(name);
    while (!job->output.failed && wt_capture_next(capture, &packet)) {
        wt_observer_packet(job->observer, &packet);
        if (packets++ == 0)
            first = last = packet.time.ns;
        first = packet.time.ns < first ? packet.time.ns : first;
        last = packet.time.ns > last ? packet.time.ns : last;
        tool_progress_step(capture, packets);
    }
    tool_progress_end();
    *seconds = ((double)last - (double)first) / 1e9;
}

/* Reads one file and tells its connections; `next` is the name of the one behind it, or NULL. */
static void read_file(struct job *job, const char *name, const char *next)
{
    struct wt_error error = {0};
    struct wt_capture *capture = wt_capture_open(name, &error);
    struct tool_share share;
    struct wt_summary added;
    double seconds = 0;
    tool_share_begin(&share, wt_observer_summary(job->observer));
    if (capture)
        read_packets(job, name, capture, &seconds);
    if (next)
        wt_observer_file(job->observer, next); /* ends and tells what is open */
    else
        wt_observer_finish(job->observer);
    added = tool_share_end(&share, wt_observer_summary(job->observer));
    added.seconds = seconds;
    if (!capture) {
        not_opened(job, name, &error);
        return;
    }
    tool_narrator_file(&job->narrator, name, &added);
    if (wt_capture_error(capture)->code != WT_OK) {
        tool_stdout_flush(&job->output);
        damaged(job, name, wt_capture_error(capture));
    }
    wt_capture_close(capture);
}

static void read_files(struct job *job, char **names, int count)
{
    struct wt_observer_options o = observer_options(job);
    job->observer = wt_observer_new(&o);
    if (!job->observer) {
        tool_complain(&tool_read, "%s", _("out of memory"));
        job->status = TOOL_BAD_INPUT;
        return;
    }
    tool_stdout_open(&job->output);
    tool_narrator_begin(&job->narrator, &job->output);
    wt_observer_file(job->observer, names[0]);
    for (int i = 0; i < count && !job->output.failed; i++)
        read_file(job, names[i], i + 1 < count ? names[i + 1] : NULL);
    if (job->narrator.json && !job->output.failed)
        wt_report_json_summary(&job->output, wt_observer_summary(job->observer));
    if (tool_stdout_close(&job->output) != TOOL_OK)
        job->status = TOOL_BAD_INPUT;
    tool_narrator_end(&job->narrator);
    wt_observer_free(job->observer);
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_read, .argv = argv, .argc = argc};
    struct job job = {.status = TOOL_OK};
    int which;
    while ((which = tool_arguments_next(&a)) >= 0)
        if (!option(&job, &a, which))
            return TOOL_USAGE;
    if (which == TOOL_WRONG)
        return TOOL_USAGE;
    if (a.operands == 0) {
        tool_complain(&tool_read, "%s", _("which capture? Name a file, or - for standard input"));
        return TOOL_USAGE;
    }
    if (!settle(&job) || !compile(&job))
        return TOOL_USAGE;
    read_files(&job, argv, a.operands);
    wt_filter_free(job.filter);
    return job.status;
}
