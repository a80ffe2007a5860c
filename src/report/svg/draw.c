#include "report/svg/draw.h"

#include "base/utf8.h"

#include <math.h>

void wt_svg_escape(struct wt_buffer *b, const char *text)
{
    struct wt_span s = wt_span_text(text);
    while (s.n) {
        uint32_t c;
        const size_t n = wt_utf8_next(s, &c);
        if (c == '&')
            (void)wt_buffer_add_text(b, "&amp;");
        else if (c == '<')
            (void)wt_buffer_add_text(b, "&lt;");
        else if (c == '>')
            (void)wt_buffer_add_text(b, "&gt;");
        else if (c == '"')
            (void)wt_buffer_add_text(b, "&quot;");
        else if (n && c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff)
            (void)wt_buffer_add(b, s.p, n);
        s = wt_span_cut(s, n ? n : 1, s.n);
    }
}

/* In thousandths of the font's size, as in Helvetica and what is drawn to fit in its place. */
static unsigned advance(uint32_t c)
{
    if (c >= 0x80)
        return wt_width_of(c) == 2 ? 1000 : wt_width_of(c) ? 600 : 0;
    if (c == ' ' || (c && strchr("ijl.,:;'|!/\\()[]ftI", (int)c)))
        return 310;
    if (c && strchr("mwMW@%&", (int)c))
        return 880;
    return c >= 'A' && c <= 'Z' ? 690 : c >= '0' && c <= '9' ? 560 : c == '_' || c == '-' || c == 'r' ? 450 : 560;
}

double wt_svg_width(const char *text, unsigned size)
{
    double sum = 0;
    for (struct wt_span s = wt_span_text(text); s.n;) {
        uint32_t c;
        const size_t n = wt_utf8_next(s, &c);
        sum += advance(c);
        s = wt_span_cut(s, n ? n : 1, s.n);
    }
    return sum * size / 1000;
}

static bool is_wide(uint32_t c)
{
    return c >= 0x80 && wt_width_of(c) == 2;
}

/* W3C, "Requirements for Chinese Text Layout", 3.1.3: a line neither begins with these nor ends with those. */
static bool closes(uint32_t c)
{
    return (c < 0x80 && c && strchr(".,:;)?!]", (int)c)) || c == 0x3001 || c == 0x3002 || c == 0xff0c || c == 0xff1a ||
           c == 0xff1b || c == 0xff09 || c == 0xff01 || c == 0xff1f || c == 0x201d;
}

static bool opens(uint32_t c)
{
    return c == 0xff08 || c == 0x201c || c == '(' || c == '[';
}

size_t wt_svg_line(const char *text, double width, unsigned size)
{
    struct wt_span s = wt_span_text(text);
    size_t may = 0, at = 0;
    double sum = 0;
    while (s.n) {
        uint32_t c, after = ' ';
        const size_t n = wt_utf8_next(s, &c), taken = n ? n : 1;
        sum += (double)advance(c) * size / 1000;
        if (sum > width && at)
            return may ? may : at;
        at += taken;
        s = wt_span_cut(s, taken, s.n);
        if (s.n)
            (void)wt_utf8_next(s, &after);
        if (c == ' ' || ((is_wide(c) || is_wide(after)) && after != ' ' && !closes(after) && !opens(c)))
            may = at;
    }
    return at;
}

/* Locales write numbers in ways of their own. */
static void number(struct wt_buffer *b, double value)
{
    const long tenths = lround(value * 10), size = tenths < 0 ? -tenths : tenths;
    (void)wt_buffer_format(b, "%s%ld", tenths < 0 ? "-" : "", size / 10);
    if (size % 10)
        (void)wt_buffer_format(b, ".%ld", size % 10);
}

static void attribute(struct wt_buffer *b, const char *name, double value)
{
    (void)wt_buffer_format(b, " %s=\"", name);
    number(b, value);
    (void)wt_buffer_add_char(b, '"');
}

static void element(struct wt_buffer *b, const char *name, const char *what)
{
    (void)wt_buffer_format(b, "<%s class=\"%s\"", name, what);
}

void wt_svg_draw_line(struct wt_buffer *b, const char *what, const double from[2], const double to[2])
{
    element(b, "line", what);
    attribute(b, "x1", from[0]);
    attribute(b, "y1", from[1]);
    attribute(b, "x2", to[0]);
    attribute(b, "y2", to[1]);
    (void)wt_buffer_add_text(b, "/>\n");
}

void wt_svg_draw_rect(struct wt_buffer *b, const char *what, double x, double y, double width, double height)
{
    element(b, "rect", what);
    attribute(b, "x", x);
    attribute(b, "y", y);
    attribute(b, "width", width);
    attribute(b, "height", height);
    (void)wt_buffer_add_text(b, "/>\n");
}

void wt_svg_draw_text(struct wt_buffer *b, const char *what, double x, double y, enum wt_svg_anchor anchor,
                      const char *text, size_t n)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    struct wt_buffer part = {0};
    element(b, "text", what);
    attribute(b, "x", x);
    attribute(b, "y", y);
    if (anchor != WT_SVG_START)
        (void)wt_buffer_format(b, " text-anchor=\"%s\"", anchors[anchor]);
    (void)wt_buffer_add_char(b, '>');
    (void)wt_buffer_add(&part, text, n);
    if (wt_buffer_add_char(&part, 0))
        wt_svg_escape(b, (const char *)part.p);
    b->failed |= part.failed;
    wt_buffer_free(&part);
    (void)wt_buffer_add_text(b, "</text>\n");
}

void wt_svg_draw_path(struct wt_buffer *b, const char *what, double x, double y, const char *path)
{
    element(b, "path", what);
    (void)wt_buffer_add_text(b, " d=\"M");
    number(b, x);
    (void)wt_buffer_add_char(b, ' ');
    number(b, y);
    (void)wt_buffer_format(b, " %s\"/>\n", path);
}
