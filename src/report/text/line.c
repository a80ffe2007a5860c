/* One line for one connection, in columns that stay where they are.
 *
 *     stream  state   version     time   [client →] [server]             name, and why it failed
 */
#include "report/text/datagrams.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/verdicts.h"
#include "report/text/words.h"
#include "story/cause.h"
#include "wiretale/quic.h"

#include <inttypes.h>
#include <stdio.h>

#define WITH_SERVER 108u /* terminals from this width on show the server's address beside the name */
#define WITH_CLIENT 132u /* and the client's */
#define WITH_SUITE 148u
#define CAUSE 29u   /* "certificate-chain-incomplete" and a space */
#define NAME 20u    /* columns that a name has before the cause, unless there is more room */
#define ADDRESS 21u /* "255.255.255.255:65535" */
#define VERSION_TLS 8u
#define VERSION 17u      /* QUIC's, where the time beside it is not known */
#define VERSION_TIMED 9u /* where it is */
#define ENDS_AT 36u      /* where addresses and names begin */
#define BELOW_AT 8u      /* and where what is too long even for a line of its own does */
#define WHOLE 1024u

/* Puts a part after the others. Nothing is cut, since it may have to be copied: what finds no room here begins another
 * line; output without a width has room for all. */
static void part(struct wt_text *x, enum wt_style style, const char *text)
{
    struct wt_term *t = &x->term;
    unsigned width = wt_width(text);
    if (!t->unbroken && t->at >= ENDS_AT && t->at + width > t->columns) {
        wt_term_end(t);
        wt_term_to(t, ENDS_AT + width > t->columns ? BELOW_AT : ENDS_AT);
    }
    wt_term_style(t, style);
    if (t->unbroken || t->at + width <= t->columns)
        wt_term_text(t, text);
    else
        wt_term_wrap(t, BELOW_AT, t->columns, text);
    wt_term_style(t, WT_STYLE_PLAIN);
}

static const char *state(const struct wt_connection *c)
{
    /* TRANSLATORS: at most seven columns each; "broke": established, and failed later */
    return wt_story_failed_later(c)     ? _("broke")
           : c->state == WT_ESTABLISHED ? _("ok")
           : c->state == WT_FAILED      ? _("failed")
                                        : _("partial");
}

/* Established, but not as it should be. */
static enum wt_style state_style(const struct wt_connection *c)
{
    enum wt_style style = wt_text_state_style(c);
    return style == WT_STYLE_GOOD && wt_text_worst(c) ? WT_STYLE_WARN : style;
}

/* Why it failed, as short as it can be said: the root cause by its id, else what was seen last. */
static void cause(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    const struct wt_finding *f = wt_story_cause(c);
    if (f) {
        wt_words_add(x, "%s", f->id);
        return;
    }
    for (size_t i = c->alert_count; i--;)
        if (c->alerts[i].readable) {
            wt_words_add(x, "%s", wt_text_name(x, WT_REG_ALERT, c->alerts[i].description));
            return;
        }
    wt_words_add(x, "%s", c->reset ? _("reset") : c->fin[WT_CLIENT] || c->fin[WT_SERVER] ? _("closed") : _("stalled"));
}

/* What does not hold, if anything: the root cause, or the most severe error of a connection that came up all the same.
 */
static bool what_fails(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    const struct wt_finding *worst = wt_text_worst(c);
    wt_words_clear(x);
    if (c->state == WT_FAILED || wt_story_failed_later(c))
        cause(x);
    else if (worst)
        wt_words_add(x, "✗\u00a0%s", worst->id);
    return x->words.n > 0;
}

/* Whose it is, where there is room before that column. */
static void program(struct wt_text *x, unsigned before)
{
    struct wt_term *t = &x->term;
    if (!x->c->process)
        return;
    const char *name = wt_text_string(x, x->c->process->program, NAME);
    if (!t->unbroken && t->at + 2 + wt_width(name) > before)
        return;
    wt_term_text(t, "  ");
    part(x, WT_STYLE_DIM, name);
}

/* The name, then what fails in a column of its own where there is room for one. Narrow terminals show the server's
 * address where there is no name, and after it where it has room. */
static void last_columns(struct wt_text *x, const char *address)
{
    const struct wt_connection *c = x->c;
    struct wt_term *t = &x->term;
    unsigned from = t->at, suite = t->columns >= WITH_SUITE ? 34 : 0;
    unsigned rest = t->columns > from ? t->columns - from : 0;
    bool fails = what_fails(x);
    unsigned name = suite ? suite : !fails ? rest : rest >= CAUSE + NAME ? rest - CAUSE : NAME;
    if (c->sni.n)
        part(x, WT_STYLE_BOLD, wt_text_wire(x, c->sni, WHOLE));
    else if (address)
        part(x, WT_STYLE_PLAIN, address);
    if (c->sni.n && address && t->at + 2 + wt_width(address) <= from + name - (fails || suite ? 1 : 0)) {
        wt_term_text(t, "  ");
        part(x, WT_STYLE_DIM, address);
    }
    program(x, from + name - (fails || suite ? 1 : 0));
    bool is_bad = c->state == WT_FAILED || wt_story_failed_later(c);
    if (!fails && suite && c->has_suite)
        wt_words_add(x, "%s", wt_text_suite(x, c->cipher_suite));
    if (!x->words.n)
        return;
    if (t->at >= from)
        wt_term_text(t, " ");
    if (t->unbroken || from + name + wt_width(wt_words_get(x)) <= t->columns)
        wt_term_to(t, from + name);
    part(x, is_bad ? WT_STYLE_BAD : fails ? WT_STYLE_WARN : WT_STYLE_PLAIN, wt_text_string(x, wt_words_get(x), WHOLE));
}

/* Of QUIC the version's own name tells enough where both have no room: "draft 29", beside "QUIC v1". */
static const char *version(struct wt_text *x, bool timed)
{
    const struct wt_connection *c = x->c;
    const unsigned room = timed ? VERSION_TIMED : VERSION;
    const char *quic = wt_text_quic_version(x);
    if (quic && wt_width(quic) > room)
        quic = wt_text_name(x, WT_REG_QUIC_VERSION, c->quic->version);
    if (quic)
        return wt_text_string(x, quic, room);
    if (c->version || c->offered)
        return wt_text_string(x, wt_text_version(x, c->version ? c->version : c->offered), VERSION_TLS);
    return "";
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
    wt_term_style(t, state_style(c));
    wt_term_text(t, state(c));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_to(t, 16);
    const bool timed = c->ready.ns && c->client_hello_seen;
    wt_term_text(t, version(&x, timed));
    wt_term_style(t, WT_STYLE_DIM);
    if (timed)
        wt_term_right(t, 34, wt_duration(room, c->ready.ns - c->start.ns));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_to(t, ENDS_AT);
    if (t->columns >= WITH_CLIENT) {
        part(&x, WT_STYLE_PLAIN, wt_text_address(&x, &c->client));
        wt_term_to(t, ENDS_AT + ADDRESS);
        wt_term_text(t, " → ");
    }
    if (t->columns >= WITH_SERVER) {
        unsigned server = t->at;
        part(&x, WT_STYLE_PLAIN, wt_text_address(&x, &c->server));
        wt_term_text(t, "  ");
        wt_term_to(t, server + ADDRESS + 2);
        last_columns(&x, NULL);
    } else {
        last_columns(&x, wt_text_address(&x, &c->server));
    }
    wt_term_end(t);
    wt_term_free(t);
    wt_buffer_free(&x.words);
}
