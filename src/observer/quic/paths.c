#include "observer/quic/paths.h"

#include "base/memory.h"
#include "observer/quic/connection.h"
#include "observer/udp/connections.h"

static bool is_end(const struct wt_quic_path *p, unsigned side, const uint8_t ip[16], uint16_t port)
{
    return p->port[side] == port && memcmp(p->ip[side], ip, sizeof p->ip[side]) == 0;
}

static bool is_path(const struct wt_quic_path *p, const struct wt_segment *s, unsigned from)
{
    return is_end(p, from, s->source, s->source_port) && is_end(p, !from, s->target, s->target_port);
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

static struct wt_quic_path *add(struct wt_observer *o, struct wt_quic *q, const struct wt_segment *s, unsigned from)
{
    if (q->path_count == WT_LIMIT_QUIC_PATHS)
        o->lost[WT_LOST_QUIC_PATHS]++;
    if (q->path_count == q->path_room && !more_room(q))
        return NULL;
    struct wt_quic_path *p = &q->paths[q->path_count++];
    p->first_frame = o->frame;
    p->first_ns = o->now.ns;
    memcpy(p->ip[from], s->source, 16);
    memcpy(p->ip[!from], s->target, 16);
    p->port[from] = s->source_port;
    p->port[!from] = s->target_port;
    return p;
}

struct wt_quic_path *wt_quic_paths_of(struct wt_observer *o, struct wt_quic *q, const struct wt_datagram *d,
                                      unsigned from)
{
    const struct wt_segment *s = d->segment;
    struct wt_quic_path *p = q->path && is_path(q->path, s, from) ? q->path : NULL;
    for (unsigned i = 0; !p && i < q->path_count; i++)
        if (is_path(&q->paths[i], s, from))
            p = &q->paths[i];
    if (!p && !(p = add(o, q, s, from)))
        return NULL;
    p->last_frame = o->frame;
    p->last_ns = o->now.ns;
    p->packets[from]++;
    p->bytes[from] += (uint64_t)s->length + s->missing;
    return q->path = p;
}

bool wt_quic_paths_sender(const struct wt_quic *q, const struct wt_datagram *d, unsigned *from)
{
    const struct wt_segment *s = d->segment;
    for (unsigned n = 0; n <= q->path_count; n++) {
        const struct wt_quic_path *p = n ? &q->paths[n - 1] : q->path;
        for (unsigned side = 0; p && side < 2; side++) {
            if (is_end(p, side, s->source, s->source_port) || is_end(p, !side, s->target, s->target_port)) {
                *from = side;
                return true;
            }
        }
    }
    return false;
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

void wt_quic_paths_turn(struct wt_quic *q)
{
    for (unsigned i = 0; i < q->path_count; i++) {
        const struct wt_quic_path was = q->paths[i];
        struct wt_quic_path *p = &q->paths[i];
        for (unsigned side = 0; side < 2; side++) {
            memcpy(p->ip[side], was.ip[!side], sizeof p->ip[side]);
            p->port[side] = was.port[!side];
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
}
