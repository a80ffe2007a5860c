/* wiretale follow: what the applications of one connection said to each other. */
#include "common.h"
#include "file.h"
#include "memory.h"
#include "rotation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_A_ROW 16
#define CLIENT_COLOR "\033[31m" /* as Wireshark's Follow Stream has it: red and blue */
#define SERVER_COLOR "\033[34m"
#define NO_COLOR "\033[0m"

static const uint8_t options[] = {OPTION_TEXT,   OPTION_HEX,     OPTION_RAW,      OPTION_SIDE,
                                  OPTION_PREFIX, OPTION_ROTATED, OPTIONS_OF_KEYS, OPTION_LANG,
                                  OPTION_COLOR,  OPTION_ASCII,   OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_follow = {
    .name = "follow",
    .operands = N_("CAPTURE... STREAM"),
    .text = N_("print the application data of one connection"),
    .more = N_("STREAM is the connection's number as shown by 'wiretale read' (Wireshark's tcp.stream).\n"
               "Of QUIC it is udp.stream, then a dot and the id of the stream inside, as in 0.4.\n"
               "Several captures are the pieces of one, in their order.\n"
               "The client's lines start with '> ', the server's with '< '; on a terminal they differ in colour.\n"
               "Unprintable bytes are escaped; only --raw writes them as they are.\n"
               "Exit status: 0; 1 if the connection does not exist or could not be decrypted, or the input is damaged; "
               "2 for usage errors."),
    .options = options,
    .run = run,
};

enum form { FORM_TEXT, FORM_HEX, FORM_RAW };

static const char *const side_names[] = {[WT_CLIENT] = "client", [WT_SERVER] = "server", NULL};

struct job {
    struct tool_common common;
    enum form form;
    int side;      /* enum wt_side; -1: both */
    char **inputs; /* pieces of one capture */
    int count;
    bool color, ascii, rotated;
    bool quic; /* a stream inside a QUIC connection is wanted: this one */
    uint64_t quic_stream;
    uint64_t inside; /* else: one that was seen where it could have been, with has_inside */
    bool has_inside;
    uint64_t lost; /* bytes that the capture lacks */
    struct wt_output output;
    struct tool_file files[2]; /* by side, with --raw */
    int last;                  /* side that spoke last; -1: none */
    bool in_line;              /* its line is not ended yet */
    uint64_t said[2];          /* bytes */
    uint8_t cut[2][4];         /* the beginning of a character whose rest comes with the next piece */
    uint8_t cut_length[2];
    bool found, done, complained;
    int status;
};

static void put(struct job *job, const char *text)
{
    struct wt_output *o = &job->output;
    if (!o->failed)
        o->failed = !o->write(o->context, text, strlen(text));
}

/* ---- as text */

static void begin_line(struct job *job, unsigned side)
{
    if (job->in_line)
        return;
    if (job->color)
        put(job, side == WT_CLIENT ? CLIENT_COLOR : SERVER_COLOR);
    else
        put(job, side == WT_CLIENT ? "> " : "< ");
    job->in_line = true;
}

static void end_line(struct job *job)
{
    if (!job->in_line)
        return;
    put(job, job->color ? NO_COLOR "\n" : "\n");
    job->in_line = false;
}

/* A line without its end. Tabs stay what they are. */
static void put_line(struct job *job, unsigned side, struct wt_span line)
{
    begin_line(job, side);
    while (line.n > 0) {
        const uint8_t *tab = memchr(line.p, '\t', line.n);
        size_t n = tab ? (size_t)(tab - line.p) : line.n;
        wt_report_bytes(&job->output, (struct wt_span){line.p, n}, job->ascii);
        if (tab)
            put(job, "\t");
        n += tab != NULL;
        line = (struct wt_span){line.p + n, line.n - n};
    }
}

/* Bytes at the end of `text` that begin a character of UTF-8 and are not all of it; a CR too, whose LF may follow. */
static size_t unfinished(struct wt_span text)
{
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        return 1;
    for (size_t i = 1; i <= 3 && i <= text.n; i++) {
        uint8_t c = text.p[text.n - i];
        size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (c >= 0x80 && c < 0xc0)
            continue; /* its first byte comes before it */
        return length > i ? i : 0;
    }
    return 0;
}

static void put_text(struct job *job, unsigned side, struct wt_span text)
{
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        size_t shown = end && n > 0 && text.p[n - 1] == '\r' ? n - 1 : n;
        put_line(job, side, (struct wt_span){text.p, shown});
        if (end)
            end_line(job);
        n += end != NULL;
        text = (struct wt_span){text.p + n, text.n - n};
    }
}

/* What was held back for a side is written as it is. */
static void put_cut(struct job *job, unsigned side)
{
    size_t n = job->cut_length[side];
    job->cut_length[side] = 0;
    if (n > 0)
        put_text(job, side, (struct wt_span){job->cut[side], n});
}

static void take_turn(struct job *job, unsigned side)
{
    if (job->last >= 0 && job->last != (int)side) {
        put_cut(job, (unsigned)job->last);
        end_line(job);
    }
    job->last = (int)side;
}

static void text_piece(struct job *job, unsigned side, struct wt_span bytes)
{
    uint8_t joined[8];
    take_turn(job, side);
    if (job->cut_length[side] > 0) { /* the held beginning, with as much as may complete it */
        size_t held = job->cut_length[side], more = bytes.n < 4 ? bytes.n : 4;
        struct wt_span head;
        memcpy(joined, job->cut[side], held);
        memcpy(joined + held, bytes.p, more);
        head = (struct wt_span){joined, held + more};
        job->cut_length[side] = 0;
        if (bytes.n > 4) {
            /* only up to the character's end; what follows it is in `bytes` still */
            size_t n = held == 1 && joined[0] == '\r' ? (joined[1] == '\n' ? 2 : 1) : held;
            while (n < head.n && (joined[n] & 0xc0) == 0x80)
                n++;
            put_text(job, side, (struct wt_span){joined, n});
            bytes = (struct wt_span){bytes.p + (n - held), bytes.n - (n - held)};
        } else {
            bytes = head;
        }
    }
    size_t held = unfinished(bytes);
    put_text(job, side, (struct wt_span){bytes.p, bytes.n - held});
    memcpy(job->cut[side], bytes.p + (bytes.n - held), held);
    job->cut_length[side] = (uint8_t)held;
}

/* ---- as hexadecimal */

static void hex_row(struct job *job, unsigned side, uint64_t at, struct wt_span row)
{
    static const char digits[] = "0123456789abcdef";
    char line[128], *hex = line, *ascii;
    for (int shift = (at >> 32 ? 64 : 32) - 4; shift >= 0; shift -= 4)
        *hex++ = digits[at >> shift & 15];
    *hex++ = ' ';
    ascii = hex + 3 * BYTES_A_ROW + 1;
    memset(hex, ' ', 3 * BYTES_A_ROW + 3);
    ascii[2] = '|';
    for (size_t i = 0; i < row.n; i++) {
        char *byte = hex + 3 * i + 1 + (i >= BYTES_A_ROW / 2);
        byte[0] = digits[row.p[i] >> 4];
        byte[1] = digits[row.p[i] & 15];
        ascii[3 + i] = (char)(row.p[i] >= 0x20 && row.p[i] < 0x7f ? row.p[i] : '.');
    }
    memcpy(ascii + 3 + row.n, "|", 2);
    begin_line(job, side);
    put(job, line);
    end_line(job);
}

static void hex_piece(struct job *job, unsigned side, struct wt_span bytes)
{
    for (size_t i = 0; i < bytes.n; i += BYTES_A_ROW) {
        size_t n = bytes.n - i < BYTES_A_ROW ? bytes.n - i : BYTES_A_ROW;
        hex_row(job, side, job->said[side] + i, (struct wt_span){bytes.p + i, n});
    }
}

/* ---- the observer's calls */

/* TCP's streams and UDP's are numbered each for themselves. */
static bool is_asked_for(struct job *job, const struct wt_plaintext *p)
{
    if (job->quic)
        return p->quic && p->quic_stream == job->quic_stream;
    if (p->quic && !job->has_inside) {
        job->has_inside = true;
        job->inside = p->quic_stream;
    }
    return !p->quic;
}

static void piece(void *context, const struct wt_plaintext *p)
{
    struct job *job = context;
    unsigned side = p->from == WT_SERVER;
    if (p->stream != job->common.stream || !is_asked_for(job, p))
        return;
    if (p->quic && (job->side < 0 || job->side == (int)side))
        job->lost += p->lost;
    if (p->end || p->bytes.n == 0 || (job->side >= 0 && job->side != (int)side))
        return;
    if (job->form == FORM_TEXT)
        text_piece(job, side, p->bytes);
    else if (job->form == FORM_HEX)
        hex_piece(job, side, p->bytes);
    else if (!tool_file_write(&job->files[side], p->bytes.p, p->bytes.n))
        job->done = true;
    job->said[side] += p->bytes.n;
    if (job->output.failed)
        job->done = true;
}

static bool is_wanted(void *context, const struct wt_connection *begun)
{
    const struct job *job = context;
    return begun->stream == job->common.stream && (!job->quic || begun->protocol != WT_PROTOCOL_TLS);
}

/* The stream's connection has ended. */
static void report(void *context, const struct wt_connection *connection)
{
    struct job *job = context;
    if (connection->stream != job->common.stream || (job->quic && connection->protocol != WT_PROTOCOL_QUIC))
        return;
    job->found = true;
    job->done = connection->protocol != WT_PROTOCOL_QUIC || job->quic;
    if (connection->not_decrypted) {
        job->complained = true;
        tool_stdout_flush(&job->output);
        tool_complain(&tool_follow, "%s", connection->not_decrypted);
    }
}

/* ---- the command */

static bool is_side_open(const struct job *job, unsigned side)
{
    return job->side < 0 || job->side == (int)side;
}

/* --raw: a file for each side that is wanted; one side alone may go to standard output. */
static bool open_files(struct job *job)
{
    for (unsigned side = 0; side < 2; side++) {
        char *path = NULL;
        bool ok;
        job->files[side].fd = -1;
        if (!is_side_open(job, side))
            continue;
        if (!job->common.output || !strcmp(job->common.output, "-")) {
            ok = tool_file_open(&job->files[side], &tool_follow, "-", NULL, 0, false);
        } else {
            path = tool_format("%s.%s", job->common.output, side_names[side]);
            ok = path && tool_file_open(&job->files[side], &tool_follow, path, job->inputs, job->count, false);
            free(path);
        }
        if (!ok)
            return false;
    }
    return true;
}

static void close_files(struct job *job)
{
    bool keep = job->said[0] + job->said[1] > 0 || job->status == TOOL_OK;
    for (unsigned side = 0; side < 2; side++) {
        if (job->files[side].fd >= 0 && keep && !tool_file_commit(&job->files[side]))
            job->status = TOOL_BAD_INPUT;
        tool_file_drop(&job->files[side]);
    }
}

static void conclude(struct job *job)
{
    bool spoke = job->said[0] + job->said[1] > 0;
    if (job->form == FORM_TEXT && job->last >= 0)
        put_cut(job, (unsigned)job->last);
    end_line(job);
    if (job->lost) {
        tool_stdout_flush(&job->output);
        tool_complain(&tool_follow, _("bytes that the capture lacks: %" PRIu64), job->lost);
    }
    if (spoke)
        return;
    if (!job->found || job->complained || job->has_inside)
        job->status = TOOL_BAD_INPUT;
    if (job->has_inside && !job->complained) {
        tool_complain(&tool_follow,
                      _("this connection is QUIC, which has streams inside: name one, as in %" PRIu32 ".%" PRIu64),
                      job->common.stream, job->inside);
        return;
    }
    if (!job->found)
        tool_complain(&tool_follow,
                      _("%s: no TLS connection with stream %" PRIu32 "; 'wiretale read --lines %s' lists them"),
                      job->inputs[0], job->common.stream, job->inputs[0]);
    else if (!job->complained)
        tool_complain(&tool_follow, "%s", _("no application data"));
}

/* False when none can be opened. */
static bool read_pieces(struct job *job, struct wt_observer *observer)
{
    uint32_t frames = 0;
    bool any = false;
    for (int i = 0; i < job->count && !job->done; i++) {
        struct wt_capture *capture = tool_capture_open(&tool_follow, job->inputs[i], &job->common.secrets);
        any |= capture != NULL;
        if (capture && i)
            tool_rotation_resume(observer, job->inputs[i]);
        if (capture)
            frames = tool_capture_read(job->inputs[i], capture, observer, &job->done, frames);
        if (!capture || !tool_capture_close(&tool_follow, job->inputs[i], capture))
            job->status = TOOL_BAD_INPUT;
    }
    return any;
}

static void follow_capture(struct job *job)
{
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .wanted = is_wanted,
        .context = job,
        .keys = job->common.secrets.keys,
        .plaintext = piece,
        .verify = job->common.verify,
    };
    struct wt_observer *observer = wt_observer_new(&o, NULL);
    bool any = false;
    if (!observer) {
        tool_complain(&tool_follow, "%s", _("out of memory"));
        return;
    }
    job->status = TOOL_OK;
    wt_observer_file(observer, job->inputs[0]);
    any = read_pieces(job, observer);
    wt_observer_finish(observer);
    if (any)
        conclude(job);
    if (any && job->form != FORM_RAW && tool_stdout_close(&job->output) != TOOL_OK)
        job->status = TOOL_BAD_INPUT;
    wt_observer_free(observer);
}

/* Several captures have to be one: a stream's number is of one capture. */
static bool are_pieces(const struct job *job)
{
    const int n = tool_rotation_count(&tool_follow, job->inputs, job->count, job->rotated);
    if (n < job->count)
        tool_complain(&tool_follow, _("%s does not continue %s: name one capture, or join the files with --rotated"),
                      job->inputs[n], job->inputs[n - 1]);
    return n == job->count;
}

/* "N", or "N.ID" for a stream of QUIC. */
static bool stream_option(struct job *job, char *word)
{
    struct tool_arguments a = {.command = &tool_follow, .id = OPTION_STREAM};
    char *dot = strchr(word, '.');
    uint64_t id;
    if (!dot)
        return tool_common_stream(&job->common, &tool_follow, word);
    a.value = dot + 1;
    if (!tool_arguments_number(&a, 0, (UINT64_C(1) << 62) - 1, &id))
        return false;
    *dot = 0;
    const bool ok = tool_common_stream(&job->common, &tool_follow, word);
    *dot = '.';
    job->quic = true;
    job->quic_stream = id;
    return ok;
}

static bool settle(struct job *job, char **operands, int count)
{
    bool raw = job->form == FORM_RAW, nowhere = !job->common.output || !strcmp(job->common.output, "-");
    const struct wt_text_options look = tool_look_settle(&job->common.look);
    job->color = look.color;
    job->ascii = look.ascii;
    if (count < 2) {
        tool_complain(&tool_follow, _("missing stream number: wiretale follow %s 0"),
                      count > 0 ? operands[0] : _("CAPTURE"));
        return false;
    }
    job->inputs = operands;
    job->count = count - 1;
    if (job->common.output && !raw) {
        tool_complain(&tool_follow, "%s", _("--output needs --raw; text goes to standard output"));
        return false;
    }
    if (raw && (job->common.look.color || job->common.look.ascii)) {
        tool_complain(&tool_follow, _("%s has no meaning with --raw, which writes bytes as they are; leave it out"),
                      job->common.look.color ? "--color" : "--ascii");
        return false;
    }
    if (raw && nowhere && job->side < 0) {
        tool_complain(&tool_follow, "%s",
                      _("--raw writes both sides to files: add -o PREFIX, or select one with --side"));
        return false;
    }
    return stream_option(job, operands[count - 1]);
}

static int follow(struct job *job, char **operands, int count)
{
    int status;
    if (!settle(job, operands, count))
        return TOOL_USAGE;
    if (job->rotated)
        tool_rotation_sort(job->inputs, job->count);
    if (!are_pieces(job))
        return TOOL_USAGE;
    status = tool_secrets_open(&job->common.secrets, &tool_follow, false, operands, count - 1);
    if (status != TOOL_OK)
        return status;
    tool_stdout_open(&job->output);
    job->status = TOOL_BAD_INPUT;
    if (job->form != FORM_RAW || open_files(job))
        follow_capture(job);
    if (job->form == FORM_RAW)
        close_files(job);
    return job->status;
}

static bool option(struct job *job, const struct tool_arguments *a)
{
    switch (a->id) {
    case OPTION_TEXT:
        job->form = FORM_TEXT;
        return true;
    case OPTION_HEX:
        job->form = FORM_HEX;
        return true;
    case OPTION_RAW:
        job->form = FORM_RAW;
        return true;
    case OPTION_ROTATED:
        job->rotated = true;
        return true;
    case OPTION_SIDE:
        job->side = tool_arguments_word(a, side_names);
        return job->side >= 0;
    default:
        return tool_common_option(&job->common, a);
    }
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_follow, .argv = argv, .argc = argc};
    struct job job = {.side = -1, .last = -1, .files = {{.fd = -1}, {.fd = -1}}};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && option(&job, &a))
        ;
    if (which == TOOL_END)
        status = follow(&job, argv, a.operands);
    tool_common_close(&job.common);
    return status;
}
