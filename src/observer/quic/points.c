#include "observer/quic/points.h"

#include "observer/quic/connection.h"
#include "observer/udp/connections.h"

/* The usual datagram is on the path of the one before it, and none of its side's newest came on another. */
static bool has_another_place(const struct wt_quic_newest *n, uint8_t place)
{
    for (unsigned i = 0; i < WT_LIMIT_QUIC_NEWEST; i++)
        if (n->place[i] && n->place[i] != place + 1)
            return true;
    return false;
}

/* The place where it was captured first; WT_QUIC_NOWHERE: it is none of the newest. */
static uint8_t place_of(const struct wt_quic_newest *n, const struct wt_datagram *d, uint8_t place)
{
    const uint8_t *last = d->payload.p + d->payload.n - WT_QUIC_LAST_BYTES;
    for (unsigned i = 0; i < WT_LIMIT_QUIC_NEWEST; i++)
        if (n->place[i] && n->place[i] != place + 1 && memcmp(n->last[i], last, sizeof n->last[i]) == 0)
            return n->place[i] - 1;
    return WT_QUIC_NOWHERE;
}

/* The last bytes of what the snapshot length cut may be those of a header. */
static bool has_last(const struct wt_datagram *d)
{
    return d->payload.n >= WT_QUIC_LAST_BYTES && !d->segment->missing;
}

bool wt_quic_points_copy(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place)
{
    const struct wt_quic_side *side = &q->side[from];
    if (!has_last(d) || !has_another_place(&side->newest, place) || q->o->now.ns - side->last_ns >= WT_LIMIT_RTO_NS)
        return false;
    const uint8_t first = place_of(&side->newest, d, place);
    if (first == WT_QUIC_NOWHERE)
        return false;
    if (place == WT_QUIC_NOWHERE)
        wt_quic_paths_also(q, d, from, first);
    return true;
}

void wt_quic_points_note(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place)
{
    struct wt_quic_newest *n = &q->side[from].newest;
    if (!has_last(d) || place == WT_QUIC_NOWHERE)
        return;
    memcpy(n->last[n->next], d->payload.p + d->payload.n - WT_QUIC_LAST_BYTES, sizeof n->last[n->next]);
    n->place[n->next] = place + 1;
    n->next = (uint8_t)((n->next + 1) % WT_LIMIT_QUIC_NEWEST);
}
