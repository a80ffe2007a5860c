/* Random numbers for the mutators: the same seed gives the same numbers on every machine. */
#ifndef WT_FUZZ_DICE_H
#define WT_FUZZ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline struct dice dice_of(uint64_t seed)
{
    return (struct dice){seed * 0x9e3779b97f4a7c15u + 1};
}

/* From 0 to below `sides`; 0 for no sides. SplitMix64. */
static inline size_t dice_roll(struct dice *dice, size_t sides)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return sides ? (size_t)(z % sides) : 0;
}

static inline bool dice_one_in(struct dice *dice, size_t sides)
{
    return dice_roll(dice, sides) == 0;
}

#endif
