#include "report/svg/label.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <stdio.h>

enum { NOTE_LINES = 3, RIGHT = WT_SVG_WIDTH - WT_SVG_MARGIN, LOCK = 14, DESCRIBED = 400 };

const char *wt_svg_moment(char room[64], int64_t ns)
{
    const uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    char text[48];
    if (!size)
        (void)snprintf(text, sizeof text, "0");
    else if (size < 950000)
        (void)snprintf(text, sizeof text, "%" PRIu64 " µs", (size + 500) / 1000);
    else
        (void)wt_duration(text, size > INT64_MAX ? INT64_MAX : (int64_t)size);
    (void)snprintf(room, 64, "%s%s", ns < 0 ? "\xe2\x88\x92" : "", text);
    return room;
}

void wt_svg_lock(struct wt_buffer *b, double x, double y, bool opened)
{
    wt_svg_draw_path(b, "shackle", x + 2.5, y + 5, opened ? "v-2 a2.5 2.5 0 0 1 4.8 -1" : "v-2 a2.5 2.5 0 0 1 5 0 v2");
    wt_svg_draw_rect(b, "lock", x + 1, y + 5, 8, 6);
}

/* Never colour alone: each severity has a shape of its own, as in page/draw.js. */
void wt_svg_severity(struct wt_buffer *b, unsigned severity, double x, double y)
{
    static const struct {
        const char *what, *path;
        double dx, dy;
    } shapes[] = {
        [WT_NOTICE] = {"mark notice", "a4 4 0 1 0 0.01 0 z", 0, -4},
        [WT_WARNING] = {"mark warning", "l6 6 l-6 6 l-6 -6 z", 0, -6},
        [WT_ERROR] = {"mark error", "l6 11 h-12 z", 0, -6},
        [WT_FATAL] = {"mark fatal", "l10 10 m0 -10 l-10 10", -5, -5},
    };
    const unsigned s = severity < sizeof shapes / sizeof *shapes ? severity : WT_NOTICE;
    wt_svg_draw_path(b, shapes[s].what, x + shapes[s].dx, y + shapes[s].dy, shapes[s].path);
}

static void size_text(const struct wt_ladder_row *r, char *out, size_t size)
{
    char amount[48];
    int n = 0;
    if (r->size || r->kind == WT_LADDER_MESSAGE)
        n = snprintf(out, size, "%s", wt_amount(amount, r->size));
    if (r->records > 1 && n >= 0)
        n += snprintf(out + n, size - (size_t)n, ngettext_(", %d record", ", %d records", r->records), (int)r->records);
    if (r->frame && n >= 0 && (size_t)n < size)
        (void)snprintf(out + n, size - (size_t)n, "%s#%" PRIu32, n ? "  " : "", r->frame);
}

/* The lines of the remark; each is handed to `b` unless that is NULL. */
static unsigned note_lines(const char *text, struct wt_buffer *b, double y)
{
    unsigned lines = 0;
    for (; *text && lines < NOTE_LINES; lines++) {
        while (*text == ' ')
            text++;
        size_t n = wt_svg_line(text, RIGHT - WT_SVG_LABEL - 16, WT_SVG_NOTE);
        const bool cut = lines + 1 == NOTE_LINES && text[n];
        if (b) {
            struct wt_buffer line = {0};
            (void)wt_buffer_add(&line, text, n);
            (void)wt_buffer_add_text(&line, cut ? " …" : "");
            wt_svg_draw_text(b, "note", WT_SVG_LABEL + 16, y + lines * WT_SVG_LEADING, WT_SVG_START,
                             line.failed ? "" : (const char *)line.p, line.n);
            wt_buffer_free(&line);
        }
        text += n;
    }
    return lines;
}

static unsigned finding_lines(const struct wt_ladder_row *row)
{
    return row->finding_count < WT_LADDER_FINDINGS ? row->finding_count : WT_LADDER_FINDINGS;
}

double wt_svg_label_height(const struct wt_ladder_row *r)
{
    const unsigned lines = note_lines(r->remark, NULL, 0) + finding_lines(r);
    return WT_SVG_LEADING * (1 + lines) + (lines ? 7 : 5);
}

static void draw_findings(struct wt_buffer *b, const struct wt_ladder_row *r, double y)
{
    for (unsigned i = 0; i < finding_lines(r); i++) {
        char text[160];
        const unsigned more = r->finding_count - WT_LADDER_FINDINGS;
        (void)snprintf(text, sizeof text, "%s", r->findings[i]->id);
        if (i + 1 == WT_LADDER_FINDINGS && r->finding_count > WT_LADDER_FINDINGS)
            /* TRANSLATORS: the id of a finding, and how many more there are at this place */
            (void)snprintf(text, sizeof text, ngettext_("%s, and %d more", "%s, and %d more", more), r->findings[i]->id,
                           (int)more);
        wt_svg_severity(b, r->findings[i]->severity, WT_SVG_LABEL + 22, y - 4);
        wt_svg_draw_text(b, r->findings[i]->severity >= WT_ERROR ? "finding bad" : "finding", WT_SVG_LABEL + 34, y,
                         WT_SVG_START, text, strlen(text));
        y += WT_SVG_LEADING;
    }
}

void wt_svg_draw_label(struct wt_svg *g, size_t i)
{
    const struct wt_ladder_row *r = &g->ladder.rows[i];
    struct wt_buffer *b = &g->body;
    const double y = g->places[i].label;
    const char *side = r->kind == WT_LADDER_TCP ? "name tcp" : r->alert ? "name bad" : "name";
    const char *arrow = r->kind == WT_LADDER_FOLD ? "⋮" : r->both ? "↔" : r->from ? "←" : "→";
    char size[128] = "";
    size_text(r, size, sizeof size);
    const double room =
        RIGHT - WT_SVG_LABEL - 16 - wt_svg_width(size, WT_SVG_NOTE) - (r->encrypted ? LOCK + 6 : 0) - 12;
    const size_t n = wt_svg_line(r->name, room, WT_SVG_NAME);
    char name[256];
    (void)snprintf(name, sizeof name, "%.*s%s", (int)n, r->name, r->name[n] ? "…" : "");
    wt_svg_draw_text(b, r->from ? "arrow server" : "arrow client", WT_SVG_LABEL, y, WT_SVG_START, arrow, strlen(arrow));
    wt_svg_draw_text(b, side, WT_SVG_LABEL + 16, y, WT_SVG_START, name, strlen(name));
    if (r->encrypted)
        wt_svg_lock(b, WT_SVG_LABEL + 16 + wt_svg_width(name, WT_SVG_NAME) * 1.05 + 6, y - 11, r->opened);
    wt_svg_draw_text(b, "size", RIGHT, y, WT_SVG_END, size, strlen(size));
    const unsigned lines = note_lines(r->remark, b, y + WT_SVG_LEADING);
    draw_findings(b, r, y + WT_SVG_LEADING * (1 + lines));
}

/* --- the key ------------------------------------------------------------------------------------------------------ */

static const char *severity_name(unsigned s)
{
    return s == WT_FATAL     ? _("cause of the failure")
           : s == WT_ERROR   ? _("error")
           : s == WT_WARNING ? _("warning")
                             : _("notice");
}

struct key {
    struct wt_buffer *b;
    double x, y;
};

/* Room for a sign, and its meaning behind it; where the sign is to be. */
static double key(struct key *k, const char *text)
{
    const double width = 30 + wt_svg_width(text, WT_SVG_NOTE) + 22;
    if (k->x + width > RIGHT + 22 && k->x > WT_SVG_MARGIN) {
        k->x = WT_SVG_MARGIN;
        k->y += WT_SVG_LEADING + 6;
    }
    const double at = k->x;
    wt_svg_draw_text(k->b, "note", at + 30, k->y, WT_SVG_START, text, strlen(text));
    k->x += width;
    return at;
}

static void key_bands(struct wt_svg *g, struct key *k)
{
    bool closed = false, opened = false;
    for (size_t i = 0; i < g->ladder.count; i++) {
        closed |= g->ladder.rows[i].encrypted && !g->ladder.rows[i].opened;
        opened |= g->ladder.rows[i].opened;
    }
    for (unsigned which = 0; which < 2; which++) {
        if (!(which ? opened : closed))
            continue;
        const double x = key(k, which ? _("encrypted, decrypted with keys") : _("encrypted"));
        wt_svg_draw_rect(k->b, which ? "band opened" : "band", x, k->y - 11, 24, 14);
        wt_svg_lock(k->b, x + 7, k->y - 10, which);
    }
}

static void key_severities(struct wt_svg *g, struct key *k)
{
    bool seen[WT_FATAL + 1] = {false};
    for (size_t i = 0; i < g->ladder.count; i++)
        for (unsigned f = 0; f < finding_lines(&g->ladder.rows[i]); f++)
            if (g->ladder.rows[i].findings[f]->severity <= WT_FATAL)
                seen[g->ladder.rows[i].findings[f]->severity] = true;
    for (unsigned s = WT_FATAL + 1; s-- > 0;)
        if (seen[s])
            wt_svg_severity(k->b, s, key(k, severity_name(s)) + 12, k->y - 4);
}

double wt_svg_draw_key(struct wt_svg *g, double y)
{
    struct key k = {&g->body, WT_SVG_MARGIN, y};
    bool again = false, cut = false;
    for (size_t i = 0; i < g->ladder.count; i++)
        again |= g->ladder.rows[i].mark == WT_SEGMENT_AGAIN;
    for (size_t i = 0; i < g->scale.count; i++)
        cut |= g->scale.gaps[i].cut;
    key_bands(g, &k);
    if (again) {
        const double x = key(&k, _("retransmission"));
        wt_svg_draw_line(k.b, "flight again", (double[]){x, k.y - 4}, (double[]){x + 24, k.y - 4});
    }
    if (cut) {
        const double x = key(&k, _("a pause, longer than it is drawn"));
        wt_svg_draw_path(k.b, "break", x + 4, k.y - 2, "l5 -3 l6 6 l5 -3");
    }
    key_severities(g, &k);
    return k.y + WT_SVG_LEADING;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

void wt_svg_describe(struct wt_svg *g, struct wt_buffer *b)
{
    for (size_t i = 0; i < g->ladder.count && i < DESCRIBED; i++) {
        const struct wt_ladder_row *r = &g->ladder.rows[i];
        char at[64], size[128] = "", line[640];
        size_text(r, size, sizeof size);
        (void)snprintf(line, sizeof line, "%s %s: %s%s%s%s%s%s%s\n", wt_svg_moment(at, r->t),
                       r->from ? _("Server") : _("Client"), r->name, *size ? _(", ") : "", size,
                       r->encrypted ? _(", ") : "",
                       !r->encrypted ? ""
                       : r->opened   ? _("encrypted, decrypted with keys")
                                     : _("encrypted"),
                       *r->remark ? _(", ") : "", r->remark);
        wt_svg_escape(b, line);
        for (unsigned f = 0; f < finding_lines(r); f++) {
            (void)snprintf(line, sizeof line, "%s: %s. ", severity_name(r->findings[f]->severity), r->findings[f]->id);
            wt_svg_escape(b, line);
        }
    }
}
