/* How many columns a text takes on a terminal, and how what came from the wire is escaped for it. */
#include "report/term.h"

#include "base/digits.h"
#include "base/i18n.h"
#include "base/sentences.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

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

/* One character as it will stand, and how many bytes of the wire it took; 0: it may not be shown. */
static size_t piece(struct wt_span s, unsigned flags, struct wt_printed_run *run, char out[16])
{
    uint32_t c;
    size_t n = wt_utf8_next(s, &c), shown = wt_printable_next(s, run);
    if (n == 1 && c && c <= WT_SENTENCE_END && flags & WT_ESCAPE_STRING && wt_text_is_neutral()) {
        out[0] = (char)c;
        out[1] = 0;
        return n;
    }
    if (!shown)
        return 0;
    if (c == '\\' && !(flags & WT_ESCAPE_STRING)) {
        memcpy(out, "\\\\", 3);
    } else if (flags & WT_ESCAPE_ASCII && n > 1) {
        (void)snprintf(out, 16, "\\u{%x}", c);
    } else {
        memcpy(out, s.p, n);
        out[n] = 0;
    }
    return n;
}

/* Bytes at its start that stand as they are, one column each: most names, and most of what applications say, whole. */
static size_t plain_bytes(struct wt_span wire, unsigned flags)
{
    size_t i = 0;
    while (i < wire.n && wire.p[i] >= ' ' && wire.p[i] <= '~' && (wire.p[i] != '\\' || flags & WT_ESCAPE_STRING))
        i++;
    return i;
}

/* Bytes at its start that cannot be shown, whatever follows: control characters, what begins no character (RFC 3629,
 * 4), and what begins one that does not go on. Of what is not text, most. */
static size_t hidden_bytes(struct wt_span wire)
{
    size_t i = 0;
    for (; i < wire.n; i++) {
        uint8_t c = wire.p[i];
        bool begins = c >= 0xc2 && c <= 0xf4 && i + 1 < wire.n && wire.p[i + 1] >> 6 == 2;
        if ((c >= ' ' && c <= '~') || begins)
            break;
    }
    return i;
}

/* A text that is being escaped into b. */
struct escaped {
    struct wt_buffer *b;
    unsigned columns, used, dots_width;
    size_t cut; /* where the text would end if it had to be shortened */
};

/* Bytes that take as many columns each as they take bytes to write: one, or four escaped. How many there was room for.
 */
static size_t add_run(struct escaped *e, struct wt_span run, bool escaped)
{
    static const char digits[] = "0123456789abcdef";
    unsigned size = escaped ? 4 : 1, left = e->columns - e->used;
    size_t n = run.n < left / size ? run.n : left / size, start = e->b->n;
    size_t before_dots = left < e->dots_width ? 0 : (left - e->dots_width) / size;
    uint8_t *to = n ? wt_buffer_room(e->b, n * size) : NULL;
    if (!to)
        return n;
    if (!escaped)
        memcpy(to, run.p, n);
    for (size_t i = 0; escaped && i < n; i++, to += 4) {
        const uint8_t escape[4] = {'\\', 'x', (uint8_t)digits[run.p[i] >> 4], (uint8_t)digits[run.p[i] & 15]};
        memcpy(to, escape, sizeof escape);
    }
    e->b->n += n * size;
    if (before_dots)
        e->cut = start + (before_dots < n ? before_dots : n) * size;
    e->used += (unsigned)n * size;
    return n;
}

static bool add_piece(struct escaped *e, const char *text)
{
    unsigned width = wt_width(text);
    if (e->used + width > e->columns)
        return false;
    (void)wt_buffer_add_text(e->b, text);
    e->used += width;
    if (e->used + e->dots_width <= e->columns)
        e->cut = e->b->n;
    return true;
}

/* Of the first `most` bytes those up to the first that begins a character of more than one: each of these says itself
 * how it is shown. Written to `to`, which has room for four times as many; *wire goes past them. After what is plain
 * without a branch for each, a while: what is no text has no pattern, and would be guessed wrongly at every other byte.
 */
static uint8_t *write_simple(uint8_t *to, struct wt_span *wire, size_t most)
{
    enum { WHILE = 32 };
    size_t i = plain_bytes(wt_span_cut(*wire, 0, most), 0);
    memcpy(to, wire->p, i);
    to += i;
    most = most - i > WHILE ? i + WHILE : most;
    for (; i < most; i++) {
        const uint8_t c = wire->p[i], next = i + 1 < wire->n ? wire->p[i + 1] : 0;
        if ((uint8_t)(c - 0xc2) <= 0xf4 - 0xc2 && next >> 6 == 2)
            break;
        const bool plain = (uint8_t)(c - ' ') <= '~' - ' ', backslash = c == '\\';
        to[0] = plain ? c : '\\';
        to[1] = backslash ? '\\' : 'x';
        memcpy(to + 2, wt_hex_pairs[c].digits, 2);
        to += backslash ? 2 : plain ? 1 : 4;
    }
    *wire = wt_span_cut(*wire, i, wire->n);
    return to;
}

/* Characters of two and three bytes that stand as they are: of texts in other languages, most. */
static uint8_t *write_shown(uint8_t *to, struct wt_span *wire, size_t most, struct wt_printed_run *run)
{
    uint32_t last;
    const size_t n = wt_printable_bytes(wt_span_cut(*wire, 0, most), &last);
    if (!n)
        return to;
    memcpy(to, wire->p, n);
    *run = (struct wt_printed_run){last, 0};
    *wire = wt_span_cut(*wire, n, wire->n);
    return to + n;
}

/* One character of several bytes, or what began one and is none. */
static uint8_t *write_character(uint8_t *to, struct wt_span *wire, unsigned flags, struct wt_printed_run *run)
{
    char out[16] = {'\\', 'x', wt_hex_pairs[wire->p[0]].digits[0], wt_hex_pairs[wire->p[0]].digits[1]};
    const size_t n = piece(*wire, flags, run, out);
    *wire = wt_span_cut(*wire, n ? n : 1, wire->n);
    return (uint8_t *)stpcpy((char *)to, out);
}

/* The same as wt_escape() makes of what is no string of ours and need not be shortened. */
static void escape_whole(struct wt_buffer *b, struct wt_span wire, unsigned flags)
{
    enum { PIECE = 4096, LAST = 16 /* a character that begins in one piece and ends in the next */ };
    struct wt_printed_run run = {0};
    while (wire.n) {
        const size_t rest = wire.n > PIECE ? wire.n - PIECE : 0;
        uint8_t *to = wt_buffer_room(b, 4 * (wire.n - rest) + LAST), *const room = to;
        if (!to)
            return;
        while (wire.n > rest) {
            const struct wt_span before = wire;
            to = write_simple(to, &wire, wire.n - rest);
            const size_t n = before.n - wire.n;
            if (n) {
                const uint8_t last = before.p[n - 1];
                run = (struct wt_printed_run){last >= ' ' && last <= '~' ? last : 0, 0};
                continue;
            }
            if (!(flags & WT_ESCAPE_ASCII))
                to = write_shown(to, &wire, wire.n - rest, &run);
            if (wire.n == before.n)
                to = write_character(to, &wire, flags, &run);
        }
        b->n += (size_t)(to - room);
    }
}

void wt_escape(struct wt_buffer *b, struct wt_span wire, unsigned columns, unsigned flags)
{
    const char *dots = flags & WT_ESCAPE_ASCII ? "..." : "…";
    struct wt_printed_run run = {0};
    if (columns >= WT_TERM_ENDLESS && !(flags & WT_ESCAPE_STRING)) {
        escape_whole(b, wire, flags);
        wire.n = 0;
    }
    struct escaped e = {.b = b, .columns = columns, .dots_width = wt_width(dots), .cut = b->n};
    if (flags & WT_ESCAPE_STRING && wt_text_is_neutral())
        e.columns = WT_TERM_ENDLESS; /* cut, it would have lost an end of a sentence */
    while (wire.n) {
        char out[16];
        size_t n = plain_bytes(wire, flags);
        bool fits = true;
        if (n) {
            fits = add_run(&e, wt_span_cut(wire, 0, n), false) == n;
            run = (struct wt_printed_run){wire.p[n - 1], 0};
        } else if (!(flags & WT_ESCAPE_STRING) && (n = hidden_bytes(wire))) {
            fits = add_run(&e, wt_span_cut(wire, 0, n), true) == n;
            run = (struct wt_printed_run){0};
        } else if ((n = piece(wire, flags, &run, out))) {
            fits = add_piece(&e, out);
        } else {
            n = 1;
            fits = add_run(&e, wt_span_cut(wire, 0, n), true) == n;
        }
        if (!fits) {
            b->n = e.cut;
            (void)wt_buffer_add_text(b, dots);
            break;
        }
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
    if (wire.n && wire.n <= columns && plain_bytes(wire, flags) == wire.n) {
        memcpy(room, wire.p, wire.n);
        room[wire.n] = 0;
        return room;
    }
    wt_escape(&b, wire, columns, flags);
    (void)snprintf(room, size, "%s", b.p && !b.failed ? (const char *)b.p : "");
    wt_buffer_free(&b);
    return room;
}
