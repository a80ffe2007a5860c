#include "base/utf8.h"

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

/* Control characters move the cursor or speak to the terminal; the others here cannot be seen, or turn the direction
 * of what follows (so that "exe.fdp" reads as "pdf.exe"); combining marks would pile up on our own signs. */
bool wt_is_printable(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c)
        return false;
    if (c == 0x115f || c == 0x3164 || c == 0xffa0)
        return false; /* Hangul fillers: they take columns, and nothing is there */
    if ((c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfdd0 && c <= 0xfdef) || c >= 0xe0000)
        return false; /* private use: what it shows, no one knows; noncharacters; tags and what is reserved beside them */
    return wt_width_of(c) > 0 && (c & 0xfffe) != 0xfffe;
}

size_t wt_printable_next(struct wt_span s)
{
    uint32_t c;
    size_t n = wt_utf8_next(s, &c);
    return n && wt_is_printable(c) ? n : 0;
}
