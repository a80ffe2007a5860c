/* How many columns a text takes on a terminal, and how what came from the wire is escaped for it. */
#include "report/term.h"

#include "base/i18n.h"
#include "base/sentences.h"
#include "base/utf8.h"
#include <stdio.h>

unsigned wt_width(const char *text)
{
    struct wt_span s = wt_span_text(text);
    unsigned width = 0;
    while (s.n) {
        uint32_t c;
        size_t n = wt_utf8_next(s, &c);
        width += n ? wt_width_of(c) : 1;
        s = wt_span_cut(s, n ? n : 1, s.n);
    }
    return width;
}

/* One character as it will stand, and how many bytes of the wire it took. */
static size_t piece(struct wt_span s, unsigned flags, struct wt_printed_run *run, char out[16])
{
    uint32_t c;
    size_t n = wt_utf8_next(s, &c), shown = wt_printable_next(s, run);
    if (n == 1 && c && c <= WT_SENTENCE_END && flags & WT_ESCAPE_STRING && wt_text_is_neutral()) {
        out[0] = (char)c;
        out[1] = 0;
        return n;
    }
    if (!shown) {
        (void)snprintf(out, 16, "\\x%02x", s.p[0]);
        return 1;
    }
    if (c == '\\' && !(flags & WT_ESCAPE_STRING)) {
        (void)snprintf(out, 16, "\\\\");
    } else if (flags & WT_ESCAPE_ASCII && n > 1) {
        (void)snprintf(out, 16, "\\u{%x}", c);
    } else {
        memcpy(out, s.p, n);
        out[n] = 0;
    }
    return n;
}

void wt_escape(struct wt_buffer *b, struct wt_span wire, unsigned columns, unsigned flags)
{
    const char *dots = flags & WT_ESCAPE_ASCII ? "..." : "…";
    struct wt_printed_run run = {0};
    unsigned used = 0, dots_width = wt_width(dots);
    size_t cut = b->n; /* where the text would end if it had to be shortened */
    if (flags & WT_ESCAPE_STRING && wt_text_is_neutral())
        columns = WT_TERM_ENDLESS; /* cut, it would have lost an end of a sentence */
    while (wire.n) {
        char out[16];
        size_t n = piece(wire, flags, &run, out);
        unsigned width = wt_width(out);
        if (used + width > columns) {
            b->n = cut;
            (void)wt_buffer_add_text(b, dots);
            break;
        }
        (void)wt_buffer_add_text(b, out);
        used += width;
        if (used + dots_width <= columns)
            cut = b->n;
        wire = wt_span_cut(wire, n, wire.n);
    }
    if (wt_buffer_add_char(b, 0))
        b->n--;
}

/* Whether it stands as it is, one column for each byte: so do most names. */
static bool is_plain(struct wt_span wire, unsigned flags)
{
    for (size_t i = 0; i < wire.n; i++)
        if (wire.p[i] < ' ' || wire.p[i] > '~' || (wire.p[i] == '\\' && !(flags & WT_ESCAPE_STRING)))
            return false;
    return true;
}

const char *wt_escape_into(char *room, size_t size, struct wt_span wire, unsigned columns, unsigned flags)
{
    struct wt_buffer b = {0};
    /* every column takes four bytes at most, so that a character is never cut by the room */
    if (columns > (size - 1) / 4)
        columns = (unsigned)((size - 1) / 4);
    if (wire.n && wire.n <= columns && is_plain(wire, flags)) {
        memcpy(room, wire.p, wire.n);
        room[wire.n] = 0;
        return room;
    }
    wt_escape(&b, wire, columns, flags);
    (void)snprintf(room, size, "%s", b.p && !b.failed ? (const char *)b.p : "");
    wt_buffer_free(&b);
    return room;
}
