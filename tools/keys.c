/* wiretale keys: a capture of chosen connections with their secrets, and nobody else's, in it. */
#include "choice.h"
#include "common.h"
#include "file.h"
#include "rotation.h"

#include "wiretale/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t options[] = {OPTION_OUTPUT, OPTION_KEYS_TEXT, OPTION_ROTATED, OPTION_FILTER, OPTION_FAILED,
                                  OPTION_STREAM, OPTIONS_OF_KEYS,  OPTION_LANG,    OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_keys = {
    .name = "keys",
    .operands = N_("CAPTURE..."),
    .text = N_("write a self-decrypting capture: selected connections with only their secrets"),
    .more = N_("FILE is a pcapng with the packets of the selected TLS connections, unchanged, after a block with the "
               "secrets that decrypt them: Wireshark and wiretale read it without a key log. It is readable only by "
               "you: anyone who gets it can read all of the traffic in it. Secrets of other connections, names of "
               "other hosts and other packets are left out.\n"
               "The captures are read more than once, so they must be files, except with --text.\n"
               "Exit status: 0; 1 if no connection was selected or none has secrets, an input is damaged or FILE "
               "cannot be written; 2 for usage errors."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    bool text, rotated;
    struct tool_file file;
    struct wt_capture_writer *writer; /* NULL with --text */
    struct wt_observer *observer;
    struct wt_choice *choice; /* of the capture that is read */
    struct tool_text secrets; /* of its chosen connections */
    struct tool_text names;   /* of its hosts: address length, address, name length, name */
    uint64_t connections, opened, packets, lost;
    bool stop; /* memory is short, or the file cannot be written */
    int status;
};

static void no_memory(struct job *job)
{
    if (!job->stop)
        tool_complain(&tool_keys, "%s", _("out of memory"));
    job->stop = true;
}

/* ---- the first walk: which connections, and their secrets */

static void put(struct job *job, struct tool_text *text, const void *bytes, size_t length)
{
    if (length > 0 && !text->output.write(text->output.context, bytes, length))
        no_memory(job);
}

static void report(void *context, const struct wt_connection *c)
{
    struct job *job = context;
    size_t length = c->key_log ? strlen(c->key_log) : 0;
    if (job->stop || !tool_common_wants(&job->common, c))
        return;
    job->connections++;
    job->opened += length > 0;
    put(job, &job->secrets, c->key_log, length);
    if (length > 0 && c->key_log[length - 1] != '\n')
        put(job, &job->secrets, "\n", 1);
    if (job->choice && !tool_choice_add(job->choice, c))
        no_memory(job);
}

static void on_name(void *context, struct wt_span address, struct wt_span name)
{
    struct job *job = context;
    put(job, &job->names, &address.n, sizeof address.n);
    put(job, &job->names, address.p, address.n);
    put(job, &job->names, &name.n, sizeof name.n);
    put(job, &job->names, name.p, name.n);
}

/* False when no piece of it can be opened. */
static bool walk_story(struct job *job, char **names, int count)
{
    bool any = false;
    uint32_t frames = 0;
    wt_observer_file(job->observer, names[0]);
    for (int i = 0; i < count && !job->stop; i++) {
        struct wt_capture *capture = tool_capture_open(&tool_keys, names[i], &job->common.secrets);
        any |= capture != NULL;
        if (capture && job->writer)
            wt_capture_on_name(capture, on_name, job);
        if (capture && i)
            tool_rotation_resume(job->observer, names[i]);
        if (capture)
            frames = tool_capture_read(names[i], capture, job->observer, &job->stop, frames);
        if (!capture || !tool_capture_close(&tool_keys, names[i], capture))
            job->status = TOOL_BAD_INPUT;
    }
    wt_observer_finish(job->observer);
    return any;
}

/* ---- the second: their packets; the third: copied */

static void walk_packets(struct job *job, char **names, int count)
{
    uint32_t before = 0, newest = 0;
    for (int i = 0; i < count && !job->stop; i++, before = newest) {
        struct wt_capture *capture = tool_capture_open(&tool_keys, names[i], NULL);
        struct wt_packet packet;
        while (capture && !job->stop && wt_capture_next(capture, &packet)) {
            packet.frame += before;
            newest = packet.frame;
            if (!wt_choice_look(job->choice, &packet))
                no_memory(job);
        }
        if (capture)
            wt_capture_close(capture);
        else if (count == 1)
            job->stop = true;
    }
}

static struct wt_span take(struct wt_span *from)
{
    struct wt_span out = {0};
    memcpy(&out.n, from->p, sizeof out.n);
    out.p = from->p + sizeof out.n;
    from->p = out.p + out.n;
    from->n -= sizeof out.n + out.n;
    return out;
}

static void write_names(struct job *job)
{
    struct wt_span names = {(const uint8_t *)job->names.bytes, job->names.length};
    while (names.n > 0) {
        struct wt_span address = take(&names), name = take(&names);
        if (wt_choice_has_address(job->choice, address))
            (void)wt_capture_write_name(job->writer, address, name);
    }
}

static bool copy_packets(struct job *job, const char *name, struct wt_capture *capture, uint32_t *frames)
{
    struct wt_packet packet;
    uint64_t packets = 0;
    const uint32_t before = *frames;
    bool ok = true;
    tool_progress_begin(name);
    while (ok && wt_capture_next(capture, &packet)) {
        tool_progress_step(capture, ++packets);
        packet.frame += before;
        *frames = packet.frame;
        if (wt_choice_has(job->choice, packet.frame)) {
            ok = wt_capture_write_copy(job->writer, &packet);
            job->packets++;
        }
    }
    tool_progress_end();
    return ok;
}

/* What stands before the packets of the first piece. */
static bool write_head(struct job *job)
{
    bool ok = job->secrets.length == 0 ||
              wt_capture_write_secrets(job->writer, WT_SECRETS_TLS_KEY_LOG,
                                       (struct wt_span){(const uint8_t *)job->secrets.bytes, job->secrets.length});
    write_names(job);
    return ok;
}

static void walk_copy(struct job *job, char **names, int count)
{
    uint32_t frames = 0;
    bool begun = false;
    for (int i = 0; i < count && !job->stop; i++) {
        struct wt_capture *capture = tool_capture_open(&tool_keys, names[i], NULL);
        if (!capture && count > 1)
            continue; /* it could not be opened before, either */
        bool ok = capture && wt_capture_write_from(job->writer, capture);
        if (ok && !begun)
            ok = write_head(job);
        begun = true;
        ok = ok && copy_packets(job, names[i], capture, &frames);
        /* What it holds of this capture is written before the capture goes. */
        ok = wt_capture_writer_finish(job->writer) && ok;
        if (capture)
            wt_capture_close(capture);
        if (!ok && !job->file.error)
            no_memory(job);
        job->stop = job->stop || !ok;
    }
}

/* ---- the command */

/* One capture, in so many pieces. */
static void read_input(struct job *job, char **names, int count)
{
    uint64_t before = job->connections;
    job->secrets.length = 0;
    job->names.length = 0;
    if (!job->text && !(job->choice = wt_choice_new()))
        no_memory(job);
    if (!job->stop && walk_story(job, names, count) && !job->stop && job->connections > before) {
        if (job->text) {
            job->stop = !tool_file_write(&job->file, job->secrets.bytes, job->secrets.length);
        } else {
            walk_packets(job, names, count);
            job->lost += wt_choice_lost(job->choice);
            if (!job->stop)
                walk_copy(job, names, count);
        }
    }
    wt_choice_free(job->choice);
    job->choice = NULL;
}

static void read_inputs(struct job *job, char **inputs, int count)
{
    if (job->rotated)
        tool_rotation_sort(inputs, count);
    for (int i = 0, n; i < count && !job->stop; i += n) {
        n = tool_rotation_count(&tool_keys, inputs + i, count - i, job->rotated);
        read_input(job, inputs + i, n);
    }
}

static void conclude(struct job *job)
{
    const char *why = job->connections == 0 ? _("no TLS connection selected, no file written")
                      : job->opened == 0    ? _("no secrets for the selected connections, no file written")
                                            : NULL;
    if (job->stop && !job->file.error) {
        job->status = TOOL_BAD_INPUT;
        return;
    }
    if (why) {
        tool_complain(&tool_keys, "%s", why);
        job->status = TOOL_BAD_INPUT;
        return;
    }
    if (!tool_file_commit(&job->file)) {
        job->status = TOOL_BAD_INPUT;
        return;
    }
    if (job->text)
        tool_complain(&tool_keys, _("%s: connections %" PRIu64 ", with secrets %" PRIu64), job->common.output,
                      job->connections, job->opened);
    else
        tool_complain(&tool_keys, _("%s: connections %" PRIu64 ", with secrets %" PRIu64 ", packets %" PRIu64),
                      job->common.output, job->connections, job->opened, job->packets);
    if (job->lost) {
        tool_complain(&tool_keys,
                      ngettext_("%s: without %" PRIu64
                                " packet with a fragment of an IP datagram: too many others came "
                                "before the datagram was whole",
                                "%s: without %" PRIu64 " packets with fragments of IP datagrams: too many others came "
                                "before the datagrams were whole",
                                job->lost),
                      job->common.output, job->lost);
    }
}

static bool prepare(struct job *job)
{
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .context = job,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .keep_secrets = true,
        .read_application = job->common.filter != NULL,
        .keep_messages = job->common.filter && wt_filter_needs_messages(job->common.filter),
    };
    tool_text_open(&job->secrets);
    tool_text_open(&job->names);
    job->observer = wt_observer_new(&o, NULL);
    job->writer = job->text ? NULL : wt_capture_writer_new(tool_file_write, &job->file);
    if (!job->observer || (!job->writer && !job->text))
        no_memory(job);
    return !job->stop;
}

static void release(struct job *job)
{
    wt_observer_free(job->observer);
    wt_capture_writer_free(job->writer);
    if (job->secrets.bytes)
        explicit_bzero(job->secrets.bytes, job->secrets.capacity);
    tool_text_close(&job->secrets);
    tool_text_close(&job->names);
    tool_file_drop(&job->file);
}

static int keys(struct job *job, char **inputs, int count)
{
    int status;
    if (count == 0) {
        tool_complain(&tool_keys, "%s", _("missing capture: name a file"));
        return TOOL_USAGE;
    }
    if (!tool_common_has_output(&job->common, &tool_keys) || !tool_common_compile(&job->common, &tool_keys) ||
        (!job->text && !tool_common_rereads(&tool_keys, inputs, count, _("it is read more than once"))))
        return TOOL_USAGE;
    status = tool_secrets_open(&job->common.secrets, &tool_keys, false, inputs, count);
    if (status != TOOL_OK)
        return status;
    if (!tool_file_open(&job->file, &tool_keys, job->common.output, inputs, count, job->text))
        return TOOL_BAD_INPUT;
    job->status = TOOL_OK;
    if (prepare(job))
        read_inputs(job, inputs, count);
    conclude(job);
    return job->status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_keys, .argv = argv, .argc = argc};
    struct job job = {.file = {.fd = -1}};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0) {
        if (which == OPTION_KEYS_TEXT)
            job.text = true;
        else if (which == OPTION_ROTATED)
            job.rotated = true;
        else if (!tool_common_option(&job.common, &a))
            break;
    }
    if (which == TOOL_END)
        status = keys(&job, argv, a.operands);
    release(&job);
    tool_common_close(&job.common);
    return status;
}
