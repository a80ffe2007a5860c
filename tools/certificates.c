/* wiretale certificates: the certificates of a capture as PEM, each once. */
#include "common.h"
#include "file.h"
#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PEM_COLUMNS 64 /* RFC 7468, 2: characters of base64 in a line */
#define NAME_MOST 60   /* characters of a name in a file's name */

static const uint8_t options[] = {OPTION_DIRECTORY, OPTION_FILTER,   OPTION_FAILED, OPTION_STREAM,
                                  OPTIONS_OF_KEYS,  OPTION_LANG,     OPTION_COUNT};

static int run(int argc, char **argv);

const struct tool_command tool_certificates = {
    .name = "certificates",
    .operands = N_("CAPTURE..."),
    .text = N_("write the certificates of a capture as PEM files"),
    .more = N_("Each certificate is written once, however many connections sent it, after lines that name the first of them, its "
               "subject, issuer and validity; openssl x509 skips these. Certificates of TLS 1.3 need keys."),
    .options = options,
    .run = run,
};

struct job {
    struct tool_common common;
    struct wt_output output;
    char *const *inputs;
    int count;
    uint8_t (*seen)[32]; /* SHA-256 of what was written */
    size_t written;
    int status;
};

/* ---- one certificate */

static bool is_written(const struct job *job, const struct wt_certificate_facts *f)
{
    for (size_t i = job->written; i-- > 0;)
        if (memcmp(job->seen[i], f->sha256, sizeof f->sha256) == 0)
            return true;
    return false;
}

/* Grows when the count is a power of two. */
static bool mark(struct job *job, const struct wt_certificate_facts *f)
{
    if ((job->written & (job->written - 1)) == 0) {
        void *grown = tool_checked(reallocarray(job->seen, job->written ? 2 * job->written : 1, sizeof *job->seen));
        if (!grown)
            return false;
        job->seen = grown;
    }
    memcpy(job->seen[job->written++], f->sha256, sizeof f->sha256);
    return true;
}

static void base64_line(struct tool_text *text, const uint8_t *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[PEM_COLUMNS + 1];
    size_t at = 0;
    for (size_t i = 0; i < n; i += 3) {
        size_t rest = n - i;
        uint32_t three = (uint32_t)p[i] << 16 | (rest > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (rest > 2 ? p[i + 2] : 0);
        line[at++] = digits[three >> 18];
        line[at++] = digits[three >> 12 & 63];
        line[at++] = rest > 1 ? digits[three >> 6 & 63] : '=';
        line[at++] = rest > 2 ? digits[three & 63] : '=';
    }
    line[at] = '\0';
    tool_output_text(&text->output, "%s\n", line);
}

static void date(char out[24], int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    if (t != seconds || !gmtime_r(&t, &tm) || !strftime(out, 24, "%Y-%m-%d", &tm))
        (void)snprintf(out, 24, "?");
}

/* Where it was first seen and what it is, then the certificate (RFC 7468, 5.2: explanatory text before the boundary). */
static void pem(struct tool_text *text, const struct wt_connection *c, unsigned side, size_t n,
                const struct wt_certificate_facts *f)
{
    char from[24], until[24], *file = tool_printable(c->file ? c->file : "-");
    tool_output_text(&text->output,
                     side == WT_SERVER ? _("# stream %" PRIu32 " of %s: server certificate %zu\n")
                                       : _("# stream %" PRIu32 " of %s: client certificate %zu\n"),
                     c->stream, file ? file : "?", n + 1);
    free(file);
    if (f->parsed) {
        date(from, f->not_before);
        date(until, f->not_after);
        tool_output_text(&text->output, _("# subject: %s\n"), f->subject);
        tool_output_text(&text->output, _("# issuer: %s\n"), f->issuer);
        tool_output_text(&text->output, _("# valid %s to %s\n"), from, until);
    }
    tool_output_text(&text->output, "# sha256 ");
    for (size_t i = 0; i < sizeof f->sha256; i++)
        tool_output_text(&text->output, "%02x", f->sha256[i]);
    tool_output_text(&text->output, "\n-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < f->der.n; i += PEM_COLUMNS / 4 * 3)
        base64_line(text, f->der.p + i, f->der.n - i < PEM_COLUMNS / 4 * 3 ? f->der.n - i : PEM_COLUMNS / 4 * 3);
    tool_output_text(&text->output, "-----END CERTIFICATE-----\n");
}

/* A name that every file system takes: letters, digits, dots and hyphens of the subject's, and enough of the digest to
 * tell one from another. */
static char *file_name(const struct job *job, const struct wt_certificate_facts *f)
{
    const char *name = f->common_name && *f->common_name ? f->common_name : f->san_count ? f->san[0] : "certificate";
    char safe[NAME_MOST + 1];
    size_t n = 0;
    for (; *name && n < NAME_MOST; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || *name == '-' || (*name == '.' && n);
        safe[n++] = plain ? *name : '_';
    }
    safe[n] = '\0';
    return tool_format("%s/%s-%02x%02x%02x%02x.pem", job->common.output, safe, f->sha256[0], f->sha256[1], f->sha256[2],
                       f->sha256[3]);
}

static bool to_file(struct job *job, const struct wt_certificate_facts *f, const struct tool_text *text)
{
    struct tool_file file = {.fd = -1};
    char *path = file_name(job, f);
    bool ok = path && tool_file_open(&file, &tool_certificates, path, job->inputs, job->count, true) &&
              tool_file_write(&file, text->bytes, text->length) && tool_file_commit(&file);
    tool_file_drop(&file);
    free(path);
    return ok;
}

static void write_one(struct job *job, const struct wt_connection *c, unsigned side, size_t n)
{
    const struct wt_certificate_facts *f = c->certificates[side][n];
    struct tool_text text;
    if (job->status != TOOL_OK || f->der.n == 0 || is_written(job, f))
        return;
    tool_text_open(&text);
    pem(&text, c, side, n, f);
    bool ok = mark(job, f) && !text.output.failed;
    if (!ok)
        tool_complain(&tool_certificates, "%s", _("out of memory"));
    else if (job->common.output)
        ok = to_file(job, f, &text);
    else
        tool_text_print(&text, &job->output);
    if (!ok)
        job->status = TOOL_BAD_INPUT;
    tool_text_close(&text);
}

static void report(void *context, const struct wt_connection *c)
{
    struct job *job = context;
    if (!tool_common_wants(&job->common, c))
        return;
    for (int side = WT_SERVER; side >= WT_CLIENT; side--)
        for (size_t i = 0; i < c->certificate_count[side]; i++)
            write_one(job, c, (unsigned)side, i);
}

/* ---- the command */

static void read_files(struct job *job)
{
    const struct wt_filter *filter = job->common.filter;
    struct wt_observer_options o = {
        .size = sizeof o,
        .connection = report,
        .context = job,
        .keys = job->common.secrets.keys,
        .verify = job->common.verify,
        .read_application = filter != NULL,
        .keep_messages = filter && wt_filter_needs_messages(filter),
    };
    struct wt_observer *observer = wt_observer_new(&o, NULL);
    if (!observer) {
        tool_complain(&tool_certificates, "%s", _("out of memory"));
        job->status = TOOL_BAD_INPUT;
        return;
    }
    for (int i = 0; i < job->count && !job->output.failed; i++) {
        struct wt_capture *capture =
            tool_capture_open(&tool_certificates, job->inputs[i], &job->common.secrets);
        wt_observer_file(observer, job->inputs[i]);
        if (capture)
            (void)tool_capture_read(job->inputs[i], capture, observer, NULL, 0);
        if (i + 1 == job->count)
            wt_observer_finish(observer);
        if (!capture || !tool_capture_close(&tool_certificates, job->inputs[i], capture))
            job->status = TOOL_BAD_INPUT;
    }
    wt_observer_free(observer);
}

static bool make_directory(const struct job *job)
{
    const char *path = job->common.output;
    struct stat st;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return true;
    tool_complain(&tool_certificates, "%s: %s", path, wt_error_reason(errno == EEXIST ? ENOTDIR : errno));
    return false;
}

static int certificates(struct job *job)
{
    if (job->count == 0) {
        tool_complain(&tool_certificates, "%s", _("missing capture: name a file, or - for standard input"));
        return TOOL_USAGE;
    }
    if (!tool_common_compile(&job->common, &tool_certificates))
        return TOOL_USAGE;
    job->status = tool_secrets_open(&job->common.secrets, &tool_certificates, false, (char **)(uintptr_t)job->inputs,
                                    job->count);
    if (job->status != TOOL_OK || (job->common.output && !make_directory(job)))
        return job->status == TOOL_OK ? TOOL_BAD_INPUT : job->status;
    tool_stdout_open(&job->output);
    read_files(job);
    if (tool_stdout_close(&job->output) != TOOL_OK)
        job->status = TOOL_BAD_INPUT;
    if (job->written == 0 && job->status == TOOL_OK) {
        tool_complain(&tool_certificates, "%s",
                      _("no certificate: none was sent, or they are encrypted (TLS 1.3) and no keys were given"));
        job->status = TOOL_BAD_INPUT;
    } else if (job->common.output) {
        tool_complain(&tool_certificates, _("%s: certificates %zu"), job->common.output, job->written);
    }
    return job->status;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_certificates, .argv = argv, .argc = argc};
    struct job job = {.inputs = argv};
    int status = TOOL_USAGE, which;
    while ((which = tool_arguments_next(&a)) >= 0 && tool_common_option(&job.common, &a))
        ;
    job.count = a.operands;
    if (which == TOOL_END)
        status = certificates(&job);
    free(job.seen);
    tool_common_close(&job.common);
    return status;
}
