/* Which connections are shown, and how: JSON, in full, a line each with what matters below it, a line each, or only the
 * totals.
 *
 * By default a file with few connections is shown in full, others in a line each. Which it is
 * shows only when the file has been read, so the first few are held back in both forms. */
#include "backlog.h"
#include "html.h"
#include "memory.h"
#include "svg.h"
#include "tool.h"

#include "wiretale/filter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tool_narrator_begin(struct tool_narrator *n, struct wt_output *output)
{
    n->output = output;
    n->held = 0;
    n->flowing = false;
    n->told = 0;
    n->told_all = 0;
    n->worst = -1;
    n->cache = n->json ? wt_json_cache_new() : NULL; /* without memory it goes on without */
    tool_text_open(&n->lines);
    tool_text_open(&n->stories);
    tool_text_open(&n->late);
}

void tool_narrator_order(struct tool_narrator *n)
{
    n->ordered = true;
    n->backlog = tool_backlog_new();
    if (n->backlog && geteuid() == 0)
        tool_backlog_prepare(n->backlog);
}

bool tool_narrator_redact(struct tool_narrator *n)
{
    n->redaction = wt_redaction_new();
    if (!n->redaction)
        tool_complain(NULL, "%s", _("out of memory"));
    return n->redaction != NULL;
}

static bool is_stream(struct tool_narrator *n, const struct wt_connection *c)
{
    if (n->one_stream && c->stream != n->stream)
        return false;
    n->stream_seen = true;
    return true;
}

bool tool_narrator_may_tell(const struct tool_narrator *n, const struct wt_connection *begun)
{
    /* that the stream is there is to be known, whether or not it matches */
    return n->one_stream ? begun->stream == n->stream : !n->filter || wt_filter_may_match(n->filter, begun);
}

/* They are not few: what was held back is printed, and all others as they come. */
static void let_flow(struct tool_narrator *n)
{
    if (n->paused)
        tool_output_text(n->output, "\n"); /* after the last story */
    tool_text_print(n->form == TOOL_STORIES ? &n->stories : &n->lines, n->output);
    n->stories.length = 0;
    n->lines.length = 0;
    n->flowing = true;
}

/* A connection that is to be written now, or what was written of it when it came before its turn. */
struct words {
    const struct wt_connection *connection; /* NULL: it was written */
    const char *line, *story;
    size_t line_n, story_n;
    bool storyless;
};

static void put(struct wt_output *output, const char *bytes, size_t n)
{
    if (n && !output->failed)
        output->failed = !output->write(output->context, bytes, n);
}

static void put_line(const struct tool_narrator *n, struct wt_output *output, const struct words *w)
{
    const struct wt_json_options options = {.size = sizeof options,
                                            .messages = n->messages,
                                            .places = n->places,
                                            .packets = n->packets,
                                            .fields = n->text.bytes,
                                            .cache = n->cache};
    if (!w->connection)
        put(output, w->line, w->line_n);
    else if (n->json)
        wt_report_json_connection(output, w->connection, &options);
    else if (n->form == TOOL_BRIEF || n->paused)
        wt_report_text_brief(output, w->connection, &n->text);
    else
        wt_report_text_line(output, w->connection, &n->text);
}

static void put_story(const struct tool_narrator *n, struct wt_output *output, const struct words *w)
{
    tool_output_text(output, "\n");
    if (w->connection)
        wt_report_text_story(output, w->connection, &n->text);
    else
        put(output, w->story, w->story_n);
}

/* Without its messages there is no story: unasked, they are kept only for the first few of a run. What never became
 * TLS has none, and is shown all the same. */
static bool is_storyless(const struct tool_narrator *n, const struct wt_connection *c)
{
    const bool spoke = c->client_hello_seen || c->server_hello_seen || c->alert_count;
    return n->form == TOOL_AUTOMATIC && !c->messages && (spoke || (c->state != WT_FAILED && !c->finding_count));
}

static bool is_told(const struct tool_narrator *n)
{
    return !n->json && (n->form == TOOL_AUTOMATIC || n->form == TOOL_STORIES);
}

/* Each in its turn. */
static void tell_words(struct tool_narrator *n, const struct words *w)
{
    if (!is_told(n)) {
        put_line(n, n->output, w);
        return;
    }
    if (!n->flowing && (n->held == TOOL_FEW || w->storyless))
        let_flow(n);
    if (!n->flowing) {
        n->held++;
        if (n->form == TOOL_AUTOMATIC && !n->paused)
            put_line(n, &n->lines.output, w);
        put_story(n, n->paused ? n->output : &n->stories.output, w);
    } else if (n->form == TOOL_STORIES) {
        put_story(n, n->output, w);
    } else {
        put_line(n, n->output, w);
    }
}

/* --- those that come before their turn -----------------------------------------------------------------------------
 */

/* What is before a line and a story in the backlog. */
struct late {
    size_t line_n;
    bool storyless;
};

static void tell_late(struct tool_narrator *n, const char *bytes, size_t length)
{
    struct late head;
    if (length < sizeof head) {
        tool_complain(NULL, "%s", _("the temporary file cannot be read: a connection is missing"));
        n->output->failed = true;
        return;
    }
    memcpy(&head, bytes, sizeof head);
    bytes += sizeof head;
    length -= sizeof head;
    tell_words(n, &(struct words){.line = bytes,
                                  .line_n = head.line_n,
                                  .story = bytes + head.line_n,
                                  .story_n = length - head.line_n,
                                  .storyless = head.storyless});
}

static void tell_until(struct tool_narrator *n, uint32_t before)
{
    const char *bytes;
    size_t length;
    while (n->backlog && !n->output->failed && tool_backlog_take(n->backlog, before, &bytes, &length))
        tell_late(n, bytes, length);
}

/* The order is given up, the connections are not. */
static void give_up_order(struct tool_narrator *n, int reason)
{
    tool_complain(NULL, _("no room to keep connections in order (%s): they are reported as they end"),
                  wt_error_reason(reason));
    n->ordered = false;
    tell_until(n, UINT32_MAX);
}

static void hold(struct tool_narrator *n, const struct words *w)
{
    struct wt_output *output = &n->late.output;
    struct late head = {.storyless = w->storyless};
    const bool few = is_told(n) && !n->flowing && !w->storyless; /* it may be one of them */
    int reason = ENOMEM;
    n->late.length = 0;
    put(output, (const char *)&head, sizeof head);
    if (n->json || n->form != TOOL_STORIES)
        put_line(n, output, w);
    head.line_n = n->late.length - sizeof head;
    if (few || (is_told(n) && n->form == TOOL_STORIES))
        wt_report_text_story(output, w->connection, &n->text);
    if (!output->failed)
        memcpy(n->late.bytes, &head, sizeof head);
    if (!n->backlog)
        n->backlog = tool_backlog_new();
    if (n->backlog && !output->failed)
        reason = tool_backlog_add(n->backlog, w->connection->stream, n->late.bytes, n->late.length);
    if (reason == 0)
        return;
    give_up_order(n, reason);
    tell_words(n, w);
}

void tool_narrator_reported(struct tool_narrator *n, uint32_t stream)
{
    n->reported = stream;
    tell_until(n, stream);
}

void tool_narrator_catch_up(struct tool_narrator *n)
{
    tell_until(n, UINT32_MAX);
}

/* Which of many lines a reader may want to see in full: the first that failed. */
static void remember(struct tool_narrator *n, const struct wt_connection *c)
{
    bool failed = c->state == WT_FAILED;
    if (n->example && n->example_failed && !failed)
        return;
    /* of two alike the one that began first, whichever ended first */
    if (n->example && n->example_failed == failed &&
        (c->stream > n->example_stream || strcmp(n->example, c->file ? c->file : "") != 0))
        return;
    char *file = tool_checked(strdup(c->file ? c->file : ""));
    if (!file)
        return;
    free(n->example);
    n->example = file;
    n->example_stream = c->stream;
    n->example_failed = failed;
}

/* It counts, in whatever form it is shown. */
static void count(struct tool_narrator *n, const struct wt_connection *c)
{
    if (n->overview && n->has_at && !n->at_is_known)
        wt_overview_at(n->overview, n->redaction ? wt_redaction_date(n->redaction, n->at) : n->at);
    n->at_is_known = true;
    if (n->overview)
        wt_overview_add(n->overview, c);
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity > n->worst)
            n->worst = c->findings[i].severity;
}

static void tell_in_turn(struct tool_narrator *n, const struct wt_connection *c)
{
    const struct words w = {.connection = c, .storyless = is_storyless(n, c)};
    if (!n->json)
        remember(n, c);
    if (n->ordered && c->protocol != WT_PROTOCOL_QUIC && c->protocol != WT_PROTOCOL_DTLS && c->stream > n->reported)
        hold(n, &w);
    else
        tell_words(n, &w);
}

/* `spoken`: the same with its sentences in words. */
static void tell(struct tool_narrator *n, const struct wt_connection *c, const struct wt_connection *spoken)
{
    count(n, c);
    if (n->form == TOOL_SUMMARY)
        return;
    n->told++;
    n->told_all++;
    if (n->page)
        tool_html_add(n->page, c);
    if (n->form == TOOL_SVG)
        tool_svg_add(n->svg, spoken);
    else if (n->form != TOOL_HTML)
        tell_in_turn(n, spoken);
}

/* What matches is decided by what was sent. False without memory, too. */
static bool matches(const struct tool_narrator *n, const struct wt_connection *c)
{
    const bool speak = n->page || n->redaction;
    const struct wt_connection *spoken;
    if (!n->filter)
        return true;
    if (!(spoken = speak ? wt_connection_spoken(c) : c)) {
        tool_complain(NULL, "%s", _("out of memory"));
        return false;
    }
    const bool so = wt_filter_match(n->filter, spoken);
    if (speak)
        wt_connection_spoken_free(spoken);
    return so;
}

void tool_narrator_tell(struct tool_narrator *n, const struct wt_connection *c)
{
    if (n->output->failed || !is_stream(n, c) || !matches(n, c))
        return;
    /* for a page, and to be redacted, stories have no language; text does */
    const bool speak = (n->page || n->redaction) && n->form != TOOL_HTML;
    const struct wt_connection *shown = n->redaction ? wt_redaction_story(n->redaction, c) : c;
    const struct wt_connection *spoken = shown && speak ? wt_connection_spoken(shown) : shown;
    if (spoken)
        tell(n, shown, spoken);
    else
        tool_complain(NULL, "%s", _("out of memory"));
    if (speak)
        wt_connection_spoken_free(spoken);
}

/* All goes into a file. */
static bool is_silent(const struct tool_narrator *n)
{
    return n->form == TOOL_HTML || n->form == TOOL_SVG;
}

void tool_narrator_pause(struct tool_narrator *n)
{
    if (n->json || n->flowing || (n->form != TOOL_AUTOMATIC && n->form != TOOL_STORIES))
        return;
    tool_text_print(&n->stories, n->output);
    n->lines.length = 0;
    n->paused = true;
}

void tool_narrator_file(struct tool_narrator *n, const char *name, const struct wt_summary *summary)
{
    if (n->json || is_silent(n) || n->output->failed)
        return;
    if (n->redaction)
        name = wt_redaction_file(n->redaction, name);
    /* A few stories come under the file's head; a long list of lines has flown by before the sums are known. */
    n->lined = n->lined || n->flowing || n->form == TOOL_LINES;
    if (n->flowing || ((n->form == TOOL_LINES || n->form == TOOL_BRIEF || n->paused) && n->told > 0))
        tool_output_text(n->output, "\n");
    wt_report_text_summary(n->output, name, summary, &n->text);
    tool_text_print(&n->stories, n->output);
    /* an empty page looks like a healthy one */
    if (n->told == 0 && summary->connections && n->form != TOOL_SUMMARY && (n->one_stream || n->filter))
        wt_report_text_paragraph(n->output, NULL, 3,
                                 n->filter ? _("none matches the filter") : _("none is that stream"), &n->text);
    n->lines.length = 0;
    n->held = 0;
    n->flowing = false;
    n->paused = false;
    n->told = 0;
    n->reported = 0;
}

void tool_narrator_overview(struct tool_narrator *n)
{
    /* Beside one story, or one line, it has nothing to add. */
    if (!n->overview || n->json || is_silent(n) || n->output->failed || (n->form != TOOL_SUMMARY && n->told_all < 2))
        return;
    tool_output_text(n->output, "\n");
    wt_report_text_overview(n->output, n->overview, &n->text);
}

/* A file's name as a shell takes it: as it is where that is safe, else in quotes; what no terminal should be sent as
 * \xHH in those that take it so (bash, zsh, ksh). */
static void quoted(char *out, size_t size, const char *name)
{
    size_t n = 0;
    char *shown = tool_printable(name);
    bool same = shown && strcmp(shown, name) == 0;
    bool plain =
        *name && name[0] != '-' &&
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-,:@%=") == strlen(name);
    free(shown);
    if (plain) {
        (void)snprintf(out, size, "%s", name);
        return;
    }
    n = (size_t)snprintf(out, size, "%s", same ? "'" : "$'");
    for (; *name && n + 6 < size; name++) {
        const unsigned char c = (unsigned char)*name;
        char one[8] = {*name};
        if (!same && (c == '\\' || c == '\'' || c < 0x20 || c > 0x7e))
            (void)snprintf(one, sizeof one, "\\x%02x", c);
        n += (size_t)snprintf(out + n, size - n, "%s", c == '\'' && same ? "'\\''" : one);
    }
    (void)snprintf(out + n, size - n, "'");
}

void tool_narrator_hint(struct tool_narrator *n)
{
    char name[4400];
    bool lines = n->form == TOOL_LINES || n->form == TOOL_AUTOMATIC;
    if (n->json || n->output->failed || !lines || !n->lined || !n->example || !strcmp(n->example, "-"))
        return;
    quoted(name, sizeof name, n->example);
    tool_output_text(n->output, "\n");
    wt_report_text_paragraph(n->output, NULL, 0, _("One connection in full:"), &n->text);
    /* the command on a line of its own, whole: it is there to be copied */
    tool_output_text(n->output, "    wiretale read --stream %" PRIu32 " %s\n", n->example_stream, name);
}

void tool_narrator_end(struct tool_narrator *n)
{
    free(n->example);
    n->example = NULL;
    wt_redaction_free(n->redaction);
    n->redaction = NULL;
    wt_json_cache_free(n->cache);
    n->cache = NULL;
    tool_text_close(&n->lines);
    tool_text_close(&n->stories);
    tool_text_close(&n->late);
    tool_backlog_free(n->backlog);
    n->backlog = NULL;
}
