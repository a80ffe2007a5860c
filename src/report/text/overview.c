/* The overview as tables: numbers in columns on the left, names on the right, where their length does not matter. */
#include "report/overview.h"
#include "report/text/findings.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROWS 12u /* that a table shows */
#define NUMBER_AT 12u
#define SHARE_AT 20u
#define NAME_AT 22u
#define SECOND_AT 20u
#define THIRD_AT 28u
#define SERVER_AT 30u
#define TWO_BESIDE 76u     /* from here on versions and groups are side by side */
#define THREE_BESIDE 144u  /* and the suites with them */
#define CAUSE_FIRST_AT 45u /* after the longest ids */
#define FINDING_FIRST_AT 56u
#define USES_AT 38u
#define BELOW_AT 16u       /* what has no room in its row continues there */
#define WHOLE 1024u        /* columns of a name that is not cut */

static void number_at(struct wt_text *x, unsigned column, uint64_t value, enum wt_style style)
{
    char room[24];
    (void)snprintf(room, sizeof room, "%" PRIu64, value);
    wt_term_style(&x->term, value ? style : WT_STYLE_DIM);
    wt_term_right(&x->term, column, room);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

static void styled(struct wt_text *x, enum wt_style style, const char *text)
{
    wt_term_style(&x->term, style);
    wt_term_text(&x->term, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

/* Where to look: the first connection of a row, after its name if there is room. A stream's number alone names
 * none of several files'. */
static void first_of(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row, unsigned column)
{
    struct wt_term *t = &x->term;
    const char *last = row->file ? strrchr(row->file, '/') : NULL, *name = last ? last + 1 : row->file;
    char room[WHOLE];
    (void)snprintf(room, sizeof room, _("first seen in stream %" PRIu32), row->stream);
    wt_term_text(t, "  ");
    wt_term_to(t, column);
    if (o->files > 1 && name)
        /* TRANSLATORS: a stream's number and its file */
        (void)snprintf(room, sizeof room, _("first seen in stream %" PRIu32 " of %s"), row->stream,
                       wt_text_string(x, name, WHOLE));
    if (!t->unbroken && t->at + wt_width(room) > t->columns) { /* a name that is cut cannot be copied */
        wt_term_end(t);
        wt_term_to(t, BELOW_AT);
    }
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_wrap(t, BELOW_AT, t->columns, room);
    wt_term_style(t, WT_STYLE_PLAIN);
}

/* Root causes have a table of their own. */
static bool is_cause(const struct wt_overview_finding *f)
{
    return f && f->severity == WT_FATAL;
}

/* --- one row of each table ---------------------------------------------------------------------------------------- */

static void cause_row(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_cause *c = row->what;
    number_at(x, NUMBER_AT, wt_tally_sum(row->count), WT_STYLE_PLAIN);
    wt_term_to(&x->term, NUMBER_AT + 2);
    wt_term_style(&x->term, WT_STYLE_BAD);
    switch (c->why) {
    case WT_WHY_FINDING:
        wt_term_text(&x->term, wt_text_string(x, c->id, 40));
        break;
    case WT_WHY_ALERT:
        wt_term_format(&x->term, _("alert %s"), wt_text_name(x, WT_REG_ALERT, c->alert));
        break;
    default:
        wt_term_text(&x->term, c->why == WT_WHY_RESET ? _("reset") : _("closed"));
    }
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    first_of(x, o, row, CAUSE_FIRST_AT);
    wt_term_end(&x->term);
}

static void server_numbers(struct wt_text *x, const uint64_t count[3])
{
    number_at(x, NUMBER_AT, wt_tally_sum(count), WT_STYLE_PLAIN);
    number_at(x, SECOND_AT, count[WT_FAILED], WT_STYLE_BAD);
    number_at(x, THIRD_AT, count[WT_INCOMPLETE], WT_STYLE_WARN);
    wt_term_to(&x->term, SERVER_AT);
}

/* A name or an address, whole: below the row where it has no room in it. */
static void name_at(struct wt_text *x, enum wt_style style, const char *lead, const char *name)
{
    struct wt_term *t = &x->term;
    if (!t->unbroken && t->at > SERVER_AT && t->at + wt_width(lead) + wt_width(name) > t->columns) {
        wt_term_end(t);
        wt_term_to(t, SERVER_AT);
    } else {
        wt_term_text(t, lead);
    }
    wt_term_style(t, style);
    wt_term_wrap(t, SERVER_AT, t->columns, name);
    wt_term_style(t, WT_STYLE_PLAIN);
}

static void server_row(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_server *s = row->what;
    (void)o;
    server_numbers(x, row->count);
    const char *address = wt_text_address(x, &s->address);
    if (s->name.n == 0) {
        name_at(x, WT_STYLE_PLAIN, "", address);
    } else {
        name_at(x, WT_STYLE_BOLD, "", wt_text_wire(x, s->name, WHOLE));
        name_at(x, WT_STYLE_DIM, "  ", address);
    }
    wt_term_end(&x->term);
}

static void finding_row(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_finding *f = row->what;
    number_at(x, NUMBER_AT, wt_tally_sum(row->count), WT_STYLE_PLAIN);
    wt_term_to(&x->term, NUMBER_AT + 2);
    styled(x, wt_text_severity_style(f->severity), wt_text_severity(f->severity));
    wt_term_text(&x->term, " ");
    wt_term_to(&x->term, NUMBER_AT + 11);
    wt_term_text(&x->term, wt_text_string(x, f->id, 40));
    first_of(x, o, row, FINDING_FIRST_AT);
    wt_term_end(&x->term);
}

static void days_left(struct wt_text *x, int64_t days)
{
    char room[32];
    (void)snprintf(room, sizeof room, "%" PRId64, days);
    wt_term_style(&x->term, days < 0 ? WT_STYLE_BAD : days < 30 ? WT_STYLE_WARN : WT_STYLE_PLAIN);
    wt_term_right(&x->term, NUMBER_AT, room);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

static void certificate_row(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_certificate *c = row->what;
    char room[24];
    (void)snprintf(room, sizeof room, "%" PRIu64, wt_tally_sum(row->count));
    days_left(x, wt_overview_days(o, c));
    wt_term_to(&x->term, NUMBER_AT + 2);
    styled(x, WT_STYLE_DIM, wt_text_date(x, c->not_after));
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_right(&x->term, USES_AT, room);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_to(&x->term, USES_AT + 2);
    wt_term_wrap(&x->term, USES_AT + 2, x->term.columns, wt_text_string(x, c->name ? c->name : c->subject, WHOLE));
    wt_term_end(&x->term);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

typedef void row_printer(struct wt_text *x, const struct wt_overview *o, const struct wt_tally_row *row);

/* What a table leaves out: how many rows, and their connections. */
struct rest {
    uint32_t rows;
    bool more; /* more than could be distinguished */
    uint64_t count[3];
};

static struct rest rest_of(const struct wt_tally *t, const struct wt_tally_row **rows, uint32_t told)
{
    struct rest rest = {t->count - told, wt_tally_sum(t->untold) > 0, {t->untold[0], t->untold[1], t->untold[2]}};
    for (uint32_t i = told; i < t->count; i++)
        for (unsigned s = 0; s < 3; s++)
            rest.count[s] += rows[i]->count[s];
    return rest;
}

static void and_more(struct wt_text *x, const struct rest *rest)
{
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_format(&x->term,
                   rest->more
                       ? ngettext_("and more than %" PRIu32 " more", "and more than %" PRIu32 " more", rest->rows)
                       : ngettext_("and %" PRIu32 " more", "and %" PRIu32 " more", rest->rows),
                   rest->rows);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

/* Rows whose names found no room in memory come at the end of what is left out. */
static uint32_t shown_of(const struct wt_tally_row **rows, uint32_t count)
{
    uint32_t n = 0;
    while (n < count && n < ROWS && rows[n]->what)
        n++;
    return n == ROWS && count == ROWS + 1 && rows[n]->what ? n + 1 : n; /* "and 1 more" takes as much room */
}

static void table(struct wt_text *x, const struct wt_overview *o, const struct wt_tally *t, wt_tally_order *order,
                  row_printer *print)
{
    const struct wt_tally_row **rows = wt_tally_sorted(t, order);
    if (!rows)
        return;
    uint32_t first = 0;
    while (print == finding_row && first < t->count && is_cause(rows[first]->what))
        first++; /* the most severe come first */
    uint32_t shown = shown_of(rows + first, t->count - first);
    struct rest rest = rest_of(t, rows, first + shown);
    for (uint32_t i = first; i < first + shown; i++)
        print(x, o, rows[i]);
    if (rest.rows || rest.more) {
        if (print == server_row)
            server_numbers(x, rest.count);
        else if (print != certificate_row) /* its first column is not a count */
            number_at(x, NUMBER_AT, wt_tally_sum(rest.count), WT_STYLE_DIM);
        wt_term_to(&x->term, NUMBER_AT + 2);
        and_more(x, &rest);
    }
    free(rows);
}

/* "fatal 3, error 12, notice 230": how much there is of each, whatever finds room below. */
static void findings(struct wt_text *x, const struct wt_overview *o)
{
    uint64_t sums[WT_FATAL + 1] = {0};
    for (uint32_t i = 0; i < o->findings.count; i++) {
        const struct wt_overview_finding *f = o->findings.rows[i].what;
        if (f && f->severity <= WT_FATAL)
            sums[f->severity] += wt_tally_sum(o->findings.rows[i].count);
    }
    wt_text_headline(x, _("findings, by number of connections"));
    wt_words_clear(x);
    for (unsigned s = WT_FATAL + 1; s--;)
        if (sums[s])
            /* TRANSLATORS: how many findings of a severity: "error 12" */
            wt_words_add(x, _("%s %" PRIu64), wt_text_severity(s), sums[s]);
    wt_term_to(&x->term, NUMBER_AT + 2);
    styled(x, WT_STYLE_DIM, wt_words_get(x));
    wt_term_end(&x->term);
    table(x, o, &o->findings, wt_tally_by_severity, finding_row);
}

static void column_heads(struct wt_text *x, const char *first, const char *second, const char *third)
{
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_right(&x->term, NUMBER_AT, first);
    if (second)
        wt_term_right(&x->term, SECOND_AT, second);
    if (third)
        wt_term_right(&x->term, THIRD_AT, third);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

/* --- versions, suites, groups: a number, its share, a name -------------------------------------------------------- */

struct choice {
    const char *title;
    const struct wt_tally *tally;
    enum wt_registry registry;
    const struct wt_tally_row **rows;
    uint32_t shown;
    unsigned at, until; /* columns */
};

static void choice_cell(struct wt_text *x, const struct wt_overview *o, const struct choice *c, uint32_t i)
{
    struct wt_term *t = &x->term;
    char room[32];
    if (c->rows && i < c->shown) {
        const struct wt_tally_row *row = c->rows[i];
        uint64_t n = wt_tally_sum(row->count);
        const char *name = c->registry == WT_REG_VERSION ? wt_text_version(x, (uint16_t)row->key)
                                                         : wt_text_name(x, c->registry, row->key);
        number_at(x, c->at + NUMBER_AT, n, WT_STYLE_PLAIN);
        (void)snprintf(room, sizeof room, "%.0f %%", 100.0 * (double)n / (double)o->told);
        wt_term_style(t, WT_STYLE_DIM);
        wt_term_right(t, c->at + SHARE_AT, room);
        wt_term_style(t, WT_STYLE_PLAIN);
        wt_term_to(t, c->at + NAME_AT);
        wt_term_text(t, wt_text_string(x, name, c->until - c->at - NAME_AT));
    } else if (i == c->shown && c->rows) {
        struct rest rest = rest_of(c->tally, c->rows, c->shown);
        if (rest.rows == 0 && !rest.more)
            return;
        number_at(x, c->at + NUMBER_AT, wt_tally_sum(rest.count), WT_STYLE_DIM);
        wt_term_to(t, c->at + NAME_AT);
        (void)snprintf(room, sizeof room, ngettext_("and %" PRIu32 " more", "and %" PRIu32 " more", rest.rows),
                       rest.rows);
        styled(x, WT_STYLE_DIM, room);
    }
}

static void choice_heads(struct wt_text *x, const struct choice *c, unsigned n)
{
    wt_term_end(&x->term);
    for (unsigned k = 0; k < n; k++) {
        if (!c[k].shown)
            continue;
        wt_term_to(&x->term, c[k].at + 3);
        styled(x, WT_STYLE_HEAD, c[k].title);
    }
    wt_term_end(&x->term);
}

static void choice_block(struct wt_text *x, const struct wt_overview *o, const struct choice *c, unsigned n)
{
    uint32_t most = 0;
    for (unsigned k = 0; k < n; k++) {
        uint32_t lines = c[k].shown + (c[k].rows && c[k].tally->count > c[k].shown);
        most = lines > most ? lines : most;
    }
    if (most == 0)
        return;
    choice_heads(x, c, n);
    for (uint32_t i = 0; i < most; i++) {
        for (unsigned k = 0; k < n; k++)
            choice_cell(x, o, &c[k], i);
        wt_term_end(&x->term);
    }
}

static void choices(struct wt_text *x, const struct wt_overview *o)
{
    unsigned columns = x->term.columns;
    bool three = columns >= THREE_BESIDE, two = !three && columns >= TWO_BESIDE;
    struct choice c[] = {
        {_("versions"), &o->versions, WT_REG_VERSION, NULL, 0, 0, three || two ? 33 : columns},
        {_("key-exchange groups"), &o->groups, WT_REG_GROUP, NULL, 0, three || two ? 35 : 0, three ? 75 : columns},
        {_("cipher suites"), &o->suites, WT_REG_CIPHER_SUITE, NULL, 0, three ? 77 : 0, columns},
    };
    enum { CHOICES = sizeof c / sizeof *c };
    for (unsigned k = 0; k < CHOICES; k++) {
        c[k].rows = wt_tally_sorted(c[k].tally, wt_tally_by_count);
        c[k].shown = c[k].tally->count < ROWS ? c[k].tally->count : ROWS;
        if (!c[k].rows)
            c[k].shown = 0;
    }
    for (unsigned k = 0, n; k < CHOICES; k += n) {
        n = three ? CHOICES : two && k == 0 ? 2 : 1;
        choice_block(x, o, c + k, n);
    }
    for (unsigned k = 0; k < CHOICES; k++)
        free(c[k].rows);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void head(struct wt_text *x, const struct wt_overview *o)
{
    struct wt_term *t = &x->term;
    char room[160];
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_format(t,
                   ngettext_("overview of %" PRIu64 " TLS connection", "overview of %" PRIu64 " TLS connections",
                             (unsigned long)o->told),
                   o->told);
    wt_term_style(t, WT_STYLE_PLAIN);
    (void)snprintf(room, sizeof room, _("%" PRIu64 " established, %" PRIu64 " failed, %" PRIu64 " incomplete"),
                   o->count[WT_ESTABLISHED], o->count[WT_FAILED], o->count[WT_INCOMPLETE]);
    wt_term_text(t, _(": "));
    if (t->at + wt_width(room) > t->columns) {
        wt_term_end(t);
        wt_term_to(t, 3);
    }
    wt_term_text(t, room);
    if (o->failed_later) {
        (void)snprintf(room, sizeof room,
                       ngettext_(" (%" PRIu64 " of the established failed later)",
                                 " (%" PRIu64 " of the established failed later)", (unsigned long)o->failed_later),
                       o->failed_later);
        wt_term_wrap(t, 3, t->columns, room);
    }
    wt_term_end(t);
}

void wt_report_text_overview(struct wt_output *output, const struct wt_overview *overview,
                             const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    const struct wt_overview *o = overview;
    struct wt_text x = {.options = options};
    if (o->told == 0)
        return;
    wt_term_start(&x.term, output, options);
    head(&x, o);
    if (o->causes.count) {
        wt_text_headline(&x, _("causes of failure"));
        table(&x, o, &o->causes, wt_tally_by_count, cause_row);
    }
    if (o->servers.count) {
        wt_text_headline(&x, _("servers"));
        /* TRANSLATORS: heads of columns of numbers, at most eight columns each: connections, those that failed, those
         * whose end the capture does not show */
        column_heads(&x, _("all"), _("failed"), _("partial"));
        table(&x, o, &o->servers, wt_tally_by_failed, server_row);
    }
    choices(&x, o);
    if (o->findings.count)
        findings(&x, o);
    if (o->certificates.count) {
        wt_text_headline(&x, _("server certificates"));
        wt_term_style(&x.term, WT_STYLE_DIM);
        /* TRANSLATORS: heads of the columns of certificates; the first two at most nine and eleven columns */
        wt_term_right(&x.term, NUMBER_AT, _("days left"));
        wt_term_to(&x.term, NUMBER_AT + 2);
        wt_term_text(&x.term, _("until"));
        wt_term_right(&x.term, USES_AT, _("connections"));
        wt_term_style(&x.term, WT_STYLE_PLAIN);
        wt_term_end(&x.term);
        table(&x, o, &o->certificates, wt_tally_by_days, certificate_row);
    }
    wt_term_free(&x.term);
    wt_buffer_free(&x.words);
}
