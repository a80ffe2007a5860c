/* Findings in a story: the root cause at its head, the others at its end. Each is its id, which programs and docs know
 * it by, a sentence, and what to do. */
#include "report/text/findings.h"

#include "report/text/text.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define FINDING_AT 12u

const char *wt_text_severity(unsigned s)
{
    return s == WT_FATAL ? _("fatal") : s == WT_ERROR ? _("error") : s == WT_WARNING ? _("warning") : _("notice");
}

enum wt_style wt_text_severity_style(unsigned s)
{
    return s == WT_FATAL || s == WT_ERROR ? WT_STYLE_BAD : s == WT_WARNING ? WT_STYLE_WARN : WT_STYLE_DIM;
}

/* A sentence that quotes the wire, after what is already on the line. */
static void sentence(struct wt_text *x, unsigned indent, const char *text)
{
    struct wt_buffer b = {0};
    wt_escape(&b, wt_span_text(text ? text : ""), 2000, WT_ESCAPE_STRING | (x->term.ascii ? WT_ESCAPE_ASCII : 0u));
    wt_term_wrap(&x->term, indent, x->prose, b.p ? (const char *)b.p : "");
    wt_buffer_free(&b);
}

/* What was found and what to do about it. The packet is named after the sentence unless the sentence names it. */
static void text_and_advice(struct wt_text *x, unsigned indent, const struct wt_finding *f)
{
    struct wt_term *t = &x->term;
    char room[64];
    sentence(x, indent, f->text);
    (void)snprintf(room, sizeof room, _(" (packet %" PRIu32 ")"), f->frame);
    if (f->frame && !(f->text && strstr(f->text, room + (*room == ' '))))
        wt_term_wrap(t, indent, x->prose, room);
    wt_term_end(t);
}

static void advice(struct wt_text *x, unsigned indent, const struct wt_finding *f)
{
    if (!f->advice)
        return;
    wt_term_to(&x->term, indent);
    wt_term_text(&x->term, "→ ");
    sentence(x, indent + 2, f->advice);
    wt_term_end(&x->term);
}

/* Rows begin alike: how grave, then the id. */
static void begin(struct wt_text *x, unsigned severity, enum wt_style style)
{
    struct wt_term *t = &x->term;
    wt_term_to(t, 3);
    wt_term_style(t, style);
    wt_term_text(t, wt_text_severity(severity));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_to(t, FINDING_AT);
    if (wt_width(wt_text_severity(severity)) > FINDING_AT - 4)
        wt_term_text(t, " ");
}

static void finding(struct wt_text *x, const struct wt_finding *f)
{
    struct wt_term *t = &x->term;
    begin(x, f->severity, wt_text_severity_style(f->severity));
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_text(t, f->id);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_end(t);
    wt_term_to(t, FINDING_AT);
    text_and_advice(x, FINDING_AT, f);
    advice(x, FINDING_AT, f);
}

/* Notices need no action: one line for all of them, by their ids; --explain shows them in full. */
static void notices(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    wt_words_clear(x);
    for (size_t i = 0; i < c->finding_count; i++) {
        bool named = c->findings[i].severity != WT_NOTICE;
        for (size_t k = 0; k < i && !named; k++)
            named = c->findings[k].severity == WT_NOTICE && strcmp(c->findings[k].id, c->findings[i].id) == 0;
        if (!named)
            wt_words_add(x, "%s", c->findings[i].id);
    }
    if (!x->words.n)
        return;
    begin(x, WT_NOTICE, WT_STYLE_DIM);
    wt_term_style(&x->term, WT_STYLE_DIM);
    wt_term_wrap(&x->term, FINDING_AT, x->prose, wt_words_get(x));
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

/* The gravest first; within one severity as they came. */
static void findings_from(struct wt_text *x, int least)
{
    const struct wt_connection *c = x->c;
    for (int s = WT_ERROR; s >= least; s--)
        for (size_t i = 0; i < c->finding_count; i++)
            if (c->findings[i].severity == s)
                finding(x, &c->findings[i]);
}

void wt_text_grave_findings(struct wt_text *x)
{
    findings_from(x, WT_WARNING);
}

void wt_text_findings(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    size_t below = 0; /* the root cause is in the head */
    for (size_t i = 0; i < c->finding_count; i++)
        below += c->findings[i].severity != WT_FATAL;
    if (!below)
        return;
    /* of a connection without TLS it is all that there is to say */
    bool alone = c->finding_count == 1 && !c->client_hello_seen && !c->server_hello_seen && !c->message_count;
    bool all = x->options->explain || alone;
    wt_text_headline(x, _("findings"));
    findings_from(x, all ? WT_NOTICE : WT_WARNING);
    if (!all)
        notices(x);
}

/* --- the root cause ----------------------------------------------------------------------------------------------- */

/* Whose fault it is, for certain and probably; NULL: nobody's that is known. */
static const char *fault_of(uint8_t fault, bool probable)
{
    static const char *const faults[][2] = {
        [WT_FAULT_CLIENT] = {N_("client's fault"), N_("probably the client's fault")},
        [WT_FAULT_SERVER] = {N_("server's fault"), N_("probably the server's fault")},
        [WT_FAULT_BOTH] = {N_("incompatible settings"), N_("probably incompatible settings")},
        [WT_FAULT_BETWEEN] = {N_("fault on the network path"), N_("probably a fault on the network path")},
    };
    const char *text = fault < sizeof faults / sizeof *faults ? faults[fault][probable] : NULL;
    return text ? _(text) : NULL;
}

/* Where to go: who has to change something, and who complained, are seldom the same. */
static void blame(struct wt_text *x, const struct wt_finding *f)
{
    unsigned other = f->noticed == WT_NOTICED_BY_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER;
    wt_words_clear(x);
    const char *fault = fault_of(f->fault, f->probable);
    if (fault)
        wt_words_add(x, "%s", fault);
    else if (f->probable)
        wt_words_add(x, "%s", _("probably"));
    if (f->noticed != WT_NOTICED_BY_NONE && f->fault != other)
        wt_words_add(x, "%s",
                     f->noticed == WT_NOTICED_BY_CLIENT ? _("detected by the client") : _("detected by the server"));
}

/* Causes that fit nearly as well, each with what would settle it. The same finding may be there with another fault. */
static void alternatives(struct wt_text *x, unsigned indent, const struct wt_finding *f)
{
    char room[400];
    for (size_t i = 0; i < f->alternative_count; i++) {
        const struct wt_alternative *a = &f->alternatives[i];
        const char *fault = fault_of(a->fault, false);
        wt_term_to(&x->term, indent);
        if (fault)
            /* TRANSLATORS: the id of another cause that is nearly as likely, "server's fault", what would show which it
             * is */
            (void)snprintf(room, sizeof room, _("or %s (%s), nearly as likely; what would tell: %s"), a->id, fault,
                           a->settle);
        else
            /* TRANSLATORS: the id of another cause that is nearly as likely, and what would show which of them it is */
            (void)snprintf(room, sizeof room, _("or %s, nearly as likely; what would tell: %s"), a->id, a->settle);
        sentence(x, indent, room);
        wt_term_end(&x->term);
    }
}

static void why(struct wt_text *x, unsigned indent, const struct wt_finding *f)
{
    struct wt_term *t = &x->term;
    /* TRANSLATORS: before the id of a root cause: "cause: certificate-expired (server's fault)" */
    const char *lead = _("cause: ");
    unsigned text = indent + wt_width(lead);
    char room[300];
    wt_term_to(t, indent);
    wt_term_style(t, WT_STYLE_BAD);
    wt_term_text(t, lead);
    wt_term_text(t, f->id);
    wt_term_style(t, WT_STYLE_PLAIN);
    blame(x, f);
    if (x->words.n) {
        /* TRANSLATORS: after the id of a root cause; %s is a list: "server's fault, detected by the client" */
        (void)snprintf(room, sizeof room, _(" (%s)"), wt_words_get(x));
        wt_term_wrap(t, text, x->prose, room);
    }
    wt_term_end(t);
    wt_term_to(t, text);
    wt_term_style(t, WT_STYLE_BOLD);
    text_and_advice(x, text, f);
    wt_term_style(t, WT_STYLE_PLAIN);
    alternatives(x, text, f);
    advice(x, indent, f);
}

void wt_text_why(struct wt_text *x, unsigned indent)
{
    const struct wt_connection *c = x->c;
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL)
            why(x, indent, &c->findings[i]);
}
