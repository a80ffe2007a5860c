/* One line at a time, never wider than the terminal. */
#include "report/term.h"

#include "base/format.h"
#include "base/i18n.h"
#include "base/options.h"
#include "base/sentences.h"
#include "base/uninitialized.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

#define WT_TERM_LEAST 60u

bool wt_term_options(struct wt_output *output, struct wt_text_options *known, const struct wt_text_options **options)
{
    if (!wt_options_take(known, sizeof *known, *options, NULL)) {
        output->failed = true;
        return false;
    }
    *options = known;
    return true;
}

void wt_term_start(struct wt_term *t, struct wt_output *output, const struct wt_text_options *options)
{
    *t = (struct wt_term){.output = output,
                          .columns = options->columns < WT_TERM_LEAST ? WT_TERM_LEAST : options->columns,
                          .color = options->color,
                          .ascii = options->ascii,
                          .unbroken = options->unbroken,
                          .neutral = wt_text_is_neutral()};
    /* who puts it into words breaks the lines, too */
    if (t->neutral) {
        t->columns = WT_TERM_ENDLESS;
        t->unbroken = true;
    }
}

void wt_term_free(struct wt_term *t)
{
    wt_buffer_free(&t->line);
}

/* What ASCII has for a sign of ours. */
static const char *plain_sign(uint32_t c)
{
    switch (c) {
    case 0x2192: /* → */
        return "->";
    case 0x2190: /* ← */
        return "<-";
    case 0x25b6: /* ▶ */
        return ">";
    case 0x25c0: /* ◀ */
        return "<";
    case 0x2500: /* ─ */
    case 0x2013:
    case 0x2014:
        return "-";
    case 0x2550: /* ═ */
        return "=";
    case 0x2713: /* ✓ */
        return "[ok]";
    case 0x2717: /* ✗ */
        return "[!!]";
    case 0x00a0: /* a space where no line is broken */
        return " ";
    case 0x2502: /* │ */
        return "|";
    case 0x2026: /* … */
        return "...";
    case 0x00d7: /* × */
        return "x";
    case 0x00b7: /* · */
        return ",";
    case 0x2022: /* • */
        return "*";
    case 0x2016: /* ‖, for "joined with" */
        return "||";
    case 0x2018:
    case 0x2019:
        return "'";
    case 0x201c:
    case 0x201d:
        return "\"";
    case 0x2264:
        return "<=";
    case 0x00b5:
    case 0x03bc:
        return "u";
    case 0x2295: /* ⊕ */
        return "XOR";
    default:
        return c >= 0x2501 && c <= 0x257f ? "+" : "?";
    }
}

static void pay(struct wt_term *t)
{
    uint8_t *room = t->owed ? wt_buffer_room(&t->line, t->owed) : NULL;
    if (room) {
        memset(room, ' ', t->owed);
        t->line.n += t->owed;
    }
    t->owed = 0;
}

static void put(struct wt_term *t, const char *bytes, size_t n, unsigned width)
{
    if (t->at + width > t->columns && !t->unbroken) {
        t->full = true;
        return;
    }
    pay(t);
    (void)wt_buffer_add(&t->line, bytes, n);
    t->at += width;
}

/* Most of a text is printable ASCII: where no line is broken, it is put as it is. Returns its bytes; spaces at its end
 * are owed. */
static size_t put_plain(struct wt_term *t, struct wt_span s)
{
    size_t n = 0, shown = 0;
    for (; n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f; n++)
        if (s.p[n] != ' ')
            shown = n + 1;
    if (shown)
        put(t, (const char *)s.p, shown, (unsigned)shown);
    t->owed += (unsigned)(n - shown);
    t->at += (unsigned)(n - shown);
    return n;
}

static void put_text(struct wt_term *t, struct wt_span s)
{
    while (s.n && !t->full) {
        if (t->unbroken && s.p[0] >= ' ' && s.p[0] < 0x7f) {
            const size_t plain = put_plain(t, s);
            s = wt_span_cut(s, plain, s.n);
            continue;
        }
        uint32_t c;
        size_t n = wt_utf8_next(s, &c);
        if (n == 0) {
            put(t, "?", 1, 1);
            n = 1;
        } else if (c == ' ') {
            if (t->at < t->columns || t->unbroken) {
                t->owed++;
                t->at++;
            }
        } else if (n > 1 && t->ascii) {
            const char *sign = plain_sign(c);
            put(t, sign, strlen(sign), (unsigned)strlen(sign));
        } else if ((c >= 0x20 && c != 0x7f) || (t->neutral && c <= WT_SENTENCE_END)) {
            put(t, (const char *)s.p, n, wt_width_of(c));
        }
        s = wt_span_cut(s, n, s.n);
    }
}

void wt_term_text(struct wt_term *t, const char *text)
{
    put_text(t, wt_span_text(text));
}

void wt_term_format(struct wt_term *t, const char *format, ...)
{
    char room[2048] WT_UNINITIALIZED;
    va_list args;
    va_start(args, format);
    (void)wt_format_list(room, sizeof room, format, args);
    va_end(args);
    wt_term_text(t, room);
}

void wt_term_to(struct wt_term *t, unsigned column)
{
    if (column > t->columns)
        column = t->columns;
    if (column > t->at) {
        t->owed += column - t->at;
        t->at = column;
    }
}

/* Columns that the text will take here, which ascii's signs make more. */
static unsigned width_here(const struct wt_term *t, struct wt_span s)
{
    unsigned width = 0;
    while (s.n) {
        uint32_t c;
        size_t n = wt_utf8_next(s, &c);
        width += n > 1 && t->ascii ? (unsigned)strlen(plain_sign(c)) : n ? wt_width_of(c) : 1;
        s = wt_span_cut(s, n ? n : 1, s.n);
    }
    return width;
}

void wt_term_right(struct wt_term *t, unsigned column, const char *text)
{
    unsigned width = width_here(t, wt_span_text(text));
    if (column > width)
        wt_term_to(t, column - width);
    wt_term_text(t, text);
}

void wt_term_repeat(struct wt_term *t, const char *text, unsigned n)
{
    const size_t from = t->line.n + t->owed;
    const unsigned at = t->at;
    if (!n)
        return;
    wt_term_text(t, text);
    if (!t->unbroken || t->owed || t->line.failed || t->line.n <= from) {
        while (--n)
            wt_term_text(t, text);
        return;
    }
    /* what it became, as it stands */
    const size_t length = t->line.n - from;
    const unsigned width = t->at - at;
    uint8_t *room = wt_buffer_room(&t->line, length * (n - 1));
    for (; room && n > 1; n--) {
        memcpy(t->line.p + t->line.n, t->line.p + from, length);
        t->line.n += length;
        t->at += width;
    }
}

void wt_term_style(struct wt_term *t, enum wt_style style)
{
    static const char *const codes[] = {
        [WT_STYLE_PLAIN] = "\033[0m",   [WT_STYLE_DIM] = "\033[2m",     [WT_STYLE_BOLD] = "\033[1m",
        [WT_STYLE_CLIENT] = "\033[36m", [WT_STYLE_SERVER] = "\033[35m", [WT_STYLE_GOOD] = "\033[32m",
        [WT_STYLE_WARN] = "\033[33m",   [WT_STYLE_BAD] = "\033[1;31m",  [WT_STYLE_HEAD] = "\033[1;4m",
    };
    if (!t->color || t->style == style)
        return;
    pay(t); /* underlined spaces look odd */
    if (t->style != WT_STYLE_PLAIN)
        (void)wt_buffer_add_text(&t->line, codes[WT_STYLE_PLAIN]);
    if (style != WT_STYLE_PLAIN)
        (void)wt_buffer_add_text(&t->line, codes[style]);
    t->style = (uint8_t)style;
}

void wt_term_end(struct wt_term *t)
{
    enum wt_style style = (enum wt_style)t->style;
    t->owed = 0;
    wt_term_style(t, WT_STYLE_PLAIN);
    (void)wt_buffer_add_char(&t->line, '\n');
    if (t->line.failed)
        t->output->failed = true;
    if (!t->output->failed && !t->output->write(t->output->context, (const char *)t->line.p, t->line.n))
        t->output->failed = true;
    t->line.n = 0;
    t->at = 0;
    t->full = false;
    wt_term_style(t, style);
}

static bool is_one_of(uint32_t c, const char *set)
{
    struct wt_span s = wt_span_text(set);
    uint32_t one;
    for (size_t n; s.n && (n = wt_utf8_next(s, &one)); s = wt_span_cut(s, n, s.n))
        if (one == c)
            return true;
    return false;
}

/* Rules for East Asian line breaks (W3C, "Requirements for Chinese Text Layout", 3.1.3): a line does not begin with one
 * of these. A no-break space, as after "✓", allows a break on neither side. */
static bool begins_no_line(uint32_t c)
{
    return is_one_of(c, "\u00a0、。，．：；？！）」』】》”’…,.:;?!)]}%");
}

/* A line does not end with one of these. */
static bool ends_no_line(uint32_t c)
{
    return is_one_of(c, "\u00a0（「『【《“‘([{");
}

/* The next piece that is not to be broken: spaces before it, then a word, or one wide character with the marks that
 * belong to it. */
static struct wt_span word(struct wt_span s)
{
    size_t i = 0, n;
    uint32_t c, last = 0;
    bool wide = false;
    while (i < s.n && s.p[i] == ' ')
        i++;
    for (; i < s.n && s.p[i] != ' '; i += n) {
        n = wt_utf8_next(wt_span_cut(s, i, s.n), &c);
        if (!n) {
            n = 1;
            c = 0xfffd;
        }
        bool parts = wide || wt_width_of(c) == 2; /* beside a wide character there may be a break */
        if (last && parts && !begins_no_line(c) && !ends_no_line(last))
            break;
        wide = wt_width_of(c) == 2;
        last = c;
    }
    return wt_span_cut(s, 0, i);
}

/* A word wider than the line, such as hex or a long name, is broken where the line ends. */
static void put_broken(struct wt_term *t, unsigned indent, unsigned until, struct wt_span w)
{
    if (t->unbroken) {
        put_text(t, w);
        return;
    }
    while (w.n) {
        uint32_t c;
        size_t n = wt_utf8_next(w, &c);
        struct wt_span one = wt_span_cut(w, 0, n ? n : 1);
        if (t->at + width_here(t, one) > until && t->at > indent) {
            wt_term_end(t);
            wt_term_to(t, indent);
        }
        put_text(t, one);
        w = wt_span_cut(w, one.n, w.n);
    }
}

void wt_term_wrap(struct wt_term *t, unsigned indent, unsigned until, const char *text)
{
    struct wt_span s = wt_span_text(text);
    if (until > t->columns)
        until = t->columns;
    if (indent + 8 > until)
        indent = until > 8 ? until - 8 : 0;
    wt_term_to(t, indent);
    if (t->neutral) {
        while (t->at <= indent && s.n && s.p[0] == ' ') /* as below */
            s = wt_span_cut(s, 1, s.n);
        put_text(t, s);
        return;
    }
    while (s.n) {
        struct wt_span w = word(s);
        s = wt_span_cut(s, w.n, s.n);
        if (t->at + width_here(t, w) > until && t->at > indent) {
            wt_term_end(t);
            wt_term_to(t, indent);
        }
        if (t->at <= indent) /* no spaces in front of a line */
            while (w.n && w.p[0] == ' ')
                w = wt_span_cut(w, 1, w.n);
        if (t->at + width_here(t, w) > until)
            put_broken(t, indent, until, w);
        else
            put_text(t, w);
    }
}

void wt_term_paragraph(struct wt_term *t, unsigned indent, unsigned until, const char *text)
{
    wt_term_wrap(t, indent, until, text);
    wt_term_end(t);
}

const char *wt_amount(char room[48], uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes / 1000;
    size_t u = 0;
    if (bytes < 1000) {
        (void)snprintf(room, 48, ngettext_("%u byte", "%u bytes", (unsigned long)bytes), (unsigned)bytes);
        return room;
    }
    for (; value >= 999.95 && u + 1 < sizeof units / sizeof *units; u++)
        value /= 1000;
    (void)snprintf(room, 48, "%.1f %s", value, units[u]);
    return room;
}

const char *wt_duration(char room[48], int64_t ns)
{
    double s = (double)ns / 1e9;
    if (s < 0)
        (void)snprintf(room, 48, "%.1f ms", s * 1e3); /* a capture whose clock went back */
    else if (s < 0.9995)
        (void)snprintf(room, 48, "%.1f ms", s * 1e3);
    else if (s < 99.95)
        (void)snprintf(room, 48, "%.1f s", s);
    else if (s < 3600)
        (void)snprintf(room, 48, "%.0f s", s);
    else
        (void)snprintf(room, 48, "%.1f h", s / 3600);
    return room;
}
