/* What was asked and answered inside, one row for each request. */
#include "report/text/http.h"

#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define ROWS_SHOWN 12u /* without --explain */
#define ROOMY 100u     /* from here on there is a column of times */
#define REQUEST_AT 10u
#define REQUEST_MOST 90u /* the eye must find from the request to its answer */
#define AMOUNT 10u
#define TIME 11u
#define STATUS 7u /* "→ 200  " */

struct table {
    unsigned request, type; /* columns */
    bool roomy, one_host;
};

/* text/html; charset=utf-8: the parameter says nothing to a reader in a hurry. */
static struct wt_span media_type(struct wt_span type)
{
    for (size_t i = 0; i < type.n; i++)
        if (type.p[i] == ';' || type.p[i] == ' ')
            return wt_span_cut(type, 0, i);
    return type;
}

static bool is_one_host(const struct wt_connection *c)
{
    for (size_t i = 1; i < c->exchange_count; i++)
        if (!wt_span_equal(c->exchanges[i].authority, c->exchanges[0].authority))
            return false;
    return true;
}

static enum wt_style status_style(const struct wt_exchange *e)
{
    if (e->reset || e->status == 0)
        return WT_STYLE_WARN;
    return e->status >= 500 ? WT_STYLE_BAD : e->status >= 400 ? WT_STYLE_WARN : WT_STYLE_PLAIN;
}

static void request(struct wt_text *x, const struct table *table, const struct wt_exchange *e)
{
    struct wt_term *t = &x->term;
    unsigned until = REQUEST_AT + table->request;
    wt_term_to(t, REQUEST_AT);
    wt_term_text(t, e->method.n ? wt_text_wire(x, e->method, 16) : "?");
    wt_term_text(t, " ");
    if (!table->one_host && e->authority.n)
        wt_term_text(t, wt_text_wire(x, e->authority, table->request / 2));
    if (t->at < until)
        wt_term_text(t, wt_text_wire(x, e->path, until - t->at));
}

static void answer(struct wt_text *x, const struct table *table, const struct wt_exchange *e)
{
    struct wt_term *t = &x->term;
    unsigned column = REQUEST_AT + table->request + 2;
    char room[48];
    wt_term_to(t, column);
    wt_term_style(t, status_style(e));
    wt_term_text(t, "→ ");
    if (e->status == 0) {
        wt_term_text(t, e->reset ? _("truncated") : _("no response"));
        wt_term_style(t, WT_STYLE_PLAIN);
        return;
    }
    wt_term_format(t, "%u", e->status);
    wt_term_style(t, e->reset ? WT_STYLE_WARN : WT_STYLE_PLAIN);
    wt_term_to(t, column + STATUS);
    if (e->reset)
        wt_term_text(t, _("truncated"));
    else if (e->upgraded)
        wt_term_text(t, _("switches protocols"));
    else
        wt_term_text(t, wt_text_wire(x, media_type(e->content_type), table->type - 1));
    wt_term_style(t, WT_STYLE_PLAIN);
    if (e->response_body || !e->upgraded)
        wt_term_right(t, column + STATUS + table->type + AMOUNT, wt_amount(room, e->response_body));
    if (table->roomy && e->request_time.ns && e->response_time.ns) {
        wt_term_style(t, WT_STYLE_DIM);
        wt_term_right(t, column + STATUS + table->type + AMOUNT + TIME,
                      wt_duration(room, (int64_t)((uint64_t)e->response_time.ns - (uint64_t)e->request_time.ns)));
        wt_term_style(t, WT_STYLE_PLAIN);
    }
}

/* With --explain: what has no column. */
static void details(struct wt_text *x, const struct wt_exchange *e)
{
    char room[48];
    wt_words_clear(x);
    if (e->pushed)
        wt_words_add(x, "%s", _("pushed by the server"));
    if (e->version == 30)
        wt_words_add(x, _("HTTP/3 stream %" PRIu32), e->stream);
    else if (e->stream)
        wt_words_add(x, _("HTTP/2 stream %" PRIu32), e->stream);
    if (e->request_body)
        wt_words_add(x, _("%s sent with the request"), wt_amount(room, e->request_body));
    if (e->interim)
        wt_words_add(x,
                     ngettext_("after %" PRIu32 " interim response", "after %" PRIu32 " interim responses", e->interim),
                     e->interim);
    if (e->reason.n)
        wt_words_add(x, "%s", wt_text_wire(x, e->reason, 40));
    if (e->content_encoding.n)
        wt_words_add(x, _("content encoding: %s"), wt_text_wire(x, e->content_encoding, 30));
    if (e->status && e->response_frame)
        wt_words_add(x, _("response in packet %" PRIu32), e->response_frame);
    if (x->words.n == 0)
        return;
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_paragraph(&x->term, REQUEST_AT + 2, x->term.columns, wt_words_get(x));
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

static void headline(struct wt_text *x, const struct table *table)
{
    const struct wt_connection *c = x->c;
    char line[400];
    const char *name = c->application ? wt_text_string(x, c->application, 20) : "HTTP";
    size_t n = c->exchange_count + c->exchanges_dropped;
    if (table->one_host && c->exchanges[0].authority.n)
        (void)snprintf(line, sizeof line,
                       ngettext_("decrypted %s to %s: %zu request", "decrypted %s to %s: %zu requests", n), name,
                       wt_text_wire(x, c->exchanges[0].authority, 60), n);
    else
        (void)snprintf(line, sizeof line, ngettext_("decrypted %s: %zu request", "decrypted %s: %zu requests", n), name,
                       n);
    wt_text_headline(x, line);
}

static void more(struct wt_text *x, size_t untold)
{
    char line[160];
    const struct wt_connection *c = x->c;
    if (untold) {
        (void)snprintf(
            line, sizeof line,
            ngettext_("… and %zu more; use --explain to list it", "… and %zu more; use --explain to list them", untold),
            untold);
        wt_term_style(&x->term, WT_STYLE_DIM);
        wt_term_paragraph(&x->term, REQUEST_AT, x->term.columns, line);
        wt_term_style(&x->term, WT_STYLE_PLAIN);
    }
    if (c->exchanges_dropped) {
        (void)snprintf(line, sizeof line,
                       ngettext_("%zu more request exceeded the limit: counted, not stored",
                                 "%zu more requests exceeded the limit: counted, not stored", c->exchanges_dropped),
                       c->exchanges_dropped);
        wt_term_paragraph(&x->term, REQUEST_AT, x->term.columns, line);
    }
}

void wt_text_exchanges(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    struct table table = {.roomy = x->term.columns >= ROOMY, .one_host = is_one_host(c)};
    size_t most = x->options->explain ? SIZE_MAX : ROWS_SHOWN, shown = 0;
    char number[16];
    if (!c->exchange_count)
        return;
    table.type = table.roomy ? 26 : 17;
    table.request = x->term.columns - REQUEST_AT - 2 - STATUS - table.type - AMOUNT - (table.roomy ? TIME : 0);
    if (table.request > REQUEST_MOST)
        table.request = REQUEST_MOST;
    headline(x, &table);
    /* one more row takes no more space than the line that would mention it */
    if (c->exchange_count == (size_t)ROWS_SHOWN + 1)
        most = SIZE_MAX;
    for (; shown < c->exchange_count && shown < most && !x->term.output->failed; shown++) {
        const struct wt_exchange *e = &c->exchanges[shown];
        if (e->request_frame) {
            (void)snprintf(number, sizeof number, "%" PRIu32, e->request_frame);
            wt_term_style(&x->term, WT_STYLE_DIM);
            wt_term_right(&x->term, 8, number);
            wt_term_style(&x->term, WT_STYLE_PLAIN);
        }
        request(x, &table, e);
        answer(x, &table, e);
        wt_term_end(&x->term);
        if (x->options->explain)
            details(x, e);
    }
    more(x, c->exchange_count - shown);
}
