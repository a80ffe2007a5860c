/* Mutates inputs that are a list of steps (watch.h, fuzz_compare.c): a byte that says what, more of its head, a length,
 * and what a side sends. Steps are dropped, doubled and swapped; what a side sends in several is changed as a whole by
 * mutate_tls.h, and cut into steps again. */
#ifndef WT_FUZZ_MUTATE_STEPS_H
#define WT_FUZZ_MUTATE_STEPS_H

#include "dice.h"

/* The bytes that a step has before its length; *carries: it has a length, and bytes. */
typedef size_t step_head(uint8_t what, bool *carries);

/* Changes an input whose steps begin after `skip` bytes. `tls`: what they carry is TLS. For LLVMFuzzerCustomMutator().
 */
size_t mutate_steps(uint8_t *data, size_t size, size_t most, size_t skip, step_head *head, bool tls, uint64_t seed);

/* How many bytes a step's length byte stands for: mostly few, so that what follows is cut often. */
static inline size_t step_length(unsigned n)
{
    return n < 250 ? n : (n - 249) * 700u;
}

#endif
