#include "keys/hex.h"

/* A digit's value plus one; 0 for what is no digit. */
static const uint8_t values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

size_t wt_hex_read(struct wt_span text, uint8_t *out, size_t size)
{
    size_t at = 0;
    for (; at + 1 < text.n; at += 2) {
        unsigned high = values[text.p[at]], low = values[text.p[at + 1]];
        if (!high || !low)
            return at + (high != 0);
        if (at / 2 < size)
            out[at / 2] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    return at < text.n && values[text.p[at]] ? at + 1 : at;
}
