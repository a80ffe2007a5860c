#include "observer/quic/acknowledged.h"

#include "base/array.h"
#include "registry/limits.h"

#include <stdlib.h>
#include <string.h>

/* One more than there may be is added before two become one. */
enum { LEAST = 2, ROOM = 2 * WT_LIMIT_QUIC_ACKNOWLEDGED };

unsigned wt_quic_acknowledged_add(struct wt_quic_acknowledged *a, struct wt_quic_numbers_range r, unsigned below)
{
    unsigned n = a->count, above = below < n ? below : n;
    if (!wt_array_grow_within(&a->list, n, &a->room, sizeof *a->list, LEAST, ROOM))
        return 0;
    struct wt_quic_numbers_range *list = a->list;
    while (above > 0 && list[above - 1].first > r.last + 1)
        above--;
    if (above > 0 && list[above - 1].first <= r.first && list[above - 1].last >= r.last)
        return above - 1;
    unsigned at = above;
    while (at > 0 && list[at - 1].last + 1 >= r.first) {
        at--;
        r.first = list[at].first < r.first ? list[at].first : r.first;
        r.last = list[at].last > r.last ? list[at].last : r.last;
    }
    memmove(&list[at + 1], &list[above], (n - above) * sizeof *list);
    list[at] = r;
    n = n - (above - at) + 1;
    if (n > WT_LIMIT_QUIC_ACKNOWLEDGED) {
        list[1].first = list[0].first;
        memmove(list, list + 1, --n * sizeof *list);
        at -= at > 0;
    }
    a->count = (uint8_t)n;
    return at;
}

bool wt_quic_acknowledged_has(const struct wt_quic_acknowledged *a, uint64_t number)
{
    for (unsigned i = a->count; i-- > 0 && number <= a->list[i].last;)
        if (number >= a->list[i].first)
            return true;
    return false;
}

void wt_quic_acknowledged_clear(struct wt_quic_acknowledged *a)
{
    free(a->list);
    *a = (struct wt_quic_acknowledged){.list = NULL};
}

size_t wt_quic_acknowledged_bytes(const struct wt_quic_acknowledged *a)
{
    return a->room * sizeof *a->list;
}
