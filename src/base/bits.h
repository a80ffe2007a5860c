/* How long a number is. */
#ifndef WT_BASE_BITS_H
#define WT_BASE_BITS_H

#include "base/span.h"

/* Bits of a big-endian number, zeros in front of it left out. */
static inline size_t wt_bits_of(struct wt_span number)
{
    size_t zeros = 0, bits;
    while (zeros < number.n && !number.p[zeros])
        zeros++;
    if (zeros == number.n)
        return 0;
    bits = (number.n - zeros - 1) * 8;
    for (unsigned first = number.p[zeros]; first; first >>= 1)
        bits++;
    return bits;
}

#endif
