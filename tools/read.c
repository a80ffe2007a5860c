/* wiretale read: the story of every TLS connection in capture files. */
#include "await.h"
#include "common.h"
#include "html.h"
#include "qlog.h"
#include "rights.h"
#include "rotation.h"
#include "svg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t options[] = {
    OPTION_JSON,       OPTION_MESSAGES, OPTION_PLACES, OPTION_HEADERS, OPTION_NO_DIGEST, OPTION_EXPLAIN,
    OPTION_BYTES,      OPTION_SECRETS,  OPTION_RECORD, OPTION_LINES,   OPTION_SUMMARY,   OPTION_HTML,
    OPTION_HTML_MAX,   OPTION_SVG,      OPTION_QLOG,   OPTION_REDACT,  OPTION_FAIL_ON,   OPTION_ROTATED,
    OPTION_MAX_MEMORY, OPTION_USER,     OPTION_FILTER, OPTION_FAILED,  OPTION_STREAM,    OPTIONS_OF_KEYS,
    OPTIONS_OF_TRUST,  OPTIONS_OF_LOOK, OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_read = {
    .name = "read",
    .operands = N_("CAPTURE..."),
    .text = N_("explain every TLS connection in capture files"),
    .more = N_(
        "A CAPTURE is pcap or pcapng, optionally compressed with gzip, zstd or lz4; - is standard input.\n"
        "A file with few TLS connections is shown in full, others with one line per connection; an overview follows.\n"
        "'wiretale fields' lists the fields of filters, as in --filter 'ip.addr==192.0.2.1 && tls'.\n"
        "Keys are also taken from secrets blocks in the captures and, if no option names any, from the key log that "
        "SSLKEYLOGFILE names.\n"
        "Exit status: 0; 1 if an input is damaged or missing (what could be read is shown); 2 for usage errors; 3 as "
        "set by --fail-on."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct tool_narrator narrator;
    bool no_digest, explain, bytes, secrets, redact;
    uint32_t record;
    uint8_t record_side;
    bool rotated;
    int fail_on; /* enum wt_severity, or -1 */
    struct tool_await await;
    struct tool_html page;
    struct tool_svg picture;
    struct tool_qlog qlog;
    struct tool_rights rights;
    struct tool_share share; /* of the capture that is read, in one file or several */
    struct tool_piece last;  /* its packet that came last */
    int64_t first_ns, last_ns;
    uint64_t packets;
    uint32_t frames;  /* of its files before this one */
    const char *name; /* of its first file */
    struct wt_output output;
    struct wt_observer *observer;
    int status;
};

/* "N", "N:client" or "N:server". */
static bool record_option(struct job *job, const struct tool_arguments *a)
{
    static const char *const sides[] = {[WT_CLIENT] = "client", [WT_SERVER] = "server", NULL};
    const char *colon = strchr(a->value, ':');
    struct tool_arguments number = *a, side = *a;
    unsigned long value;
    char digits[16];
    int which = WT_CLIENT;
    if (colon) {
        (void)snprintf(digits, sizeof digits, "%.*s", (int)(colon - a->value), a->value);
        number.value = digits;
        side.value = colon + 1;
        which = tool_arguments_word(&side, sides);
    }
    if (which < 0 || !tool_arguments_number(&number, 1, UINT32_MAX, &value))
        return false;
    job->record = (uint32_t)value;
    job->record_side = (uint8_t)which;
    return true;
}

static bool fail_option(struct job *job, const struct tool_arguments *a)
{
    static const char *const words[] = {
        [WT_NOTICE] = "notice", [WT_WARNING] = "warning", [WT_ERROR] = "error", [WT_FATAL] = "fatal", NULL};
    job->fail_on = tool_arguments_word(a, words);
    return job->fail_on >= 0;
}

static bool option(struct job *job, const struct tool_arguments *a)
{
    unsigned long number;
    switch (a->id) {
    case OPTION_MESSAGES:
        job->narrator.messages = true;
        return true;
    case OPTION_HEADERS:
        job->narrator.packets = true;
        job->narrator.places = true;
        return true;
    case OPTION_PLACES:
        job->narrator.places = true;
        return true;
    case OPTION_NO_DIGEST:
        job->no_digest = true;
        return true;
    case OPTION_BYTES:
        job->bytes = true;
        return true;
    case OPTION_EXPLAIN:
        job->explain = true;
        return true;
    case OPTION_LINES:
        job->narrator.form = TOOL_LINES;
        return true;
    case OPTION_SUMMARY:
        job->narrator.form = TOOL_SUMMARY;
        return true;
    case OPTION_SECRETS:
        job->secrets = true;
        return true;
    case OPTION_REDACT:
        job->redact = true;
        return true;
    case OPTION_RECORD:
        return record_option(job, a);
    case OPTION_HTML:
        job->page.path = a->value;
        job->narrator.form = TOOL_HTML;
        job->narrator.page = &job->page;
        return true;
    case OPTION_HTML_MAX:
        if (!tool_arguments_number(a, 1, 10000000, &number))
            return false;
        job->page.most = (uint32_t)number;
        return true;
    case OPTION_SVG:
        job->picture.path = a->value;
        return true;
    case OPTION_QLOG:
        job->qlog.path = a->value;
        job->narrator.qlog = &job->qlog;
        return true;
    case OPTION_FAIL_ON:
        return fail_option(job, a);
    case OPTION_ROTATED:
        job->rotated = true;
        return true;
    case OPTION_USER:
        job->rights.user = a->value;
        return true;
    case OPTION_CA_PATH:
        return tool_words_add(&job->rights.folders, a->value) && tool_common_option(&job->common, a);
    default:
        return tool_common_option(&job->common, a);
    }
}

/* The option that asks for more than a line, or NULL. */
static const char *detail_of(const struct job *job)
{
    return job->bytes               ? "bytes"
           : job->explain           ? "explain"
           : job->narrator.packets  ? "headers"
           : job->narrator.places   ? "places"
           : job->narrator.messages ? "messages"
           : job->secrets           ? "secrets"
           : job->record            ? "record"
                                    : NULL;
}

static bool settle_picture(struct job *job, const char *detail)
{
    struct tool_narrator *n = &job->narrator;
    const char *other = detail                    ? detail
                        : job->common.json        ? "json"
                        : n->form == TOOL_LINES   ? "lines"
                        : n->form == TOOL_SUMMARY ? "summary"
                        : job->page.path          ? "html"
                                                  : NULL;
    if (other) {
        tool_complain(&tool_read, _("--svg cannot be combined with --%s"), other);
        return false;
    }
    n->form = TOOL_SVG;
    n->svg = &job->picture;
    n->messages = true;
    return true;
}

/* Options that cannot be had together, and what they imply of each other. */
static bool settle(struct job *job)
{
    struct tool_narrator *n = &job->narrator;
    const char *detail = detail_of(job);
    if (job->picture.path && !settle_picture(job, detail))
        return false;
    if (detail && n->form == TOOL_LINES) {
        tool_complain(&tool_read, _("--lines cannot be combined with --%s"), detail);
        return false;
    }
    if (job->redact && (job->secrets || job->record)) {
        tool_complain(&tool_read, _("--redact cannot be combined with --%s"), job->secrets ? "secrets" : "record");
        return false;
    }
    if (job->qlog.path && (job->redact || job->page.path || job->picture.path)) {
        tool_complain(&tool_read, _("--qlog cannot be combined with --%s"),
                      job->redact      ? "redact"
                      : job->page.path ? "html"
                                       : "svg");
        return false;
    }
    if (n->places && !job->common.json) {
        tool_complain(&tool_read, _("--%s needs --json"), detail);
        return false;
    }
    if (job->page.most && !job->page.path) {
        tool_complain(&tool_read, _("--%s needs --html"), "html-max");
        return false;
    }
    n->messages |= n->places || (job->common.json && job->bytes);
    if (job->page.path) {
        job->page.secrets = job->secrets;
        n->messages = n->packets = true;
    }
    if (detail && n->form == TOOL_AUTOMATIC)
        n->form = TOOL_STORIES;
    n->json = job->common.json;
    n->one_stream = job->common.one_stream;
    n->stream = job->common.stream;
    n->text = tool_look_settle(&job->common.look);
    n->text.explain = job->explain || job->bytes;
    n->text.bytes = job->bytes;
    n->text.secrets = job->secrets;
    n->text.record = job->record;
    n->text.record_side = job->record_side;
    return true;
}

static void report(void *context, const struct wt_connection *connection)
{
    tool_narrator_tell(context, connection);
}

static void reported(void *context, uint32_t stream)
{
    tool_narrator_reported(context, stream);
}

static void log_packet(void *context, const struct wt_quic_packet_told *packet)
{
    const struct tool_narrator *n = context;
    tool_qlog_packet(n->qlog, packet);
}

static bool is_wanted(void *context, const struct wt_connection *begun)
{
    return tool_narrator_may_tell(context, begun);
}

/* What is written is cheaper to keep in order than what it is written from; pages keep what they are made of
 * themselves.
 */
static bool is_written_as_they_end(const struct job *job)
{
    return !job->page.path && !job->picture.path;
}

static struct wt_observer_options observer_options(struct job *job)
{
    const struct tool_narrator *n = &job->narrator;
    const struct wt_filter *filter = job->common.filter;
    const bool lines = is_written_as_they_end(job);
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .context = &job->narrator,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .trust = job->common.trust,
        .keep_secrets = job->secrets,
        .keep_record_steps = job->page.path && job->secrets ? TOOL_HTML_RECORDS : 0,
        .digest_plaintext = (n->json || job->page.path) && !job->no_digest,
        .read_application = true,
        .record = job->record,
        .record_side = job->record_side,
        .neutral = job->page.path || job->redact,
        .max_memory = job->common.max_memory,
        .as_they_end = lines,
        .reported = lines ? reported : NULL,
        .second_thread = true,
        .quic_packet = job->qlog.path ? log_packet : NULL,
    };
    bool text = !n->json && n->form != TOOL_LINES && n->form != TOOL_SUMMARY;
    bool chosen = filter || n->one_stream; /* which connections these are is not known beforehand */
    o.wanted = chosen ? is_wanted : NULL;
    o.keep_messages = n->messages || text || (filter && wt_filter_needs_messages(filter));
    o.keep_packet_headers = n->packets;
    o.no_places = n->json && !n->places && !job->page.path;
    o.keep_segments = job->page.path || job->picture.path;
    o.keep_datagrams = job->page.path || (text && n->text.explain);
    o.keep_connections = n->form == TOOL_AUTOMATIC && text && !chosen ? TOOL_FEW : 0;
    return o;
}

static void take(struct job *job, struct wt_packet *packet)
{
    int64_t now = packet->time.ns;
    packet->frame += job->frames;
    if (job->packets++ == 0)
        job->first_ns = job->last_ns = now;
    job->first_ns = now < job->first_ns ? now : job->first_ns;
    job->last_ns = now > job->last_ns ? now : job->last_ns;
    job->last.any = true;
    job->last.link = packet->link;
    job->last.time.ns = now; /* one by one, as they were written: a load of both would wait for the stores */
    job->last.time.digits = packet->time.digits;
}

static void read_packets(struct job *job, const char *name, struct wt_capture *capture, bool pipe)
{
    struct wt_packet packet = {.frame = 0};
    tool_progress_begin(name);
    while (!job->output.failed && !(pipe ? tool_await_is_over() : tool_await_is_stopped()) &&
           wt_capture_next(capture, &packet)) {
        take(job, &packet);
        if (pipe)
            tool_await_packet(&job->await, &packet);
        else
            wt_observer_packet(job->observer, &packet);
        tool_progress_step(capture, job->packets);
    }
    tool_progress_end();
    if (pipe)
        tool_await_end();
    if (job->last.any && packet.frame > job->frames)
        job->frames = packet.frame;
}

static struct wt_capture *open_input(struct job *job, const char *name, bool pipe)
{
    if (!pipe)
        return tool_capture_open(&tool_read, name, &job->common.secrets);
    job->await.observer = job->observer;
    job->await.narrator = &job->narrator;
    job->await.output = &job->output;
    tool_await_begin(&job->await, NULL);
    int fd = tool_capture_fd(&tool_read, name);
    return fd < 0 ? NULL : tool_capture_await(&tool_read, name, fd, &job->common.secrets, &job->await);
}

/* Whether the next file is another piece of this capture. */
static bool goes_on(struct job *job, const char *name, const char *next)
{
    if (!next || !(job->rotated || tool_rotation_names(name, next)))
        return false;
    const struct tool_piece first = tool_piece_first(next);
    bool so = job->rotated || tool_rotation_goes_on(&job->last, &first);
    if (so && !job->rotated)
        tool_complain(&tool_read, _("%s continues %s: they are read as one capture, and packets are counted on"), next,
                      name);
    if (so && first.any)
        wt_observer_resumes(job->observer, first.time);
    return so;
}

static void begin_capture(struct job *job, const char *name)
{
    tool_qlog_capture(&job->qlog);
    tool_share_begin(&job->share, wt_observer_summary(job->observer));
    job->name = name;
    job->frames = 0;
    job->packets = 0;
    job->last = (struct tool_piece){0};
}

static void end_capture(struct job *job, const char *name, const char *next)
{
    char pieces[512];
    const char *slash = strrchr(job->name, '/');
    struct wt_summary added;
    if (next)
        wt_observer_file(job->observer, next); /* ends and reports what is open */
    else
        wt_observer_finish(job->observer);
    added = tool_share_end(&job->share, wt_observer_summary(job->observer));
    added.seconds = job->packets ? ((double)job->last_ns - (double)job->first_ns) / 1e9 : 0;
    /* TRANSLATORS: the first and the last file of one rotation */
    if (!job->redact)
        (void)snprintf(pieces, sizeof pieces, _("%s to %s"), slash ? slash + 1 : job->name,
                       strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
    tool_narrator_file(&job->narrator, name == job->name || job->redact ? job->name : pieces, &added);
    job->name = NULL;
}

/* Of a capture that could not be opened nothing is reported. */
static void skip_capture(struct job *job, const char *next)
{
    if (next)
        wt_observer_file(job->observer, next);
    else
        wt_observer_finish(job->observer);
    job->name = NULL;
}

/* Reads one file and reports its connections; `next` is the name of the next file, or NULL. */
static void read_file(struct job *job, const char *name, const char *next)
{
    bool pipe = tool_capture_is_pipe(name);
    struct wt_capture *capture = open_input(job, name, pipe);
    if (!next)
        tool_rights_end(&job->rights);
    if (!job->name)
        begin_capture(job, name);
    if (capture)
        read_packets(job, name, capture, pipe);
    else
        job->status = TOOL_BAD_INPUT;
    if (tool_await_is_stopped())
        next = NULL;
    if (!goes_on(job, name, next)) {
        bool report = capture || name != job->name;
        if (report)
            end_capture(job, name, next);
        else
            skip_capture(job, next);
    }
    if (!capture)
        return;
    if (wt_capture_error(capture)->code != WT_OK)
        tool_stdout_flush(&job->output); /* the report comes before the complaint */
    if (!tool_capture_close(&tool_read, name, capture))
        job->status = TOOL_BAD_INPUT;
}

static void write_page(struct job *job)
{
    if (tool_html_write(&job->page, job->observer, job->narrator.overview))
        tool_html_report(&job->page);
    else
        job->status = TOOL_BAD_INPUT;
    tool_html_close(&job->page);
}

static void write_picture(struct job *job, char **names, int count)
{
    const int status = tool_svg_write(&job->picture, &tool_read, job->narrator.one_stream, names, count);
    if (job->status == TOOL_OK && (status != TOOL_BAD_INPUT || job->picture.told || !job->narrator.one_stream))
        job->status = status; /* of a stream that is not there, that is said below */
    tool_svg_close(&job->picture);
}

/* A pipe ends when somebody has seen enough; of files the rest is missing. */
static void note_interruption(struct job *job, const char *last)
{
    if (!tool_await_is_stopped() || tool_capture_is_pipe(last))
        return;
    tool_stdout_flush(&job->output);
    tool_complain(&tool_read, "%s", _("interrupted: what was read until then is reported"));
    job->status = TOOL_BAD_INPUT;
}

static void read_files(struct job *job, char **names, int count)
{
    struct wt_observer_options o = observer_options(job);
    if (job->redact && !tool_narrator_redact(&job->narrator)) {
        job->status = TOOL_BAD_INPUT;
        return;
    }
    job->observer = wt_observer_new(&o, NULL);
    job->narrator.overview = wt_overview_new();
    job->narrator.has_at =
        job->narrator.overview && job->common.trust && wt_trust_time(job->common.trust, &job->narrator.at);
    if (!job->observer || !job->narrator.overview) {
        tool_complain(&tool_read, "%s", _("out of memory"));
        job->status = TOOL_BAD_INPUT;
        wt_observer_free(job->observer);
        wt_overview_free(job->narrator.overview);
        return;
    }
    tool_stdout_open(&job->output);
    tool_narrator_begin(&job->narrator, &job->output);
    tool_svg_open(&job->picture);
    job->page.command = &tool_read;
    job->page.inputs = names;
    job->page.input_count = count;
    job->qlog.many = count > 1;
    const bool ready = tool_html_open(&job->page);
    if (!ready)
        job->status = TOOL_BAD_INPUT;
    if (job->rotated)
        tool_rotation_sort(names, count);
    wt_observer_file(job->observer, names[0]);
    tool_await_signals();
    for (int i = 0; ready && i < count && !job->output.failed && !tool_await_is_stopped(); i++)
        read_file(job, names[i], i + 1 < count ? names[i + 1] : NULL);
    note_interruption(job, names[count - 1]);
    if (job->narrator.json && !job->output.failed)
        wt_report_json_summary(&job->output, wt_observer_summary(job->observer), job->narrator.overview);
    if (job->page.page)
        write_page(job);
    if (job->picture.path)
        write_picture(job, names, count);
    if (!tool_qlog_close(&job->qlog))
        job->status = TOOL_BAD_INPUT;
    tool_narrator_overview(&job->narrator);
    tool_narrator_hint(&job->narrator);
    if (tool_stdout_close(&job->output) != TOOL_OK)
        job->status = TOOL_BAD_INPUT;
    if (job->status == TOOL_OK && job->narrator.one_stream && !job->narrator.stream_seen) {
        tool_complain(&tool_read, _("no TLS connection with stream %" PRIu32 "; 'wiretale read --lines %s' lists them"),
                      job->narrator.stream, names[0]);
        job->status = TOOL_BAD_INPUT;
    }
    /* What could not be read might hold worse: that is said first. */
    if (job->status == TOOL_OK && job->fail_on >= 0 && job->narrator.worst >= job->fail_on)
        job->status = TOOL_FOUND;
    tool_narrator_end(&job->narrator);
    wt_overview_free(job->narrator.overview);
    wt_observer_free(job->observer);
}

static int read_all(struct job *job, char **names, int count)
{
    if (count == 0) {
        tool_complain(&tool_read, "%s", _("missing capture: name a file, or - for standard input"));
        return TOOL_USAGE;
    }
    job->rights.command = &tool_read;
    if (!settle(job) || !tool_rights_settle(&job->rights) || !tool_common_compile(&job->common, &tool_read))
        return TOOL_USAGE;
    job->narrator.filter = job->common.filter;
    if (is_written_as_they_end(job))
        tool_narrator_order(&job->narrator);
    job->status = tool_secrets_open(&job->common.secrets, &tool_read, false, names, count);
    job->qlog.command = &tool_read;
    if (job->status == TOOL_OK && !tool_qlog_open(&job->qlog))
        job->status = TOOL_BAD_INPUT;
    const char *made = job->page.path ? job->page.path : job->picture.path ? job->picture.path : job->qlog.inside;
    if (job->status == TOOL_OK && !tool_rights_begin(&job->rights, names, count, made))
        job->status = TOOL_BAD_INPUT;
    if (job->status == TOOL_OK)
        read_files(job, names, count);
    tool_narrator_end(&job->narrator);
    return job->status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_read, .argv = argv, .argc = argc};
    struct job job = {.status = TOOL_OK, .fail_on = -1};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && option(&job, &a))
        ;
    if (which == TOOL_END)
        status = read_all(&job, argv, a.operands);
    tool_common_close(&job.common);
    tool_rights_free(&job.rights);
    tool_qlog_free(&job.qlog);
    return status;
}
