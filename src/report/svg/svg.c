/* One connection's ladder as a picture of its own, for documents: SVG 1.1 without scripts or anything from outside, on
 * white.
 *
 * Time runs downwards and is to scale (scale.h says where not). A capture is taken at one place: arrows begin and end
 * by the round-trip times that TCP's opening shows, as in page/scale.js. */
#include "report/svg/svg.h"

#include "base/i18n.h"
#include "base/memory.h"
#include "registry/registry.h"
#include "report/svg/label.h"
#include "report/text/names.h"
#include "story/cause.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { AXIS_LEAST = 240, HEAD = 18, TIMES_APART = 14 };

static const char style[] =
    "text{font-family:sans-serif;fill:#1c2430}"
    ".title{font-size:18px;font-weight:bold}.verdict{font-size:13px}.note,.size{font-size:12px;fill:#4b5563}"
    ".name{font-size:14px;font-weight:bold}.tcp{font-weight:normal;fill:#4b5563}.bad{fill:#b3261e}"
    ".finding{font-size:12px}.time{font-size:11px;fill:#4b5563}.arrow{font-size:14px}"
    ".head{font-size:14px;font-weight:bold}.address{font-size:12px;font-family:monospace}"
    ".client{fill:#0b5cad}.server{fill:#a34700}"
    ".life{stroke-width:2}.life.client,.flight.client{stroke:#0b5cad}.life.server,.flight.server{stroke:#a34700}"
    ".flight{stroke-width:1.6;fill:none}.flight.tcp{stroke-width:1;stroke-opacity:.65}"
    ".flight.again{stroke-dasharray:5 3;stroke:#b3261e}.tip.client{fill:#0b5cad}.tip.server{fill:#a34700}"
    ".band{fill:#8892a0;fill-opacity:.22}.band.opened{fill:#2e7d4f;fill-opacity:.16}"
    ".lead{stroke:#c3c9d2;stroke-width:1;fill:none}.tick{stroke:#8a93a0;stroke-width:1}"
    ".break{stroke:#1c2430;stroke-width:1.4;fill:none}.gap{fill:#fff}.hole{stroke:#b3261e;stroke-width:1.6;fill:none}"
    ".lock{fill:#4b5563}.shackle{fill:none;stroke:#4b5563;stroke-width:1.4}"
    ".mark.fatal{fill:none;stroke:#b3261e;stroke-width:2.6}.mark.error{fill:#b3261e}"
    ".mark.warning{fill:#8a5a00}.mark.notice{fill:none;stroke:#4b5563;stroke-width:1.6}"
    ".paper{fill:#fff}";

/* --- where everything is ------------------------------------------------------------------------------------------ */

/* When a row left its sender, and when it reached the other. */
static void travel(const struct wt_svg *g, size_t i)
{
    const struct wt_ladder_row *r = &g->ladder.rows[i];
    const int64_t *trip = g->c->tcp.round_trip;
    g->places[i].sent = r->t - trip[r->from] / 2;
    g->places[i].arrived = r->t + trip[!r->from] / 2;
}

/* Labels are as near as may be to where they belong, in order and without overlap. */
static void spread(struct wt_svg *g, double bottom)
{
    double at = g->top;
    for (size_t i = 0; i < g->ladder.count; i++) {
        struct wt_svg_place *p = &g->places[i];
        const double tip = g->ladder.rows[i].from ? p->from : p->to;
        p->label = tip - 10 > at ? tip - 10 : at;
        at = p->label + p->height;
    }
    at = at > bottom ? at : bottom;
    g->bottom = at;
    for (size_t i = g->ladder.count; i-- > 0;) {
        struct wt_svg_place *p = &g->places[i];
        if (p->label + p->height > at)
            p->label = at - p->height;
        at = p->label;
    }
    for (size_t i = 0; i < g->ladder.count; i++)
        g->places[i].label += WT_SVG_NAME; /* its base line */
}

static bool place(struct wt_svg *g)
{
    const size_t n = g->ladder.count;
    int64_t *moments = wt_calloc(2 * n + 1, sizeof *moments);
    g->places = wt_calloc(n + 1, sizeof *g->places);
    bool ok = moments && g->places;
    double labels = 0;
    for (size_t i = 0; ok && i < n; i++) {
        travel(g, i);
        moments[2 * i] = g->places[i].sent;
        moments[2 * i + 1] = g->places[i].arrived;
        g->places[i].height = wt_svg_label_height(&g->ladder.rows[i]);
        labels += g->places[i].height;
    }
    ok = ok && wt_scale_make(&g->scale, moments, 2 * n, labels > AXIS_LEAST ? labels : AXIS_LEAST);
    free(moments);
    for (size_t i = 0; ok && i < n; i++) {
        g->places[i].from = g->top + wt_scale_at(&g->scale, g->places[i].sent);
        g->places[i].to = g->top + wt_scale_at(&g->scale, g->places[i].arrived);
    }
    if (ok)
        spread(g, g->top + g->scale.height + 16);
    return ok;
}

/* --- the drawing -------------------------------------------------------------------------------------------------- */

/* Above it: what it is, how it went, and why it failed. */
static void draw_title(struct wt_svg *g, const char *title)
{
    const struct wt_finding *cause = wt_story_cause(g->c);
    char line[600];
    double y = WT_SVG_MARGIN + HEAD;
    const size_t n = wt_svg_line(title, WT_SVG_WIDTH - 2 * WT_SVG_MARGIN, HEAD);
    wt_svg_draw_text(&g->body, "title", WT_SVG_MARGIN, y, WT_SVG_START, title, n);
    (void)snprintf(line, sizeof line, "%s", wt_text_outcome(g->x));
    y += 22;
    wt_svg_draw_text(&g->body, g->c->state == WT_FAILED ? "verdict bad" : "verdict", WT_SVG_MARGIN, y, WT_SVG_START,
                     line, wt_svg_line(line, WT_SVG_WIDTH - 2 * WT_SVG_MARGIN, 13));
    const char *text = cause ? wt_text_string(g->x, cause->text, 1000) : "";
    for (unsigned i = 0; *text && i < 4; i++) {
        const size_t part = wt_svg_line(text, WT_SVG_WIDTH - 2 * WT_SVG_MARGIN, 13);
        y += 18;
        wt_svg_draw_text(&g->body, "verdict", WT_SVG_MARGIN, y, WT_SVG_START, text, part);
        for (text += part; *text == ' ';)
            text++;
    }
    g->top = y + 66;
}

static void draw_heads(struct wt_svg *g)
{
    for (unsigned side = 0; side < 2; side++) {
        const double x = side ? WT_SVG_FAR : WT_SVG_CLIENT;
        const char *name = side ? _("Server") : _("Client");
        const char *address = wt_text_address(g->x, side ? &g->c->server : &g->c->client);
        wt_svg_draw_text(&g->body, side ? "head server" : "head client", x, g->top - 36, WT_SVG_MIDDLE, name,
                         strlen(name));
        wt_svg_draw_text(&g->body, "address", x, g->top - 20, WT_SVG_MIDDLE, address, strlen(address));
        wt_svg_draw_line(&g->body, side ? "life server" : "life client", (double[]){x, g->top - 12},
                         (double[]){x, g->bottom});
    }
}

/* From each side to the middle: where what it sends is under keys. */
static void draw_bands(struct wt_svg *g)
{
    const double middle = (WT_SVG_CLIENT + WT_SVG_FAR) / 2.0;
    for (unsigned side = 0; side < 2; side++) {
        size_t first = SIZE_MAX, last = 0;
        for (size_t i = 0; i <= g->ladder.count; i++) {
            const struct wt_ladder_row *r = i < g->ladder.count ? &g->ladder.rows[i] : NULL;
            if (r && (r->from != side || r->kind != WT_LADDER_MESSAGE))
                continue;
            const bool goes_on = first != SIZE_MAX && r && r->encrypted && r->opened == g->ladder.rows[first].opened;
            if (first != SIZE_MAX && !goes_on) {
                const double from = g->places[first].from - 4, to = g->places[last].to + 4;
                wt_svg_draw_rect(&g->body, g->ladder.rows[first].opened ? "band opened" : "band",
                                 side ? middle : WT_SVG_CLIENT, from,
                                 side ? WT_SVG_FAR - middle : middle - WT_SVG_CLIENT, to - from);
                first = SIZE_MAX;
            }
            if (r && r->encrypted) {
                first = first == SIZE_MAX ? i : first;
                last = i;
            }
        }
    }
}

static void draw_breaks(struct wt_svg *g)
{
    double free_from = 0;
    for (size_t i = 0; i < g->scale.count; i++) {
        const struct wt_scale_gap *gap = &g->scale.gaps[i];
        const double y = g->top + gap->y + gap->height / 2;
        char text[64];
        if (!gap->cut)
            continue;
        for (unsigned side = 0; side < 2; side++) {
            const double x = side ? WT_SVG_FAR : WT_SVG_CLIENT;
            wt_svg_draw_rect(&g->body, "gap", x - 3, y - 3, 6, 6);
            wt_svg_draw_path(&g->body, "break", x - 8, y + 2, "l5 -3 l6 6 l5 -3");
        }
        if (y < free_from)
            continue;
        (void)wt_svg_moment(text, gap->to - gap->from);
        wt_svg_draw_text(&g->body, "time", (WT_SVG_CLIENT + WT_SVG_FAR) / 2.0, y + 4, WT_SVG_MIDDLE, text,
                         strlen(text));
        free_from = y + TIMES_APART;
    }
}

/* A hole where bytes are missing. */
static void draw_hole(struct wt_buffer *b, double x, double y)
{
    wt_svg_draw_rect(b, "gap", x - 12, y - 7, 24, 14);
    wt_svg_draw_path(b, "hole", x - 9, y - 7, "l6 14 m6 -14 l6 14");
}

static void draw_arrow(struct wt_svg *g, size_t i)
{
    const struct wt_ladder_row *r = &g->ladder.rows[i];
    const struct wt_svg_place *p = &g->places[i];
    const double near = r->from ? WT_SVG_FAR : WT_SVG_CLIENT, far = r->from ? WT_SVG_CLIENT : WT_SVG_FAR;
    const double step = r->from ? -1 : 1, end = far - 2 * step;
    char what[64];
    if (r->kind == WT_LADDER_FOLD)
        return;
    (void)snprintf(what, sizeof what, "flight %s%s%s", r->from ? "server" : "client",
                   r->kind == WT_LADDER_TCP ? " tcp" : "", r->mark == WT_SEGMENT_AGAIN ? " again" : "");
    wt_svg_draw_line(&g->body, what, (double[]){near, p->from}, (double[]){end - 6 * step, p->to});
    wt_svg_draw_path(&g->body, r->from ? "tip server" : "tip client", end, p->to,
                     r->from ? "l9 -4.5 v9 z" : "l-9 -4.5 v9 z");
    if (r->both)
        wt_svg_draw_path(&g->body, r->from ? "tip client" : "tip server", near + 2 * step, p->from,
                         r->from ? "l-9 -4.5 v9 z" : "l9 -4.5 v9 z");
    if (r->mark == WT_SEGMENT_AFTER_GAP)
        draw_hole(&g->body, (near + far) / 2, (p->from + p->to) / 2);
}

/* Beside the client's lifeline: when a row was there, unless another's time is too near. */
static void draw_times(struct wt_svg *g)
{
    double free_from = 0;
    for (size_t i = 0; i < g->ladder.count; i++) {
        const struct wt_svg_place *p = &g->places[i];
        const double y = g->ladder.rows[i].from ? p->to : p->from;
        char text[64];
        if (y < free_from)
            continue;
        (void)wt_svg_moment(text, g->ladder.rows[i].t);
        wt_svg_draw_line(&g->body, "tick", (double[]){WT_SVG_CLIENT - 6, y}, (double[]){WT_SVG_CLIENT, y});
        wt_svg_draw_text(&g->body, "time", WT_SVG_CLIENT - 10, y + 4, WT_SVG_END, text, strlen(text));
        free_from = y + TIMES_APART;
    }
}

static void draw_labels(struct wt_svg *g)
{
    for (size_t i = 0; i < g->ladder.count; i++) {
        const double tip = g->ladder.rows[i].from ? g->places[i].from : g->places[i].to;
        wt_svg_draw_line(&g->body, "lead", (double[]){WT_SVG_FAR + 6, tip},
                         (double[]){WT_SVG_LABEL - 8, g->places[i].label - 5});
        wt_svg_draw_label(g, i);
    }
}

/* What it is, in one line. */
static void title_of(struct wt_svg *g, char *out, size_t size)
{
    const struct wt_connection *c = g->c;
    const uint16_t version = c->version ? c->version : c->offered;
    char name[300];
    (void)snprintf(name, sizeof name, "%s",
                   c->sni.n ? wt_text_wire(g->x, c->sni, 64) : wt_text_address(g->x, &c->server));
    if (version)
        /* TRANSLATORS: of a picture: "www.example.com: TLS 1.3, stream 5 of capture.pcapng" */
        (void)snprintf(
            out, size, _("%s: %s, stream %" PRIu32 " of %s"), name, wt_text_version(g->x, version), c->stream,
            wt_text_wire(g->x, wt_span_text(strrchr(c->file, '/') ? strrchr(c->file, '/') + 1 : c->file), 64));
    else
        (void)snprintf(
            out, size, _("%s: stream %" PRIu32 " of %s"), name, c->stream,
            wt_text_wire(g->x, wt_span_text(strrchr(c->file, '/') ? strrchr(c->file, '/') + 1 : c->file), 64));
}

static double draw(struct wt_svg *g, const char *title)
{
    draw_title(g, title);
    if (!place(g)) {
        g->body.failed = true;
        return 0;
    }
    draw_bands(g);
    draw_heads(g);
    for (size_t i = 0; i < g->ladder.count; i++)
        draw_arrow(g, i);
    draw_breaks(g);
    draw_times(g);
    draw_labels(g);
    return wt_svg_draw_key(g, g->bottom + 34) + 8;
}

static void write_out(struct wt_svg *g, struct wt_output *output, const char *title, double height)
{
    struct wt_buffer b = {0};
    (void)wt_buffer_format(&b,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                           /* TRANSLATORS: the code of this language (RFC 5646) */
                           "role=\"img\" aria-labelledby=\"title desc\" xml:lang=\"%s\">\n<title id=\"title\">",
                           WT_SVG_WIDTH, (int)height, WT_SVG_WIDTH, (int)height, _("en"));
    wt_svg_escape(&b, title);
    (void)wt_buffer_add_text(&b, "</title>\n<desc id=\"desc\">");
    wt_svg_describe(g, &b);
    (void)wt_buffer_format(&b, "</desc>\n<style>%s</style>\n", style);
    wt_svg_draw_rect(&b, "paper", 0, 0, WT_SVG_WIDTH, (int)height);
    (void)wt_buffer_add(&b, g->body.p, g->body.n);
    (void)wt_buffer_add_text(&b, "</svg>\n");
    output->failed = output->failed || b.failed || g->body.failed || g->ladder.failed ||
                     !output->write(output->context, (const char *)b.p, b.n);
    wt_buffer_free(&b);
}

static bool nowhere(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return true;
}

void wt_report_svg_ladder(struct wt_output *output, const struct wt_connection *connection)
{
    const struct wt_text_options options = {.size = sizeof options, .columns = WT_TERM_ENDLESS, .unbroken = true};
    struct wt_output none = {.write = nowhere};
    struct wt_text x;
    char title[1000];
    wt_text_begin(&x, &none, connection, &options);
    struct wt_svg g = {.x = &x, .c = connection};
    wt_ladder_fill(&g.ladder, &x);
    title_of(&g, title, sizeof title);
    const double height = draw(&g, title);
    write_out(&g, output, title, height);
    wt_ladder_free(&g.ladder);
    wt_scale_free(&g.scale);
    free(g.places);
    wt_buffer_free(&g.body);
    wt_text_finish(&x);
}
