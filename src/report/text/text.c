/* The story of one connection as text, from its head to its end; and the head of a file's report. */
#include "report/text/text.h"

#include "report/explain/explain.h"
#include "report/explain/head.h"
#include "report/explain/records.h"
#include "report/text/account.h"
#include "report/text/datagrams.h"
#include "report/text/end.h"
#include "report/text/findings.h"
#include "report/text/http.h"
#include "report/text/lane.h"
#include "report/text/names.h"
#include "report/text/outcome.h"
#include "report/text/proofs.h"
#include "report/text/remark.h"
#include "report/text/rows.h"
#include "report/text/steps.h"
#include "report/text/words.h"
#include "story/cause.h"
#include "wiretale/quic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PROSE_COLUMNS 110u /* lines of sentences longer than this are hard to read */
#define HEAD_AT 11u
#define WHOLE_NAME 1024u /* columns: more than a name can have that is escaped byte by byte */
#define BRIEF_AT 8u      /* under the state, in the line before */

void wt_text_begin(struct wt_text *x, struct wt_output *output, const struct wt_connection *c,
                   const struct wt_text_options *options)
{
    *x = (struct wt_text){.c = c, .options = options};
    wt_term_start(&x->term, output, options);
    x->prose = x->term.columns < PROSE_COLUMNS || x->term.neutral ? x->term.columns : PROSE_COLUMNS;
}

void wt_text_finish(struct wt_text *x)
{
    wt_term_free(&x->term);
    wt_buffer_free(&x->words);
}

void wt_text_headline(struct wt_text *x, const char *text)
{
    wt_term_end(&x->term);
    wt_term_to(&x->term, 3);
    wt_term_style(&x->term, WT_STYLE_HEAD);
    wt_term_text(&x->term, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

enum wt_style wt_text_state_style(const struct wt_connection *c)
{
    if (c->state == WT_FAILED || wt_story_failed_later(c))
        return WT_STYLE_BAD;
    return c->state == WT_ESTABLISHED ? WT_STYLE_GOOD : WT_STYLE_WARN;
}

/* The first fatal one: what comes back is an answer to it. Else the last, whose level may say too little. */
static const struct wt_alert_seen *telling_alert(const struct wt_connection *c)
{
    const struct wt_alert_seen *last = NULL;
    for (size_t i = 0; i < c->alert_count; i++) {
        const struct wt_alert_seen *a = &c->alerts[i];
        if (a->readable && a->level == 2)
            return a;
        last = a->readable ? a : last;
    }
    return last;
}

static const char *failed_after(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    const struct wt_alert_seen *a = telling_alert(c);
    if (a) {
        wt_words_add(x, a->from == WT_CLIENT ? _("failed: client sent alert %s") : _("failed: server sent alert %s"),
                     wt_text_name(x, WT_REG_ALERT, a->description));
        return wt_words_get(x);
    }
    if (!c->client_hello_seen && !c->server_hello_seen) {
        wt_words_add(x, "%s",
                     c->reset ? _("failed: reset before TLS started")
                              : _("failed: TLS never "
                                  "started"));
        return wt_words_get(x);
    }
    if (wt_text_outcome_failed(x))
        return wt_words_get(x);
    bool closed = c->fin[WT_CLIENT] || c->fin[WT_SERVER];
    wt_words_add(x, "%s",
                 c->reset ? _("failed: reset during the handshake")
                 : closed ? _("failed: closed during the handshake without an alert")
                          : _("failed: the handshake stalled"));
    return wt_words_get(x);
}

const char *wt_text_outcome(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char room[48];
    wt_words_clear(x);
    switch (c->state) {
    case WT_ESTABLISHED:
        if (c->ready.ns && c->client_hello_seen)
            wt_words_add(x, _("established in %s"), wt_duration(room, c->ready.ns - c->start.ns));
        else
            wt_words_add(x, "%s", _("established"));
        if (wt_story_failed_later(c))
            /* TRANSLATORS: after "established in 61.3 ms, " */
            wt_words_add(x, "%s", _("failed later"));
        break;
    case WT_FAILED:
        return failed_after(x);
    default:
        if (wt_text_outcome_has(c, "client-silent"))
            wt_words_add(x, "%s", _("incomplete: the client sent nothing"));
        else if (!c->client_hello_seen && !c->server_hello_seen && !c->alert_count &&
                 wt_text_outcome_has(c, "capture-truncated-packets") && c->finding_count == 1)
            wt_words_add(x, "%s", _("incomplete: no payload was captured"));
        else if (c->quic)
            wt_words_add(x, "%s", wt_text_outcome_incomplete(c));
        else if (!c->client_hello_seen && !c->server_hello_seen)
            wt_words_add(x, "%s", _("incomplete: the capture starts after the handshake"));
        else if (!c->client_hello_seen || !c->server_hello_seen)
            wt_words_add(x, "%s",
                         c->client_hello_seen ? _("incomplete: no ServerHello captured")
                                              : _("incomplete: no ClientHello captured"));
        else
            wt_words_add(x, "%s", _("incomplete: the end of the handshake was not captured"));
    }
    return wt_words_get(x);
}

/* The facts of the second line, each once. */
static void head_facts(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char outcome[512];
    (void)snprintf(outcome, sizeof outcome, "%s", wt_text_outcome(x));
    wt_words_clear(x);
    if (wt_text_quic_version(x))
        wt_words_add(x, "%s", wt_text_quic_version(x));
    if (c->version)
        wt_words_add(x, "%s", wt_text_version(x, c->version));
    else if (c->offered)
        wt_words_add(x, _("offered %s"), wt_text_version(x, c->offered));
    wt_words_add(x, "%s", outcome);
    if (c->has_suite)
        wt_words_add(x, "%s", wt_text_name(x, WT_REG_CIPHER_SUITE, c->cipher_suite));
    if (c->group)
        wt_words_add(x, "%s", wt_text_name(x, WT_REG_GROUP, c->group));
    if (c->alpn.n)
        wt_words_add(x, "%s", wt_text_wire(x, c->alpn, 40));
}

static void resumption(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    const char *how = c->resumption == WT_RESUMPTION_SESSION_ID ? _("by session ID")
                      : c->resumption == WT_RESUMPTION_TICKET   ? _("by session ticket")
                                                                : _("by pre-shared key");
    if (c->has_resumed_from)
        wt_words_add(x, _("resumes the session of stream %" PRIu32 " %s"), c->resumed_from, how);
    else
        wt_words_add(x, _("resumes an earlier session %s"), how);
}

static void head_more(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    wt_words_clear(x);
    if (c->starttls)
        wt_words_add(x, _("upgraded from plaintext %s"), wt_text_string(x, c->starttls, 20));
    if (c->resumption != WT_RESUMPTION_NONE)
        resumption(x);
    if (c->early_data != WT_EARLY_NONE)
        wt_words_add(x, "%s", c->early_data == WT_EARLY_ACCEPTED ? _("early data accepted") : _("early data rejected"));
    if (c->retried)
        wt_words_add(x, "%s", _("extra round trip (HelloRetryRequest)"));
    wt_text_datagram_facts(x);
    if (c->client_certificate_requested)
        wt_words_add(x, "%s", _("client certificate requested"));
    if (c->renegotiations)
        wt_words_add(x, ngettext_("renegotiated %u time", "renegotiated %u times", c->renegotiations),
                     c->renegotiations);
    if (x->words.n == 0)
        return;
    wt_term_wrap(&x->term, HEAD_AT, x->term.columns, wt_words_get(x));
    wt_term_end(&x->term);
}

/* An address or a name, never cut: what has no room on this line begins the next. */
static void head_part(struct wt_text *x, enum wt_style style, const char *lead, const char *text)
{
    struct wt_term *t = &x->term;
    if (t->at > HEAD_AT && t->at + wt_width(lead) + wt_width(text) > t->columns) {
        wt_term_end(t);
        wt_term_to(t, HEAD_AT);
        lead += strspn(lead, " "); /* the arrow goes with the server's address */
    }
    wt_term_text(t, lead);
    wt_term_style(t, style);
    wt_term_wrap(t, HEAD_AT, t->columns, text);
    wt_term_style(t, WT_STYLE_PLAIN);
}

/* "curl (pid 4711): curl -s https://api.example.com/" */
static void head_process(struct wt_text *x)
{
    const struct wt_process *p = x->c->process;
    if (!p)
        return;
    wt_words_clear(x);
    /* TRANSLATORS: a program's name and the number of its process */
    (void)wt_buffer_format(&x->words, _("%s (pid %" PRIu32 ")"), wt_text_string(x, p->program, WHOLE_NAME), p->pid);
    for (size_t i = 0; i < p->argument_count; i++)
        (void)wt_buffer_format(&x->words, "%s%s", i ? " " : _(": "), wt_text_string(x, p->arguments[i], WHOLE_NAME));
    wt_term_to(&x->term, HEAD_AT);
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_wrap(&x->term, HEAD_AT, x->term.columns, wt_words_get(x));
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

void wt_text_head(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    struct wt_term *t = &x->term;
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_format(t, _("stream %" PRIu32), c->stream);
    wt_term_style(t, WT_STYLE_PLAIN);
    if (t->at >= HEAD_AT)
        wt_term_text(t, "  ");
    wt_term_to(t, HEAD_AT);
    head_part(x, WT_STYLE_CLIENT, "", wt_text_address(x, &c->client));
    head_part(x, WT_STYLE_SERVER, " → ", wt_text_address(x, &c->server));
    if (c->sni.n)
        head_part(x, WT_STYLE_BOLD, "   ", wt_text_wire(x, c->sni, WHOLE_NAME));
    wt_term_end(t);
    head_process(x);
    head_facts(x);
    wt_term_to(t, HEAD_AT);
    wt_term_style(t, wt_text_state_style(c));
    wt_term_wrap(t, HEAD_AT, t->columns, wt_words_get(x));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_end(t);
    wt_text_why(x, HEAD_AT);
    head_more(x);
    wt_text_head_keys(x, HEAD_AT);
}

void wt_report_text_story(struct wt_output *output, const struct wt_connection *connection,
                          const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    struct wt_text x;
    wt_text_begin(&x, output, connection, options);
    wt_text_head(&x);
    if (options->explain)
        wt_explain_head(&x);
    if (options->requests_first)
        wt_text_exchanges(&x);
    wt_text_rows(&x);
    if (!options->requests_first)
        wt_text_exchanges(&x);
    if (options->explain)
        wt_explain_end(&x);
    if (options->secrets)
        wt_text_secrets(&x);
    if (options->record)
        wt_text_record(&x);
    wt_text_end(&x);
    wt_text_finish(&x);
}

/* Whether more has to be said than its line says. */
static bool is_troubled(const struct wt_connection *c)
{
    bool so = c->state == WT_FAILED;
    for (size_t i = 0; i < c->finding_count && !so; i++)
        so = c->findings[i].severity >= WT_WARNING;
    return so;
}

void wt_report_text_brief(struct wt_output *output, const struct wt_connection *connection,
                          const struct wt_text_options *options)
{
    struct wt_text_options known;
    wt_report_text_line(output, connection, options);
    if (!is_troubled(connection) || !wt_term_options(output, &known, &options))
        return;
    struct wt_text x;
    wt_text_begin(&x, output, connection, options);
    wt_text_why(&x, BRIEF_AT);
    wt_text_head_keys(&x, BRIEF_AT);
    wt_text_grave_findings(&x);
    wt_text_finish(&x);
}

/* --- the head of a file's report ------------------------------------------------------------------------------------
 */

/* The head of a file is one line where output has no width. */
static void head_line(struct wt_term *t, unsigned indent, const char *text)
{
    if (t->unbroken)
        wt_term_text(t, text);
    else
        wt_term_wrap(t, indent, t->columns, text);
}

void wt_report_text_summary(struct wt_output *output, const char *file, const struct wt_summary *summary,
                            const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    struct wt_text x;
    const struct wt_summary *s = summary;
    char line[512];
    wt_text_begin(&x, output, NULL, options);
    wt_words_clear(&x);
    if (s->files > 1)
        wt_words_add(&x, ngettext_("%" PRIu32 " file", "%" PRIu32 " files", s->files), s->files);
    wt_words_add(&x, ngettext_("%" PRIu64 " packet", "%" PRIu64 " packets", (unsigned long)s->packets), s->packets);
    wt_words_add(&x,
                 ngettext_("%" PRIu64 " TLS connection", "%" PRIu64 " TLS connections", (unsigned long)s->connections),
                 s->connections);
    if (s->elsewhere)
        wt_words_add(&x,
                     ngettext_("%" PRIu64 " of them seen again elsewhere", "%" PRIu64 " of them seen again elsewhere",
                               (unsigned long)s->elsewhere),
                     s->elsewhere);
    (void)snprintf(line, sizeof line, "%s", wt_words_get(&x));
    if (file) {
        wt_term_style(&x.term, WT_STYLE_BOLD);
        head_line(&x.term, 0, wt_text_string(&x, file, WHOLE_NAME));
        wt_term_style(&x.term, WT_STYLE_PLAIN);
        /* TRANSLATORS: between what is spoken of and what is said of it */
        wt_term_text(&x.term, _(": "));
    }
    head_line(&x.term, 3, line);
    if (s->connections > 1) {
        (void)snprintf(line, sizeof line, _("(%" PRIu64 " established, %" PRIu64 " failed, %" PRIu64 " incomplete)"),
                       s->established, s->failed, s->incomplete);
        if (x.term.at + 1 + wt_width(line) > x.term.columns && !x.term.unbroken)
            wt_term_end(&x.term);
        else
            wt_term_text(&x.term, " ");
        head_line(&x.term, 3, line);
    }
    wt_term_end(&x.term);
    wt_text_account(&x, s);
    wt_text_finish(&x);
}

/* --- what is no report -------------------------------------------------------------------------------------------- */

void wt_report_text_paragraph(struct wt_output *output, const char *lead, unsigned indent, const char *text,
                              const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    struct wt_text x;
    wt_text_begin(&x, output, NULL, options);
    if (lead)
        wt_term_text(&x.term, lead);
    if (x.term.at && x.term.at + 1 >= indent)
        wt_term_end(&x.term);
    while (text) {
        const char *feed = strchr(text, '\n');
        size_t length = feed ? (size_t)(feed - text) : strlen(text);
        wt_words_clear(&x);
        (void)wt_buffer_format(&x.words, "%.*s", (int)length, text);
        wt_term_paragraph(&x.term, indent, x.prose, x.words.p ? (const char *)x.words.p : "");
        text = feed ? feed + 1 : NULL;
    }
    wt_text_finish(&x);
}
