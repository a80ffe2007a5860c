/* One line for one connection, in columns that stay where they are.
 *
 *     stream  state   version     time   [client →] [server]             name, and why it failed
 */
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define WITH_SERVER 108u /* terminals from this width on show the server's address beside the name */
#define WITH_CLIENT 132u /* and the client's */
#define WITH_SUITE 148u
#define CAUSE 29u /* "certificate-chain-incomplete" and a space */
#define NAME_LEAST 16u
#define ADDRESS 21u /* "255.255.255.255:65535" */

/* A long address keeps its two ends. */
static const char *short_address(struct wt_text *x, const struct wt_address *address, char room[64])
{
    const char *whole = wt_text_address(x, address);
    size_t n = strlen(whole);
    const char *dots = x->term.ascii ? ".." : "…";
    size_t keep = ADDRESS - wt_width(dots);
    if (n <= ADDRESS)
        return whole;
    size_t back = keep / 2 + 1, front = keep - back;
    (void)snprintf(room, 64, "%.*s%s%s", (int)front, whole, dots, whole + n - back);
    return room;
}

static const char *state(const struct wt_connection *c)
{
    /* TRANSLATORS: at most seven columns each */
    return c->state == WT_ESTABLISHED ? _("ok") : c->state == WT_FAILED ? _("failed") : _("partial");
}

/* Why it failed, as short as it can be said: the root cause by its id, else what was seen last. */
static void cause(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL) {
            wt_words_add(x, "%s", c->findings[i].id);
            return;
        }
    for (size_t i = c->alert_count; i--;)
        if (c->alerts[i].readable) {
            wt_words_add(x, "%s", wt_text_name(x, WT_REG_ALERT, c->alerts[i].description));
            return;
        }
    wt_words_add(x, "%s", c->reset ? _("reset") : c->fin[WT_CLIENT] || c->fin[WT_SERVER] ? _("closed") : _("stalled"));
}

/* Narrow terminals show the name, and the address where there is none or where it has room beside it. */
static void name_and_address(struct wt_text *x, unsigned columns, const char *address)
{
    struct wt_term *t = &x->term;
    unsigned until = t->at + columns;
    wt_term_style(t, x->c->sni.n ? WT_STYLE_BOLD : WT_STYLE_PLAIN);
    wt_term_text(t, x->c->sni.n ? wt_text_wire(x, x->c->sni, columns) : address ? address : "");
    wt_term_style(t, WT_STYLE_PLAIN);
    if (!x->c->sni.n || !address || t->at + 2 + wt_width(address) > until)
        return;
    wt_term_text(t, "  ");
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_text(t, address);
    wt_term_style(t, WT_STYLE_PLAIN);
}

static void last_columns(struct wt_text *x, const char *address)
{
    const struct wt_connection *c = x->c;
    struct wt_term *t = &x->term;
    bool suite = t->columns >= WITH_SUITE, failed = c->state == WT_FAILED;
    unsigned from = t->at, rest = t->columns - from;
    unsigned name = suite ? 34 : !failed ? rest : rest >= CAUSE + NAME_LEAST ? rest - CAUSE : rest * 9 / 20;
    name_and_address(x, name, address);
    wt_words_clear(x);
    if (failed)
        cause(x);
    else if (suite && c->has_suite)
        wt_words_add(x, "%s", wt_text_suite(x, c->cipher_suite));
    if (x->words.n == 0)
        return;
    wt_term_to(t, from + name + 1 + suite);
    wt_term_style(t, failed ? WT_STYLE_BAD : WT_STYLE_PLAIN);
    wt_term_text(t, wt_text_string(x, wt_words_get(x), t->columns - t->at));
    wt_term_style(t, WT_STYLE_PLAIN);
}

void wt_report_text_line(struct wt_output *output, const struct wt_connection *connection,
                         const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    const struct wt_connection *c = connection;
    struct wt_text x = {.c = c, .options = options};
    struct wt_term *t = &x.term;
    char room[64];
    wt_term_start(t, output, options);
    wt_term_style(t, WT_STYLE_DIM);
    (void)snprintf(room, sizeof room, "%" PRIu32, c->stream);
    wt_term_right(t, 6, room);
    wt_term_text(t, "  ");
    wt_term_style(t, wt_text_state_style(c));
    wt_term_text(t, state(c));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_to(t, 16);
    if (c->version || c->offered)
        wt_term_text(t, wt_text_string(&x, wt_text_version(&x, c->version ? c->version : c->offered), 8));
    wt_term_style(t, WT_STYLE_DIM);
    if (c->ready.ns && c->client_hello_seen)
        wt_term_right(t, 34, wt_duration(room, c->ready.ns - c->start.ns));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_to(t, 36);
    if (t->columns >= WITH_CLIENT) {
        wt_term_text(t, short_address(&x, &c->client, room));
        wt_term_to(t, 36 + ADDRESS);
        wt_term_text(t, " → ");
    }
    if (t->columns >= WITH_SERVER) {
        unsigned server = t->at;
        wt_term_text(t, short_address(&x, &c->server, room));
        wt_term_to(t, server + ADDRESS + 2);
        last_columns(&x, NULL);
    } else {
        last_columns(&x, short_address(&x, &c->server, room));
    }
    wt_term_end(t);
    wt_term_free(t);
    wt_buffer_free(&x.words);
}
