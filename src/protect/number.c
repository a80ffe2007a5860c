#include "protect/number.h"

/* As RFC 9000, A.3 prints it. */
uint64_t wt_number_restore(uint64_t expected, uint32_t low, unsigned length, uint64_t most)
{
    const uint64_t window = (uint64_t)1 << (8 * length), half = window / 2;
    const uint64_t candidate = (expected & ~(window - 1)) | low;
    if (candidate + half <= expected && candidate < most + 1 - window)
        return candidate + window;
    if (candidate > expected + half && candidate >= window)
        return candidate - window;
    return candidate;
}
