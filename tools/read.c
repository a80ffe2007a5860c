/* wiretale read: the story of every TLS connection in capture files. */
#include "memory.h"
#include "reading.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t options[] = {OPTIONS_OF_READ, OPTION_ROTATED,   OPTION_USER,     OPTIONS_OF_CHOICE,
                                  OPTIONS_OF_KEYS, OPTIONS_OF_TRUST, OPTIONS_OF_LOOK, OPTION_COUNT};

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

static void report(void *context, const struct wt_connection *connection)
{
    struct tool_reading *job = context;
    if (job->by.told)
        job->by.told(job->by.context, connection);
    tool_narrator_tell(&job->narrator, connection);
}

static void reported(void *context, uint32_t stream)
{
    struct tool_reading *job = context;
    tool_narrator_reported(&job->narrator, stream);
}

static void log_packet(void *context, const struct wt_quic_packet_told *packet)
{
    struct tool_reading *job = context;
    tool_qlog_packet(&job->qlog, packet);
}

static bool is_wanted(void *context, const struct wt_connection *begun)
{
    const struct tool_reading *job = context;
    return tool_narrator_may_tell(&job->narrator, begun);
}

static const struct wt_process *process(void *context, const struct wt_connection *connection)
{
    const struct tool_reading *job = context;
    return job->by.process(job->by.context, connection);
}

/* What is written is cheaper to keep in order than what it is written from; pages keep what they are made of
 * themselves.
 */
static bool is_written_as_they_end(const struct tool_reading *job)
{
    return !job->page.path && !job->picture.path;
}

static struct wt_observer_options observer_options(struct tool_reading *job)
{
    const struct tool_narrator *n = &job->narrator;
    const struct wt_filter *filter = job->common.filter;
    const bool lines = is_written_as_they_end(job);
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .context = job,
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
        .process = job->by.process ? process : NULL,
    };
    bool text = !n->json && n->form != TOOL_LINES && n->form != TOOL_SUMMARY;
    bool chosen = filter || n->one_stream; /* which connections these are is not known beforehand */
    o.wanted = chosen && !job->by.told ? is_wanted : NULL;
    o.keep_messages = n->messages || text || job->by.told || (filter && wt_filter_needs_messages(filter));
    o.keep_packet_headers = n->packets;
    o.no_places = n->json && !n->places && !job->page.path;
    o.keep_segments = job->page.path || job->picture.path;
    o.keep_datagrams = job->page.path || (text && n->text.explain);
    o.keep_connections = n->form == TOOL_AUTOMATIC && text && !chosen && !job->by.told ? TOOL_FEW : 0;
    return o;
}

static void take(struct tool_reading *job, struct wt_packet *packet)
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

static void read_packets(struct tool_reading *job, const char *name, struct wt_capture *capture, bool pipe)
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

static struct wt_capture *open_input(struct tool_reading *job, const char *name, bool pipe)
{
    if (!pipe)
        return tool_capture_open(job->by.command, name, &job->common.secrets);
    job->await.observer = job->observer;
    job->await.narrator = &job->narrator;
    job->await.output = &job->output;
    tool_await_begin(&job->await, NULL);
    int fd = tool_capture_fd(job->by.command, name);
    return fd < 0 ? NULL : tool_capture_await(job->by.command, name, fd, &job->common.secrets, &job->await);
}

static const char *told_name(const struct tool_reading *job, const char *name)
{
    return job->by.name ? job->by.name : name;
}

/* Whether the next file is another piece of this capture. */
static bool goes_on(struct tool_reading *job, const char *name, const char *next)
{
    if (!next || !(job->rotated || tool_rotation_names(name, next)))
        return false;
    const struct tool_piece first = tool_piece_first(next);
    bool so = job->rotated || tool_rotation_goes_on(&job->last, &first);
    if (so && !job->rotated)
        tool_complain(job->by.command, _("%s continues %s: they are read as one capture, and packets are counted on"),
                      next, name);
    if (so && first.any)
        wt_observer_resumes(job->observer, first.time);
    return so;
}

static void begin_capture(struct tool_reading *job, const char *name)
{
    tool_qlog_capture(&job->qlog);
    tool_share_begin(&job->share, wt_observer_summary(job->observer));
    job->name = name;
    job->frames = 0;
    job->packets = 0;
    job->last = (struct tool_piece){0};
}

static void end_capture(struct tool_reading *job, const char *name, const char *next)
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
    tool_narrator_file(&job->narrator, name == job->name || job->redact ? told_name(job, job->name) : pieces, &added);
    job->name = NULL;
}

/* Of a capture that could not be opened nothing is reported. */
static void skip_capture(struct tool_reading *job, const char *next)
{
    if (next)
        wt_observer_file(job->observer, next);
    else
        wt_observer_finish(job->observer);
    job->name = NULL;
}

/* Reads one file and reports its connections; `next` is the name of the next file, or NULL. */
static void read_file(struct tool_reading *job, const char *name, const char *next)
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
    if (!tool_capture_close(job->by.command, name, capture))
        job->status = TOOL_BAD_INPUT;
}

static void write_page(struct tool_reading *job)
{
    if (tool_html_write(&job->page, job->observer, job->narrator.overview))
        tool_html_report(&job->page);
    else
        job->status = TOOL_BAD_INPUT;
    tool_html_close(&job->page);
}

static void write_picture(struct tool_reading *job, char **names, int count)
{
    const int status = tool_svg_write(&job->picture, job->by.command, job->narrator.one_stream, names, count);
    if (job->status == TOOL_OK && (status != TOOL_BAD_INPUT || job->picture.told || !job->narrator.one_stream))
        job->status = status; /* of a stream that is not there, that is said below */
    tool_svg_close(&job->picture);
}

/* A pipe ends when somebody has seen enough; of files the rest is missing. */
static void note_interruption(struct tool_reading *job, const char *last)
{
    if (!tool_await_is_stopped() || tool_capture_is_pipe(last))
        return;
    tool_stdout_flush(&job->output);
    tool_complain(job->by.command, "%s", _("interrupted: what was read until then is reported"));
    job->status = TOOL_BAD_INPUT;
}

static void no_stream(const struct tool_reading *job, const char *name)
{
    if (job->by.name)
        tool_complain(job->by.command, _("no TLS connection with stream %" PRIu32), job->narrator.stream);
    else
        tool_complain(job->by.command,
                      _("no TLS connection with stream %" PRIu32 "; 'wiretale read --lines %s' lists them"),
                      job->narrator.stream, name);
}

static void read_files(struct tool_reading *job, char **names, int count)
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
        tool_complain(job->by.command, "%s", _("out of memory"));
        job->status = TOOL_BAD_INPUT;
        wt_observer_free(job->observer);
        wt_overview_free(job->narrator.overview);
        return;
    }
    if (job->by.begins)
        job->by.begins(job->by.context);
    tool_stdout_open(&job->output);
    tool_narrator_begin(&job->narrator, &job->output);
    tool_svg_open(&job->picture);
    job->page.command = job->by.command;
    job->page.inputs = names;
    job->page.input_count = count;
    job->qlog.many = count > 1;
    const bool ready = tool_html_open(&job->page);
    if (!ready)
        job->status = TOOL_BAD_INPUT;
    if (job->rotated)
        tool_rotation_sort(names, count);
    wt_observer_file(job->observer, told_name(job, names[0]));
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
    if (!job->by.name)
        tool_narrator_hint(&job->narrator);
    if (tool_stdout_close(&job->output) != TOOL_OK)
        job->status = TOOL_BAD_INPUT;
    if (job->status == TOOL_OK && job->narrator.one_stream && !job->narrator.stream_seen) {
        no_stream(job, names[0]);
        job->status = TOOL_BAD_INPUT;
    }
    /* What could not be read might hold worse: that is said first. */
    if (job->status == TOOL_OK && job->fail_on >= 0 && job->narrator.worst >= job->fail_on)
        job->status = TOOL_FOUND;
    tool_narrator_end(&job->narrator);
    wt_overview_free(job->narrator.overview);
    wt_observer_free(job->observer);
}

int tool_read_captures(struct tool_reading *job, char **names, int count)
{
    if (is_written_as_they_end(job))
        tool_narrator_order(&job->narrator);
    job->status = tool_secrets_open(&job->common.secrets, job->by.command, false, names, count);
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

struct tool_reading *tool_read_new(const struct tool_reader *by)
{
    struct tool_reading *job = tool_checked(calloc(1, sizeof *job));
    if (job)
        *job = (struct tool_reading){.by = *by, .status = TOOL_OK, .fail_on = -1};
    else
        tool_complain(by->command, "%s", _("out of memory"));
    return job;
}

void tool_read_free(struct tool_reading *job)
{
    if (!job)
        return;
    tool_common_close(&job->common);
    tool_rights_free(&job->rights);
    tool_qlog_free(&job->qlog);
    free(job);
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_read, .argv = argv, .argc = argc};
    struct tool_reading *job = tool_read_new(&(struct tool_reader){.command = &tool_read});
    int status = TOOL_USAGE, which = TOOL_WRONG;
    while (job && (which = tool_arguments_next(&a)) >= 0 && tool_read_option(job, &a))
        ;
    if (which == TOOL_END && a.operands == 0)
        tool_complain(&tool_read, "%s", _("missing capture: name a file, or - for standard input"));
    else if (which == TOOL_END && tool_read_settle(job))
        status = tool_read_captures(job, argv, a.operands);
    tool_read_free(job);
    return status;
}
