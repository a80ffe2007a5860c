#include "observer/quic/offload.h"

enum { LEAST = 1 + WT_QUIC_TAG + 4, CERTAIN = 4 /* bytes of an id that does not come by chance */ };

/* Where the id stands once more behind what can be a packet's first byte, from byte `from` on; 0: nowhere. */
static size_t next_packet(struct wt_span rest, size_t id_length, size_t from)
{
    const uint8_t *id = rest.p + 1;
    for (size_t at = from; at + 1 + id_length + LEAST <= rest.n; at++) {
        const uint8_t *found = memchr(rest.p + at + 1, id[0], rest.n - at - id_length);
        if (!found)
            return 0;
        at = (size_t)(found - rest.p) - 1;
        if (at + 1 + id_length <= rest.n && memcmp(found, id, id_length) == 0 && !(rest.p[at] & WT_QUIC_LONG))
            return at;
    }
    return 0;
}

/* What paths and libraries make of 1,280, 1,500 and in between, the most usual first. */
static size_t usual(size_t n, uint32_t largest, size_t i)
{
    static const uint16_t sizes[] = {1200, 1252, 1350, 1452, 1472, 1280, 1232,
                                     1357, 1378, 1392, 1400, 1430, 1440, 1460};
    size_t seen = 0;
    if (largest >= LEAST && largest < n && seen++ == i)
        return largest;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        if (sizes[k] != largest && sizes[k] < n && seen++ == i)
            return sizes[k];
    return 0;
}

size_t wt_quic_offload_guess(struct wt_span rest, size_t id_length, uint32_t largest, size_t i)
{
    size_t at = LEAST;
    if (rest.n < 2 * LEAST)
        return 0;
    if (id_length < CERTAIN)
        return usual(rest.n, largest, i);
    for (size_t k = 0; k <= i; k++)
        if (!(at = next_packet(rest, id_length, k ? at + 1 : LEAST)))
            return 0;
    return at;
}

size_t wt_quic_offload_size(struct wt_span rest, size_t id_length)
{
    const size_t first = id_length >= CERTAIN && rest.n > 2 * LEAST ? next_packet(rest, id_length, LEAST) : 0;
    if (!first)
        return 0;
    const size_t second = next_packet(rest, id_length, first + 1);
    return second == 2 * first || (!second && rest.n <= 2 * first) ? first : 0;
}
