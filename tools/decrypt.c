/* wiretale decrypt: what the applications said, as TCP conversations that every other program understands. */
#include "common.h"
#include "file.h"
#include "memory.h"
#include "rotation.h"
#include "streams.h"

#include "wiretale/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASONS 3    /* connections that were left out and are named */
#define LINK_RAW 101 /* LINKTYPE_RAW */
#define FIRST_SLOTS 256
#define ISN_STEP 65536u /* a port that is used again begins elsewhere, or its SYN would be taken for a copy */

static const uint8_t options[] = {OPTION_OUTPUT, OPTION_MAP_PORT, OPTION_ROTATED, OPTION_FILTER, OPTION_FAILED,
                                  OPTION_STREAM, OPTIONS_OF_KEYS, OPTION_LANG,    OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_decrypt = {
    .name = "decrypt",
    .operands = N_("CAPTURE..."),
    .text = N_("write the plaintext as TCP conversations, for programs without TLS support"),
    .more = N_("FILE is a pcapng with the addresses, ports and times of the original, readable only by you. Most "
               "programs identify a protocol by its port: --map-port 443:80 makes them see HTTP.\n"
               "With --filter the captures are read twice, so they must be files.\n"
               "Exit status: 0; 1 if nothing could be decrypted, an input is damaged or FILE cannot be written; 2 for "
               "usage errors."),
    .options = options,
    .run = run,
};

/* A conversation that is being written. */
struct conversation {
    struct conversation *next; /* of its slot */
    uint32_t stream;
    struct wt_rebuilt rebuilt;
};

struct map {
    uint16_t from, to;
};

struct job {
    struct tool_common common;
    struct map *maps;
    size_t map_count;
    struct tool_file file;
    struct wt_capture_writer *writer;
    struct wt_observer *scout, *observer; /* the scout finds what a filter chooses */
    struct tool_streams chosen;
    struct conversation **slots; /* by stream, of the file that is read */
    uint32_t slot_count, open;
    uint32_t connections; /* written */
    uint64_t bytes, seen;
    uint64_t left_out, cut; /* not opened at all; in parts */
    bool rotated;
    bool stop; /* the file cannot be written, or memory is short */
    int status;
};

/* ---- conversations by their streams */

static struct conversation **slot_of(struct job *job, uint32_t stream)
{
    return &job->slots[stream * 0x9e3779b1u & (job->slot_count - 1)];
}

static struct conversation **find(struct job *job, uint32_t stream)
{
    struct conversation **c = slot_of(job, stream);
    while (*c && (*c)->stream != stream)
        c = &(*c)->next;
    return c;
}

static bool grow(struct job *job)
{
    uint32_t before = job->slot_count, n = before ? 2 * before : FIRST_SLOTS;
    struct conversation **old = job->slots, **slots = tool_checked(calloc(n, sizeof(struct conversation *)));
    if (!slots)
        return false;
    job->slots = slots;
    job->slot_count = n;
    for (uint32_t i = 0; i < before; i++) {
        for (struct conversation *c = old[i], *next; c; c = next) {
            struct conversation **slot = slot_of(job, c->stream);
            next = c->next;
            c->next = *slot;
            *slot = c;
        }
    }
    free(old);
    return true;
}

static uint16_t mapped(const struct job *job, uint16_t port)
{
    for (size_t i = 0; i < job->map_count; i++)
        if (job->maps[i].from == port)
            return job->maps[i].to;
    return port;
}

/* The conversation of a piece, begun when it is the first. NULL without memory. */
static struct conversation *conversation_of(struct job *job, const struct wt_plaintext *p)
{
    struct conversation **slot, *c;
    if (job->open >= job->slot_count && !grow(job))
        return NULL;
    slot = find(job, p->stream);
    c = *slot;
    if (c)
        return c;
    c = tool_checked(calloc(1, sizeof *c));
    if (!c)
        return NULL;
    c->stream = p->stream;
    memcpy(c->rebuilt.ip[0], p->client.ip, 16);
    memcpy(c->rebuilt.ip[1], p->server.ip, 16);
    /* Only the server's port identifies the protocol. */
    c->rebuilt.port[0] = p->client.port;
    c->rebuilt.port[1] = mapped(job, p->server.port);
    c->rebuilt.next[0] = c->rebuilt.next[1] = job->connections * ISN_STEP;
    *slot = c;
    job->open++;
    job->connections++;
    return c;
}

static void end_conversation(struct job *job, uint32_t stream, unsigned first, struct wt_time time)
{
    struct conversation **slot = job->slot_count ? find(job, stream) : NULL, *c = slot ? *slot : NULL;
    if (!c)
        return;
    if (!wt_rebuild_close(job->writer, &c->rebuilt, first, time))
        job->stop = true;
    *slot = c->next;
    free(c);
    job->open--;
}

/* ---- the observer's calls */

static bool is_chosen(const struct job *job, uint32_t stream)
{
    if (job->common.one_stream && stream != job->common.stream)
        return false;
    return !job->common.filter || tool_streams_has(&job->chosen, stream);
}

static void piece(void *context, const struct wt_plaintext *p)
{
    struct job *job = context;
    struct conversation *c;
    if (job->stop || !is_chosen(job, p->stream))
        return;
    if (p->end) {
        end_conversation(job, p->stream, p->from, p->time);
        return;
    }
    if (p->bytes.n == 0)
        return;
    c = conversation_of(job, p);
    if (!c || !wt_rebuild_data(job->writer, &c->rebuilt, p->from, p->time, p->bytes))
        job->stop = true;
    job->bytes += p->bytes.n;
}

static void report(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    if (!is_chosen(job, connection->stream))
        return;
    job->seen++;
    end_conversation(job, connection->stream, WT_CLIENT, connection->end);
    bool spoke = connection->plaintext[0].bytes + connection->plaintext[1].bytes > 0;
    if (!connection->not_decrypted)
        return;
    job->left_out += !spoke;
    job->cut += spoke;
    if (job->left_out + job->cut > REASONS)
        return;
    tool_complain(&tool_decrypt,
                  spoke ? _("%s, stream %" PRIu32 " is incomplete: %s") : _("%s, stream %" PRIu32 " was skipped: %s"),
                  connection->file, connection->stream, connection->not_decrypted);
}

/* What passed over UDP is no TCP conversation, and its streams are numbered for themselves. */
static bool is_wanted(void *context, const struct wt_connection *begun)
{
    return begun->protocol != WT_PROTOCOL_DTLS && is_chosen(context, begun->stream);
}

static bool may_choose(void *context, const struct wt_connection *begun)
{
    const struct job *job = context;
    return wt_filter_may_match(job->common.filter, begun);
}

static void choose(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    if (tool_common_wants(&job->common, connection) && !tool_streams_add(&job->chosen, connection->stream))
        job->stop = true;
}

/* ---- the command */

static bool make_observers(struct job *job)
{
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .wanted = is_wanted,
        .context = job,
        .keys = job->common.secrets.keys,
        .plaintext = piece,
        .verify = WT_VERIFY_NONE, /* only a filter can ask for it, and the scout has answered */
    };
    struct wt_observer_options scout = {
        .size = sizeof scout,
        .connection = choose,
        .wanted = may_choose,
        .context = job,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .read_application = true,
        .keep_messages = job->common.filter && wt_filter_needs_messages(job->common.filter),
    };
    job->observer = wt_observer_new(&o, NULL);
    job->scout = job->common.filter ? wt_observer_new(&scout, NULL) : NULL;
    return job->observer && (job->scout || !job->common.filter);
}

/* A capture in so many pieces; false when none can be opened. `again`: its secrets were taken and its faults named the
 * first time. */
static bool read_input(struct job *job, char **names, int count, struct wt_observer *observer, bool again)
{
    bool any = false;
    uint32_t frames = 0;
    wt_observer_file(observer, names[0]);
    for (int i = 0; i < count && !job->stop; i++) {
        struct wt_capture *capture = tool_capture_open(&tool_decrypt, names[i], again ? NULL : &job->common.secrets);
        any |= capture != NULL;
        if (capture && i)
            tool_rotation_resume(observer, names[i]);
        if (capture)
            frames = tool_capture_read(names[i], capture, observer, &job->stop, frames);
        if (capture && again)
            wt_capture_close(capture);
        else if (!capture || !tool_capture_close(&tool_decrypt, names[i], capture))
            job->status = TOOL_BAD_INPUT;
    }
    wt_observer_finish(observer);
    return any;
}

static void read_inputs(struct job *job, char **inputs, int count)
{
    if (job->rotated)
        tool_rotation_sort(inputs, count);
    for (int i = 0, n; i < count && !job->stop; i += n) {
        n = tool_rotation_count(&tool_decrypt, inputs + i, count - i, job->rotated);
        tool_streams_clear(&job->chosen);
        if (job->scout && !read_input(job, inputs + i, n, job->scout, false))
            continue;
        if (!job->stop)
            (void)read_input(job, inputs + i, n, job->observer, job->scout != NULL);
    }
}

static void conclude(struct job *job)
{
    /* Who asks for what nobody said gets an empty capture; who lacks the keys gets none. */
    bool lost = job->connections == 0 && (job->left_out > 0 || job->seen == 0);
    bool written = (job->connections > 0 || wt_capture_write_interface(job->writer, LINK_RAW, 0)) &&
                   wt_capture_writer_finish(job->writer);
    written = written && !job->stop;
    if (job->left_out + job->cut > REASONS)
        tool_complain(&tool_decrypt, _("%" PRIu64 " more connections were skipped or are incomplete"),
                      job->left_out + job->cut - REASONS);
    if (written && lost) {
        tool_complain(&tool_decrypt, "%s",
                      job->seen > 0 ? _("nothing was decrypted, no file written")
                                    : _("no TLS connection selected, no file written"));
        job->status = TOOL_BAD_INPUT;
        return;
    }
    if (!written && !job->file.error)
        tool_complain(&tool_decrypt, "%s", _("out of memory"));
    if (!tool_file_commit(&job->file) || !written) {
        job->status = TOOL_BAD_INPUT;
        return;
    }
    tool_complain(
        &tool_decrypt,
        _("%s: connections %" PRIu32 ", plaintext bytes %" PRIu64 ", skipped %" PRIu64 ", incomplete %" PRIu64),
        job->common.output, job->connections, job->bytes, job->left_out, job->cut);
}

static void release(struct job *job)
{
    wt_observer_free(job->scout);
    wt_observer_free(job->observer);
    for (uint32_t i = 0; i < job->slot_count; i++) {
        for (struct conversation *c = job->slots[i], *next; c; c = next) {
            next = c->next;
            free(c);
        }
    }
    free(job->slots);
    tool_streams_clear(&job->chosen);
    wt_capture_writer_free(job->writer);
    tool_file_drop(&job->file);
}

static int decrypt(struct job *job, char **inputs, int count)
{
    int status;
    if (count == 0) {
        tool_complain(&tool_decrypt, "%s", _("missing capture: name a file, or - for standard input"));
        return TOOL_USAGE;
    }
    if (!tool_common_has_output(&job->common, &tool_decrypt) || !tool_common_compile(&job->common, &tool_decrypt) ||
        (job->common.filter && !tool_common_rereads(&tool_decrypt, inputs, count, _("--filter reads it twice"))))
        return TOOL_USAGE;
    status = tool_secrets_open(&job->common.secrets, &tool_decrypt, false, inputs, count);
    if (status != TOOL_OK)
        return status;
    if (!tool_file_open(&job->file, &tool_decrypt, job->common.output, inputs, count, false))
        return TOOL_BAD_INPUT;
    job->writer = wt_capture_writer_new(tool_file_write, &job->file);
    if (job->writer && make_observers(job)) {
        read_inputs(job, inputs, count);
        conclude(job);
    } else {
        tool_complain(&tool_decrypt, "%s", _("out of memory"));
        job->status = TOOL_BAD_INPUT;
    }
    return job->status;
}

/* "FROM:TO" */
static bool map_option(struct job *job, const struct tool_arguments *a)
{
    char *end = NULL, *end_to = NULL;
    unsigned long from = strtoul(a->value, &end, 10), to = *end == ':' ? strtoul(end + 1, &end_to, 10) : 0;
    struct map *grown;
    if (!end_to || *end_to || end_to == end + 1 || from < 1 || from > UINT16_MAX || to < 1 || to > UINT16_MAX) {
        tool_complain(&tool_decrypt, _("--map-port takes two ports, such as 443:80, not '%s'"), a->value);
        return false;
    }
    grown = tool_checked(reallocarray(job->maps, job->map_count + 1, sizeof *grown));
    if (!grown)
        return false;
    job->maps = grown;
    job->maps[job->map_count++] = (struct map){(uint16_t)from, (uint16_t)to};
    return true;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_decrypt, .argv = argv, .argc = argc};
    struct job job = {.file = {.fd = -1}};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0) {
        if (which == OPTION_ROTATED)
            job.rotated = true;
        else if (!(which == OPTION_MAP_PORT ? map_option(&job, &a) : tool_common_option(&job.common, &a)))
            break;
    }
    if (which == TOOL_END)
        status = decrypt(&job, argv, a.operands);
    release(&job);
    free(job.maps);
    tool_common_close(&job.common);
    return status;
}
