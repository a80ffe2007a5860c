/* Packet numbers that were acknowledged, as ranges. */
#ifndef WT_OBSERVER_QUIC_ACKNOWLEDGED_H
#define WT_OBSERVER_QUIC_ACKNOWLEDGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_quic_numbers_range {
    uint64_t first, last; /* both included */
};

/* All zero: none. */
struct wt_quic_acknowledged {
    struct wt_quic_numbers_range *list; /* by number */
    size_t room;
    uint8_t count;
};

/* Adds a range below the list's index `below`, and says where it is: those of an ACK come from the largest down. Of too
 * many (WT_LIMIT_QUIC_ACKNOWLEDGED) the lowest two become one, which takes what is between them for acknowledged. */
unsigned wt_quic_acknowledged_add(struct wt_quic_acknowledged *a, struct wt_quic_numbers_range r, unsigned below);
/* Of those that are there. */
static inline uint64_t wt_quic_acknowledged_largest(const struct wt_quic_acknowledged *a)
{
    return a->list[a->count - 1].last;
}

bool wt_quic_acknowledged_has(const struct wt_quic_acknowledged *a, uint64_t number);
void wt_quic_acknowledged_clear(struct wt_quic_acknowledged *a);
size_t wt_quic_acknowledged_bytes(const struct wt_quic_acknowledged *a);

#endif
