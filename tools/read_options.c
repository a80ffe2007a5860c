/* What is asked of a reading: its options, and which of them cannot be had together. */
#include "memory.h"
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "N", "N:client" or "N:server". */
static bool record_option(struct tool_reading *job, const struct tool_arguments *a)
{
    static const char *const sides[] = {[WT_CLIENT] = "client", [WT_SERVER] = "server", NULL};
    const char *colon = strchr(a->value, ':');
    struct tool_arguments number = *a, side = *a;
    uint64_t value;
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

static bool fail_option(struct tool_reading *job, const struct tool_arguments *a)
{
    static const char *const words[] = {
        [WT_NOTICE] = "notice", [WT_WARNING] = "warning", [WT_ERROR] = "error", [WT_FATAL] = "fatal", NULL};
    job->fail_on = tool_arguments_word(a, words);
    return job->fail_on >= 0;
}

bool tool_read_option(struct tool_reading *job, const struct tool_arguments *a)
{
    uint64_t number;
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
static const char *detail_of(const struct tool_reading *job)
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

static bool settle_picture(struct tool_reading *job, const char *detail)
{
    struct tool_narrator *n = &job->narrator;
    const char *other = detail                    ? detail
                        : job->common.json        ? "json"
                        : n->form == TOOL_LINES   ? "lines"
                        : n->form == TOOL_SUMMARY ? "summary"
                        : job->page.path          ? "html"
                                                  : NULL;
    if (other) {
        tool_complain(job->by.command, _("--svg cannot be combined with --%s"), other);
        return false;
    }
    n->form = TOOL_SVG;
    n->svg = &job->picture;
    n->messages = true;
    return true;
}

/* Options that cannot be had together, and what they imply of each other. */
static bool agree(struct tool_reading *job)
{
    struct tool_narrator *n = &job->narrator;
    const char *detail = detail_of(job);
    if (job->picture.path && !settle_picture(job, detail))
        return false;
    if (detail && n->form == TOOL_LINES) {
        tool_complain(job->by.command, _("--lines cannot be combined with --%s"), detail);
        return false;
    }
    if (job->redact && (job->secrets || job->record)) {
        tool_complain(job->by.command, _("--redact cannot be combined with --%s"), job->secrets ? "secrets" : "record");
        return false;
    }
    if (job->qlog.path && (job->redact || job->page.path || job->picture.path)) {
        tool_complain(job->by.command, _("--qlog cannot be combined with --%s"),
                      job->redact      ? "redact"
                      : job->page.path ? "html"
                                       : "svg");
        return false;
    }
    if (n->places && !job->common.json) {
        tool_complain(job->by.command, _("--%s needs --json"), detail);
        return false;
    }
    if (job->page.most && !job->page.path) {
        tool_complain(job->by.command, _("--%s needs --html"), "html-max");
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
    n->text.requests_first = job->by.requests_first;
    return true;
}

bool tool_read_settle(struct tool_reading *job)
{
    job->rights.command = job->by.command;
    job->qlog.command = job->by.command;
    if (!agree(job) || !tool_rights_settle(&job->rights) || !tool_common_compile(&job->common, job->by.command))
        return false;
    job->narrator.filter = job->common.filter;
    return true;
}

void tool_read_name(struct tool_reading *job, const char *name)
{
    job->by.name = name;
}

bool tool_read_keylog(struct tool_reading *job, const char *path)
{
    return tool_words_add(&job->common.secrets.logs, path);
}
