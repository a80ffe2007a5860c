/* Which rows there are is held here and, for the page, in page/rows.js: both by the same rules. */
#include "report/svg/rows.h"

#include "base/array.h"
#include "base/i18n.h"
#include "registry/registry.h"
#include "report/text/names.h"
#include "report/text/remark.h"
#include "report/text/rows.h"

#include <stdio.h>
#include <stdlib.h>

enum { FOLD_FROM = 12, FOLD_KEEP = 4, LEAST = 64 }; /* runs of application data that are longer are folded */
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static const char *keep(struct wt_ladder *l, const char *text)
{
    const struct wt_span kept = text && *text ? wt_arena_copy(&l->arena, wt_span_text(text)) : (struct wt_span){0};
    return kept.p ? (const char *)kept.p : "";
}

static struct wt_ladder_row *add(struct wt_ladder *l)
{
    if (!wt_array_grow(&l->rows, l->count, &l->room, sizeof *l->rows, LEAST)) {
        l->failed = true;
        return NULL;
    }
    struct wt_ladder_row *r = &l->rows[l->count++];
    *r = (struct wt_ladder_row){.name = "", .remark = "", .count = 1};
    return r;
}

/* --- TCP ---------------------------------------------------------------------------------------------------------- */

/* Names of TCP (RFC 9293), the same in every language. */
static const char *segment_name(const struct wt_segment_seen *s)
{
    if (s->flags & RST)
        return "RST";
    if (s->flags & SYN)
        return s->flags & ACK ? "SYN-ACK" : "SYN";
    if (s->flags & FIN)
        return "FIN";
    return s->length ? _("TCP segment") : "ACK";
}

static bool is_control(unsigned flags)
{
    return flags & (SYN | FIN | RST);
}

static void mark_text(const struct wt_ladder_row *r, char *out, size_t size)
{
    static const char *const marks[] = {
        [WT_SEGMENT_PLAIN] = NULL,
        [WT_SEGMENT_AGAIN] = N_("retransmission"),
        [WT_SEGMENT_OUT_OF_ORDER] = N_("out of order"),
        [WT_SEGMENT_AFTER_GAP] = N_("bytes are missing before this"),
        [WT_SEGMENT_KEEP_ALIVE] = N_("keep-alive"),
        [WT_SEGMENT_COPY] = N_("the capture has this packet twice"),
    };
    const char *text = r->mark < sizeof marks / sizeof *marks ? marks[r->mark] : NULL;
    if (r->mark == WT_SEGMENT_AGAIN && r->count > 1)
        (void)snprintf(out, size, ngettext_("%d retransmission", "%d retransmissions", r->count), (int)r->count);
    else
        (void)snprintf(out, size, "%s", text ? _(text) : "");
}

static void tcp_remark(struct wt_ladder *l, struct wt_ladder_row *r, const char *opening)
{
    char mark[128], text[256];
    mark_text(r, mark, sizeof mark);
    (void)snprintf(text, sizeof text, "%s%s%s", opening, *opening && *mark ? _(", ") : "", mark);
    r->remark = keep(l, text);
}

/* The next row of TCP from segment *at on: its opening, its end, and what did not go smoothly; plain data segments are
 * in the messages. Segments of one kind in a row are one. */
struct tcp_walk {
    const struct wt_connection *c;
    size_t at;
    bool answered, opened;
};

/* Whether the segment is a row, and is it the third of TCP's opening. */
static bool is_row(struct tcp_walk *w, const struct wt_segment_seen *s, bool *opens)
{
    const bool control = is_control(s->flags);
    *opens = w->answered && !w->opened && s->from == WT_CLIENT && !control && !s->mark;
    w->answered |= s->flags & SYN && s->flags & ACK;
    w->opened |= *opens;
    return control || s->mark || (*opens && !s->length);
}

static bool next_tcp(struct wt_ladder *l, struct tcp_walk *w, struct wt_ladder_row *r)
{
    const struct wt_connection *c = w->c;
    bool opens = false;
    while (w->at < c->segment_count && !is_row(w, &c->segments[w->at], &opens))
        w->at++;
    if (w->at == c->segment_count)
        return false;
    const struct wt_segment_seen *s = &c->segments[w->at++];
    *r = (struct wt_ladder_row){.kind = WT_LADDER_TCP,
                                .from = s->from,
                                .mark = s->mark,
                                .flags = s->flags,
                                .frame = s->frame,
                                .count = 1,
                                .t = s->time.ns - c->start.ns,
                                .size = s->length,
                                .name = segment_name(s)};
    while (s->mark && !is_control(s->flags) && w->at < c->segment_count && c->segments[w->at].mark == s->mark &&
           c->segments[w->at].from == s->from && !is_control(c->segments[w->at].flags)) {
        r->count++;
        r->size += c->segments[w->at++].length;
    }
    /* TRANSLATORS: beside the third segment of TCP's opening */
    const char *opening = opens ? _("TCP is open") : "";
    tcp_remark(l, r, c->tcp.reset_frame && c->tcp.reset_frame == s->frame ? _("reset: TCP ends here") : opening);
    return true;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* RFC 8446, 6: close_notify and user_canceled end a connection in order; all else is an error, as is a fatal level. */
static bool is_error(const struct wt_message *m)
{
    enum { FATAL = 2, CLOSE_NOTIFY = 0, USER_CANCELED = 90 };
    return m->content_type == WT_CONTENT_ALERT && m->body.n == 2 &&
           (m->body.p[0] == FATAL || (m->body.p[1] != CLOSE_NOTIFY && m->body.p[1] != USER_CANCELED));
}

static uint64_t size_of(const struct wt_row *row, const struct wt_message *m)
{
    if (row->kind != WT_ROW_MESSAGE)
        return row->data[WT_CLIENT].bytes + row->data[WT_SERVER].bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < m->piece_count; i++)
        sum += m->pieces[i].length;
    return m->piece_count ? sum : m->length;
}

static void message_row(struct wt_ladder *l, struct wt_text *x, const struct wt_row *row)
{
    const struct wt_message *m = &x->c->messages[row->first];
    struct wt_ladder_row *r = add(l);
    if (!r)
        return;
    r->kind = WT_LADDER_MESSAGE;
    r->from = row->from;
    r->run = row->kind == WT_ROW_DATA || row->kind == WT_ROW_EXCHANGES;
    r->both = row->kind == WT_ROW_EXCHANGES || (row->data[WT_CLIENT].records && row->data[WT_SERVER].records);
    r->frame = m->frame;
    r->message = (uint32_t)row->first + 1;
    r->t = m->time.ns - x->c->start.ns;
    r->encrypted = m->flags & WT_MESSAGE_ENCRYPTED;
    r->opened = m->flags & WT_MESSAGE_DECRYPTED;
    r->alert = row->kind == WT_ROW_MESSAGE && is_error(m);
    r->size = size_of(row, m);
    r->records = row->kind == WT_ROW_MESSAGE ? m->records
                                             : (uint32_t)(row->data[WT_CLIENT].records + row->data[WT_SERVER].records);
    r->name = keep(l, wt_text_row(x, row));
    if (!*r->name)
        r->name = _("encrypted");
    r->remark = keep(l, wt_text_remark(x, row));
}

/* By time; what a packet's message and its FIN share goes by this order, as the stream has it. */
static bool goes_first(const struct wt_ladder_row *tcp, int64_t t)
{
    return tcp->t < t || (tcp->t == t && !*tcp->remark && !(tcp->flags & FIN));
}

static void add_tcp(struct wt_ladder *l, const struct wt_ladder_row *tcp)
{
    struct wt_ladder_row *r = add(l);
    if (r)
        *r = *tcp;
}

static void merge(struct wt_ladder *l, struct wt_text *x)
{
    struct tcp_walk walk = {.c = x->c};
    struct wt_ladder_row tcp;
    struct wt_rows rows;
    struct wt_row row;
    bool any = next_tcp(l, &walk, &tcp);
    wt_rows_start(&rows, x->c);
    while (wt_rows_next(&rows, &row)) {
        for (; any && goes_first(&tcp, x->c->messages[row.first].time.ns - x->c->start.ns);
             any = next_tcp(l, &walk, &tcp))
            add_tcp(l, &tcp);
        message_row(l, x, &row);
    }
    for (; any; any = next_tcp(l, &walk, &tcp))
        add_tcp(l, &tcp);
}

/* --- findings, folds ---------------------------------------------------------------------------------------------- */

/* A finding belongs to the message that it speaks of; else to the first row of its packet, or of the first packet after
 * it. */
static struct wt_ladder_row *row_of(struct wt_ladder *l, const struct wt_finding *f)
{
    struct wt_ladder_row *at = NULL;
    for (size_t k = 0; f->message && k < l->count; k++)
        if (l->rows[k].message == f->message)
            return &l->rows[k];
    for (size_t k = 0; f->frame && k < l->count && !(at && at->frame == f->frame); k++)
        if (l->rows[k].frame == f->frame || (!at && l->rows[k].frame > f->frame))
            at = &l->rows[k];
    return at;
}

static void mark_findings(struct wt_ladder *l, const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++) {
        const struct wt_finding *f = &c->findings[i];
        struct wt_ladder_row *at = row_of(l, f);
        if (at && at->finding_count < WT_LADDER_FINDINGS)
            at->findings[at->finding_count] = f;
        if (at)
            at->finding_count++;
    }
}

/* A long run of rows with application data: its first and last, and one row for the rest. */
static void fold(struct wt_ladder *l)
{
    size_t to = 0;
    for (size_t i = 0, end; i < l->count; i = end) {
        for (end = i; end < l->count && l->rows[end].run;)
            end++;
        end = end > i ? end : i + 1;
        const bool folds = end - i >= FOLD_FROM;
        struct wt_ladder_row hidden = {.kind = WT_LADDER_FOLD, .remark = "", .name = ""};
        for (size_t k = i; k < end; k++) {
            if (!folds || k < i + FOLD_KEEP || k >= end - FOLD_KEEP) {
                l->rows[to++] = l->rows[k];
                continue;
            }
            if (!hidden.count++) {
                hidden.t = l->rows[k].t;
                hidden.from = l->rows[k].from;
            }
            hidden.size += l->rows[k].size;
            if (k + 1 < end - FOLD_KEEP)
                continue;
            char text[160];
            (void)snprintf(
                text, sizeof text,
                ngettext_("%d more row of application data", "%d more rows of application data", hidden.count),
                (int)hidden.count);
            hidden.name = keep(l, text);
            l->rows[to++] = hidden;
        }
    }
    l->count = to;
}

void wt_ladder_fill(struct wt_ladder *l, struct wt_text *x)
{
    merge(l, x);
    mark_findings(l, x->c);
    fold(l);
}

void wt_ladder_free(struct wt_ladder *l)
{
    wt_arena_free(&l->arena);
    free(l->rows);
    *l = (struct wt_ladder){0};
}
