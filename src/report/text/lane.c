#include "report/text/lane.h"

#include "report/explain/datagrams.h"
#include "report/explain/explain.h"
#include "report/text/ladder.h"
#include "report/text/names.h"
#include "report/text/proofs.h"
#include "report/text/remark.h"
#include "report/text/rows.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDE_COLUMNS 100u /* from here on remarks are beside their message */
#define LANE_AT 20u       /* where the lane between client and server begins */
#define LANE_WIDE 40u
#define LANE_NARROW 34u /* where a remark must have room beside it */
#define ROOMY_COLUMNS 118u

enum { BOTH = 2 }; /* beside enum wt_side */

static unsigned lane_width(const struct wt_text *x)
{
    unsigned room = x->term.columns - LANE_AT - 2;
    if (x->term.columns >= WIDE_COLUMNS)
        return x->term.columns >= ROOMY_COLUMNS ? LANE_WIDE : LANE_NARROW;
    return room < LANE_WIDE + 12 ? room : LANE_WIDE + 12;
}

static void lane_head(struct wt_text *x)
{
    struct wt_term *t = &x->term;
    wt_term_end(t);
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_right(t, 8, _("packet"));
    wt_term_right(t, LANE_AT - 2, _("time"));
    wt_term_to(t, LANE_AT);
    wt_term_text(t, _("client"));
    wt_term_right(t, LANE_AT + lane_width(x), _("server"));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_end(t);
}

/* "Name ───▶" or "◀─── Name", or "◀── Name ──▶" for both: always the whole lane. What is encrypted goes through a
 * tunnel: ═══▶. */
static void arrow(struct wt_text *x, const char *name, unsigned from, bool sealed, enum wt_style style)
{
    struct wt_term *t = &x->term;
    const char *dash = sealed ? "═" : "─";
    unsigned lane = lane_width(x), width = wt_width(name);
    unsigned dashes = lane > width + 2 ? lane - width - 2 : 0;
    wt_term_to(t, LANE_AT);
    wt_term_style(t, style);
    if (from == BOTH) {
        wt_term_text(t, "◀");
        wt_term_repeat(t, dash, dashes > 2 ? (dashes - 2) / 2 : 0);
        wt_term_text(t, " ");
        wt_term_text(t, name);
        wt_term_text(t, " ");
        wt_term_repeat(t, dash, dashes > 2 ? dashes - 2 - (dashes - 2) / 2 : 0);
        wt_term_text(t, "▶");
    } else if (from == WT_CLIENT) {
        wt_term_text(t, name);
        wt_term_text(t, " ");
        wt_term_repeat(t, dash, dashes);
        wt_term_text(t, "▶");
    } else {
        wt_term_text(t, "◀");
        wt_term_repeat(t, dash, dashes);
        wt_term_text(t, " ");
        wt_term_text(t, name);
    }
    wt_term_style(t, WT_STYLE_PLAIN);
}

/* A NULL cipher has keys for the MAC alone. */
static bool is_sealed(const struct wt_text *x, const struct wt_message *m)
{
    return m->flags & WT_MESSAGE_ENCRYPTED && x->c->decryption != WT_DECRYPTION_NULL;
}

static enum wt_style row_style(const struct wt_text *x, const struct wt_row *row, const struct wt_message *m)
{
    if (wt_text_proof_is_bad(x, m))
        return WT_STYLE_BAD;
    if (m->flags & (WT_MESSAGE_MALFORMED | WT_MESSAGE_UNEXPECTED))
        return WT_STYLE_WARN;
    if (m->content_type == WT_CONTENT_ALERT && m->body.n == 2 && m->body.p[0] == 2)
        return WT_STYLE_BAD;
    if (row->kind == WT_ROW_EXCHANGES)
        return WT_STYLE_DIM;
    return row->from == WT_CLIENT ? WT_STYLE_CLIENT : WT_STYLE_SERVER;
}

static void remark(struct wt_text *x, const char *text)
{
    struct wt_term *t = &x->term;
    unsigned column = LANE_AT + lane_width(x) + 3;
    if (t->columns < WIDE_COLUMNS) {
        wt_term_end(t);
        column = LANE_AT + 2;
    }
    wt_term_wrap(t, column, t->columns, text);
}

/* Packet and time, where they are not those of the row before. */
static void place(struct wt_text *x, uint32_t frame, struct wt_time time, uint32_t *before)
{
    struct wt_term *t = &x->term;
    char room[48], number[16];
    wt_term_style(t, WT_STYLE_DIM);
    if (frame && frame != *before) {
        (void)snprintf(number, sizeof number, "%" PRIu32, frame);
        wt_term_right(t, 8, number);
    }
    if (frame == 0 || frame != *before)
        wt_term_right(t, LANE_AT - 2, wt_duration(room, time.ns - x->c->start.ns));
    *before = frame;
    wt_term_style(t, WT_STYLE_PLAIN);
}

static void told_row(struct wt_text *x, const struct wt_row *row, uint32_t *frame)
{
    const struct wt_message *m = &x->c->messages[row->first];
    place(x, m->frame, m->time, frame);
    arrow(x, wt_text_row(x, row), row->kind == WT_ROW_EXCHANGES ? BOTH : row->from, is_sealed(x, m),
          row_style(x, row, m));
    const char *text = wt_text_remark(x, row);
    if (text)
        remark(x, text);
    wt_term_end(&x->term);
    if (x->options->explain)
        wt_explain_row(x, row);
}

static void legend(struct wt_text *x)
{
    struct wt_term *t = &x->term;
    wt_term_to(t, LANE_AT);
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_text(t, "═══ ");
    wt_term_text(t, _("encrypted"));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_end(t);
}

static enum wt_style rung_style(const struct wt_text *x, const struct wt_rung *rung)
{
    const struct wt_message *m = rung->message;
    if (m && wt_text_proof_is_bad(x, m))
        return WT_STYLE_BAD;
    if (m && m->flags & (WT_MESSAGE_MALFORMED | WT_MESSAGE_UNEXPECTED))
        return WT_STYLE_WARN;
    if (rung->packets[0] + rung->packets[1])
        return WT_STYLE_DIM;
    return rung->packet->from == WT_CLIENT ? WT_STYLE_CLIENT : WT_STYLE_SERVER;
}

/* A packet of QUIC, or what of it has a row of its own. Initial packets are encrypted with a key that anyone has. */
static bool told_rung(struct wt_text *x, const struct wt_rung *rung, uint32_t *frame)
{
    const struct wt_quic_packet_seen *p = rung->packet;
    const bool open =
        strcmp(p->type, "initial") == 0 || strcmp(p->type, "retry") == 0 || strcmp(p->type, "version_negotiation") == 0;
    char label[256];
    place(x, p->frame, p->time, frame);
    arrow(x, wt_ladder_label(x, rung, lane_width(x) - 2, label, sizeof label), rung->both ? BOTH : p->from, !open,
          rung_style(x, rung));
    const char *text = wt_ladder_remark(x, rung);
    if (text)
        remark(x, text);
    wt_term_end(&x->term);
    if (x->options->explain && rung->begins && !(rung->packets[0] + rung->packets[1]))
        wt_explain_packet(x, p);
    if (x->options->explain && rung->message) {
        const struct wt_row row = {
            .from = rung->message->from & 1, .first = (size_t)(rung->message - x->c->messages), .count = 1};
        wt_explain_row(x, &row);
    }
    return !open;
}

static void dropped(struct wt_text *x, size_t n)
{
    char text[200];
    (void)snprintf(text, sizeof text,
                   ngettext_("%zu more message exceeded the limit: counted, not stored",
                             "%zu more messages exceeded the limit: counted, not stored", n),
                   n);
    wt_term_paragraph(&x->term, LANE_AT, x->term.columns, text);
}

static void told_ladder(struct wt_text *x)
{
    struct wt_ladder ladder;
    struct wt_rung rung;
    uint32_t frame = 0;
    bool sealed = false;
    lane_head(x);
    wt_ladder_start(&ladder, x->c);
    while (wt_ladder_next(&ladder, &rung) && !x->term.output->failed)
        sealed |= told_rung(x, &rung, &frame);
    if (sealed)
        legend(x);
    if (x->c->quic->packet_list_dropped)
        dropped(x, x->c->quic->packet_list_dropped);
}

void wt_text_rows(struct wt_text *x)
{
    struct wt_rows rows;
    struct wt_row row;
    uint32_t frame = 0;
    bool sealed = false;
    if (x->c->quic && x->c->quic->packet_list_count) {
        told_ladder(x);
        return;
    }
    if (!x->c->messages || !x->c->message_count)
        return;
    lane_head(x);
    wt_rows_start(&rows, x->c);
    while (wt_rows_next(&rows, &row) && !x->term.output->failed) {
        told_row(x, &row, &frame);
        sealed = sealed || is_sealed(x, &x->c->messages[row.first]);
    }
    if (sealed)
        legend(x);
    if (x->c->messages_dropped)
        dropped(x, x->c->messages_dropped);
}
