#include "observer/quic/paths.h"

#include "base/memory.h"
#include "observer/quic/connection.h"
#include "observer/udp/connections.h"

static bool is_end(const struct wt_quic_ends *e, unsigned side, const uint8_t ip[16], uint16_t port)
{
    return e->port[side] == port && memcmp(e->ip[side], ip, sizeof e->ip[side]) == 0;
}

static bool is_between(const struct wt_quic_ends *e, const struct wt_segment *s, unsigned from)
{
    return is_end(e, from, s->source, s->source_port) && is_end(e, !from, s->target, s->target_port);
}

static void ends_of(const struct wt_segment *s, unsigned from, struct wt_quic_ends *e)
{
    memcpy(e->ip[from], s->source, sizeof e->ip[from]);
    memcpy(e->ip[!from], s->target, sizeof e->ip[!from]);
    e->port[from] = s->source_port;
    e->port[!from] = s->target_port;
}

/* Nearly all connections have one path and no more. */
static bool more_room(struct wt_quic *q)
{
    const unsigned room = q->path_room ? WT_LIMIT_QUIC_PATHS : 1;
    struct wt_quic_path *paths = room > q->path_room ? wt_calloc(room, sizeof *paths) : NULL;
    if (!paths)
        return false;
    if (q->path_count)
        memcpy(paths, q->paths, q->path_count * sizeof *paths);
    if (q->path)
        q->path = &paths[q->path - q->paths];
    free(q->paths);
    q->paths = paths;
    q->path_room = (uint8_t)room;
    return true;
}

static bool add(struct wt_quic *q, const struct wt_segment *s, unsigned from)
{
    if (q->path_count == WT_LIMIT_QUIC_PATHS)
        q->o->lost[WT_LOST_QUIC_PATHS]++;
    if (q->path_count == q->path_room && !more_room(q))
        return false;
    struct wt_quic_path *p = &q->paths[q->path_count++];
    p->first_frame = q->o->frame;
    p->first_ns = q->o->now.ns;
    ends_of(s, from, &p->ends);
    return true;
}

uint8_t wt_quic_paths_place(const struct wt_quic *q, const struct wt_datagram *d, unsigned from)
{
    if (q->path && is_between(&q->path->ends, d->segment, from))
        return (uint8_t)(q->path - q->paths);
    for (uint8_t i = 0; i < q->path_count; i++)
        if (is_between(&q->paths[i].ends, d->segment, from))
            return i;
    for (uint8_t i = 0; i < q->alias_count; i++)
        if (is_between(&q->aliases[i].ends, d->segment, from))
            return (uint8_t)(WT_LIMIT_QUIC_PATHS + i);
    return WT_QUIC_NOWHERE;
}

static uint8_t path_at(const struct wt_quic *q, uint8_t place)
{
    return place < WT_LIMIT_QUIC_PATHS ? place : q->aliases[place - WT_LIMIT_QUIC_PATHS].path;
}

uint8_t wt_quic_paths_take(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place)
{
    if (place == WT_QUIC_NOWHERE) {
        if (!add(q, d->segment, from))
            return WT_QUIC_NOWHERE;
        place = q->path_count - 1;
    }
    struct wt_quic_path *p = q->path = &q->paths[path_at(q, place)];
    p->last_frame = q->o->frame;
    p->last_ns = q->o->now.ns;
    p->packets[from]++;
    p->bytes[from] += (uint64_t)d->segment->length + d->segment->missing;
    return place;
}

void wt_quic_paths_also(struct wt_quic *q, const struct wt_datagram *d, unsigned from, uint8_t place)
{
    if (!q->aliases)
        q->aliases = wt_calloc(WT_LIMIT_QUIC_PATHS, sizeof *q->aliases);
    if (!q->aliases || q->alias_count == WT_LIMIT_QUIC_PATHS) {
        q->o->lost[WT_LOST_QUIC_PATHS]++;
        return;
    }
    struct wt_quic_alias *a = &q->aliases[q->alias_count++];
    a->path = path_at(q, place);
    ends_of(d->segment, from, &a->ends);
}

size_t wt_quic_paths_bytes(const struct wt_quic *q)
{
    return q->path_room * sizeof *q->paths + (q->aliases ? WT_LIMIT_QUIC_PATHS * sizeof *q->aliases : 0);
}

void wt_quic_paths_free(struct wt_quic *q)
{
    free(q->paths);
    free(q->aliases);
}

static bool sender(const struct wt_quic_ends *e, const struct wt_segment *s, unsigned *from)
{
    for (unsigned side = 0; side < 2; side++) {
        if (is_end(e, side, s->source, s->source_port) || is_end(e, !side, s->target, s->target_port)) {
            *from = side;
            return true;
        }
    }
    return false;
}

bool wt_quic_paths_sender(const struct wt_quic *q, const struct wt_datagram *d, unsigned *from)
{
    bool known = q->path && sender(&q->path->ends, d->segment, from);
    for (unsigned i = 0; !known && i < q->path_count; i++)
        known = sender(&q->paths[i].ends, d->segment, from);
    for (unsigned i = 0; !known && i < q->alias_count; i++)
        known = sender(&q->aliases[i].ends, d->segment, from);
    return known;
}

void wt_quic_paths_challenge(const struct wt_observer *o, struct wt_quic_path *path, unsigned from, struct wt_span data)
{
    if (!path || data.n != WT_PATH_DATA)
        return;
    memcpy(path->challenge[from][path->challenges[from]++ % WT_PATH_CHALLENGES], data.p, WT_PATH_DATA);
    if (path->challenged[from])
        return;
    path->challenged[from] = o->frame;
    path->challenged_ns[from] = o->now.ns;
}

static bool awaits(const struct wt_quic_path *p, unsigned from, struct wt_span data)
{
    for (unsigned i = 0; i < WT_PATH_CHALLENGES && i < p->challenges[from]; i++)
        if (memcmp(p->challenge[from][i], data.p, WT_PATH_DATA) == 0)
            return true;
    return false;
}

void wt_quic_paths_response(const struct wt_observer *o, struct wt_quic *q, unsigned from, struct wt_span data)
{
    for (unsigned i = 0; i < q->path_count && data.n == WT_PATH_DATA; i++) {
        struct wt_quic_path *p = &q->paths[i];
        if (p->answered[!from] || !awaits(p, !from, data))
            continue;
        p->answered[!from] = o->frame;
        p->answered_ns[!from] = o->now.ns;
    }
}

static void ends_turn(struct wt_quic_ends *e)
{
    const struct wt_quic_ends was = *e;
    for (unsigned side = 0; side < 2; side++) {
        memcpy(e->ip[side], was.ip[!side], sizeof e->ip[side]);
        e->port[side] = was.port[!side];
    }
}

void wt_quic_paths_turn(struct wt_quic *q)
{
    for (unsigned i = 0; i < q->path_count; i++) {
        const struct wt_quic_path was = q->paths[i];
        struct wt_quic_path *p = &q->paths[i];
        ends_turn(&p->ends);
        for (unsigned side = 0; side < 2; side++) {
            p->packets[side] = was.packets[!side];
            p->bytes[side] = was.bytes[!side];
            memcpy(p->challenge[side], was.challenge[!side], sizeof p->challenge[side]);
            p->challenges[side] = was.challenges[!side];
            p->challenged[side] = was.challenged[!side];
            p->answered[side] = was.answered[!side];
            p->challenged_ns[side] = was.challenged_ns[!side];
            p->answered_ns[side] = was.answered_ns[!side];
        }
    }
    for (unsigned i = 0; i < q->alias_count; i++)
        ends_turn(&q->aliases[i].ends);
}
