/* How many columns characters take on a terminal, and what of the wire may be shown as it is. */
#include "report/term_utf8.h"

#include "base/i18n.h"
#include "base/sentences.h"
#include <stdio.h>

struct range {
    uint32_t first, last;
    unsigned columns;
};

static const struct range ranges[] = {
#define WT_WIDTH(first, last, columns) {first, last, columns},
#include "report/term_width.def"
#undef WT_WIDTH
};

unsigned wt_width_of(uint32_t c)
{
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    if (c < ranges[0].first)
        return 1;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > ranges[mid].last)
            low = mid + 1;
        else if (c < ranges[mid].first)
            high = mid;
        else
            return ranges[mid].columns;
    }
    return 1;
}

/* RFC 3629, 4: no overlong forms, no surrogates, nothing over U+10FFFF. */
size_t wt_utf8_next(struct wt_span s, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = s.p[0];
    size_t n = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    *c = first;
    if (n == 1)
        return 1;
    if (n == 0 || s.n < n)
        return 0;
    *c = first & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (s.p[i] >> 6 != 2)
            return 0;
        *c = *c << 6 | (s.p[i] & 0x3f);
    }
    return *c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff) ? 0 : n;
}

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

/* Control characters move the cursor or speak to the terminal; the others here cannot be seen, or turn the direction
 * of what follows (so that "exe.fdp" reads as "pdf.exe"); combining marks would pile up on our own signs. */
static bool is_plain(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c)
        return false;
    if ((c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000)
        return false; /* private use: what it shows, no one knows */
    return wt_width_of(c) > 0 && (c & 0xfffe) != 0xfffe;
}

/* One character as it will stand, and how many bytes of the wire it took. */
static size_t piece(struct wt_span s, unsigned flags, char out[16])
{
    uint32_t c;
    size_t n = wt_utf8_next(s, &c);
    if (n == 1 && c && c <= WT_SENTENCE_END && flags & WT_ESCAPE_STRING && wt_text_is_neutral()) {
        out[0] = (char)c;
        out[1] = 0;
        return n;
    }
    if (n == 0 || (n == 1 && !is_plain(c))) {
        (void)snprintf(out, 16, "\\x%02x", s.p[0]);
        return 1;
    }
    if (c == '\\' && !(flags & WT_ESCAPE_STRING)) {
        (void)snprintf(out, 16, "\\\\");
    } else if (!is_plain(c) || (flags & WT_ESCAPE_ASCII && n > 1)) {
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
    unsigned used = 0, dots_width = wt_width(dots);
    size_t cut = b->n; /* where the text would end if it had to be shortened */
    if (flags & WT_ESCAPE_STRING && wt_text_is_neutral())
        columns = WT_TERM_ENDLESS; /* cut, it would have lost an end of a sentence */
    while (wire.n) {
        char out[16];
        size_t n = piece(wire, flags, out);
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

const char *wt_escape_into(char *room, size_t size, struct wt_span wire, unsigned columns, unsigned flags)
{
    struct wt_buffer b = {0};
    /* every column takes four bytes at most, so that a character is never cut by the room */
    if (columns > (size - 1) / 4)
        columns = (unsigned)((size - 1) / 4);
    wt_escape(&b, wire, columns, flags);
    (void)snprintf(room, size, "%s", b.p && !b.failed ? (const char *)b.p : "");
    wt_buffer_free(&b);
    return room;
}
