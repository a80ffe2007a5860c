/* The step of a hash for tables: two words' product, its halves joined. Fast rather than strong: the words are mixed
 * with a key that nobody outside the process knows. */
#ifndef WT_BASE_FOLD_H
#define WT_BASE_FOLD_H

#include <stdint.h>

/* High xor low half of a * b, of 128 bits; by pieces of 32 bits, as not every machine has a type so wide. */
static inline uint64_t wt_fold_pieces(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, first = a1 * b0, second = a0 * b1;
    uint64_t carry = ((low >> 32) + (uint32_t)first + (uint32_t)second) >> 32;
    return (a1 * b1 + (first >> 32) + (second >> 32) + carry) ^ (low + (first << 32) + (second << 32));
}

/* The same; where the machine multiplies so wide, it takes a fifth of the instructions. */
static inline uint64_t wt_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    return wt_fold_pieces(a, b);
#endif
}

#endif
