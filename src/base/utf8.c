#include "base/utf8.h"

#include <stdatomic.h>
#include <string.h>

struct range {
    uint32_t first, last;
    unsigned columns;
};

static const struct range ranges[] = {
#define WT_WIDTH(first, last, columns) {first, last, columns},
#include "base/utf8_width.def"
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

size_t wt_utf8_put(uint8_t out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

/* Control characters move the cursor or speak to the terminal; the others here cannot be seen, or turn the direction
 * of what follows (so that "exe.fdp" reads as "pdf.exe"). */
static bool is_printable(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c)
        return false;
    if (c == 0x115f || c == 0x3164 || c == 0xffa0)
        return false; /* Hangul fillers: they take columns, and nothing is there */
    if ((c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfdd0 && c <= 0xfdef) || c >= 0xe0000)
        return false; /* private use: what it shows, no one knows; noncharacters; tags and what is reserved beside them
                       */
    return wt_width_of(c) > 0 && (c & 0xfffe) != 0xfffe;
}

enum {
    ZWNJ = 0x200c,
    ZWJ = 0x200d,
    JOINING = 0x600, /* scripts whose letters joiners and variation selectors are for, and emoji, come from here on */
    MOST_MARKS = 4,  /* Vietnamese, Thai and Hebrew have two or three; more are piled up to hide other lines */
};

/* What takes no column and is no mark: format characters (Cf), line and paragraph separators, Jamo without a syllable.
 */
static bool is_format(uint32_t c)
{
    return (c >= 0x1160 && c <= 0x11ff) || (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0x13430 && c <= 0x1343f) || (c >= 0x1bca0 && c <= 0x1bca3) ||
           (c >= 0x1d173 && c <= 0x1d17a);
}

static bool is_selector(uint32_t c)
{
    return c >= 0xfe00 && c <= 0xfe0f;
}

/* RFC 5892, A.1 and A.2, lets joiners stand in names only inside of what they join: here, before another character. */
static bool joins(struct wt_span rest, const struct wt_printed_run *run)
{
    uint32_t c;
    return run->base >= JOINING && rest.n && wt_utf8_next(rest, &c) && c >= JOINING && is_printable(c);
}

size_t wt_printable_next(struct wt_span s, struct wt_printed_run *run)
{
    uint32_t c;
    size_t n = wt_utf8_next(s, &c);
    bool shown = n && is_printable(c);
    if (shown) {
        *run = (struct wt_printed_run){c, 0};
        return n;
    }
    bool mark = n && c >= 0x300 && c < 0xe0000 && wt_width_of(c) == 0 && c != 0x61c && run->base > 0x20 &&
                run->marks < MOST_MARKS;
    if (mark && (c == ZWJ || c == ZWNJ))
        mark = joins(wt_span_cut(s, n, s.n), run);
    else if (mark)
        mark = !is_format(c) && (!is_selector(c) || run->base >= JOINING);
    if (!mark) {
        *run = (struct wt_printed_run){0};
        return 0;
    }
    run->marks++;
    return n;
}

/* Of characters up to U+FFFF, 64 a word: which may be shown as they stand, and take columns. A word is made when it is
 * asked for first; who makes it at the same time makes the same. */
static struct {
    _Atomic uint64_t shown;
    _Atomic bool known;
} words[1024];

static uint64_t make_word(uint32_t at)
{
    uint64_t shown = 0;
    for (uint32_t i = 0; i < 64; i++) {
        const uint32_t c = at * 64 + i;
        const bool surrogate = c >= 0xd800 && c <= 0xdfff;
        shown |= (uint64_t)(!surrogate && is_printable(c)) << i;
    }
    atomic_store_explicit(&words[at].shown, shown, memory_order_relaxed);
    atomic_store_explicit(&words[at].known, true, memory_order_release);
    return shown;
}

static inline bool is_shown(uint32_t at, unsigned bit)
{
    const bool known = atomic_load_explicit(&words[at].known, memory_order_acquire);
    const uint64_t shown =
        __builtin_expect(known, 1) ? atomic_load_explicit(&words[at].shown, memory_order_relaxed) : make_word(at);
    return shown >> bit & 1;
}

size_t wt_printable_bytes(struct wt_span s, uint32_t *last)
{
    const uint8_t *p = s.p, *const end = s.p + s.n;
    uint32_t at = 0;
    for (;;) {
        if (end - p >= 3 && p[0] >> 4 == 14 && p[1] >> 6 == 2 && p[2] >> 6 == 2) {
            at = (p[0] & 15u) << 6 | (p[1] & 63u);
            /* RFC 3629, 4: what has fewer bits is written shorter */
            if (at < 0x800 / 64 || !is_shown(at, p[2] & 63u))
                break;
            p += 3;
        } else if (end - p >= 2 && p[0] >= 0xc2 && p[0] >> 5 == 6 && p[1] >> 6 == 2) {
            at = p[0] & 31u;
            if (!is_shown(at, p[1] & 63u))
                break;
            p += 2;
        } else {
            break;
        }
        *last = at << 6 | (p[-1] & 63u);
    }
    return (size_t)(p - s.p);
}

/* One character as it stands in sentences; the bytes of the wire that it took. */
static size_t piece(struct wt_span wire, struct wt_printed_run *run, char out[5], size_t *length)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = wt_printable_next(wire, run);
    if (!n) {
        const char escape[5] = {'\\', 'x', digits[wire.p[0] >> 4], digits[wire.p[0] & 15], 0};
        memcpy(out, escape, sizeof escape);
        *length = 4;
        return 1;
    }
    memcpy(out, wire.p, n);
    *length = n;
    if (wire.p[0] == '\\')
        out[(*length)++] = '\\';
    return n;
}

void wt_printable_add(struct wt_buffer *b, struct wt_span wire)
{
    struct wt_printed_run run = {0};
    while (wire.n) {
        char out[5];
        size_t length, n = piece(wire, &run, out, &length);
        (void)wt_buffer_add(b, out, length);
        wire = wt_span_cut(wire, n, wire.n);
    }
    if (wt_buffer_add_char(b, 0))
        b->n--;
}

size_t wt_printable_part(char *room, size_t size, struct wt_span wire)
{
    const size_t all = wire.n;
    struct wt_printed_run run = {0};
    size_t at = 0;
    while (wire.n) {
        char out[5];
        size_t length, n = piece(wire, &run, out, &length);
        if (length >= size - at)
            break;
        memcpy(room + at, out, length);
        at += length;
        wire = wt_span_cut(wire, n, wire.n);
    }
    room[at] = 0;
    return all - wire.n;
}

const char *wt_printable_into(char *room, size_t size, struct wt_span wire)
{
    (void)wt_printable_part(room, size, wire);
    return room;
}
