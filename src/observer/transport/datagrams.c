#include "observer/transport/datagrams.h"

#include "registry/limits.h"

void wt_datagrams_clear(struct wt_datagrams *d)
{
    wt_conversations_free(d->table);
    d->table = NULL;
}

/* The oldest go that were silent for so long; and one more where there are too many. */
static void make_room(struct wt_datagrams *d, int64_t now, int64_t idle_ns)
{
    struct wt_conversation *c;
    while ((c = wt_conversations_first(d->table, WT_LIST_OPEN))) {
        const bool idle = idle_ns && now - c->seen_ns > idle_ns;
        if (!idle && wt_conversations_held(d->table) < WT_LIMIT_UDP_CONVERSATIONS)
            return;
        d->dropped += !idle;
        wt_conversations_drop(d->table, c);
    }
}

static struct wt_conversation *conversation_of(struct wt_datagrams *d, const struct wt_segment *s,
                                               struct wt_datagram_stamp at, int64_t idle_ns, unsigned *direction)
{
    struct wt_conversation *c = NULL;
    if (!d->table)
        d->table = wt_conversations_new();
    if (d->table && !(c = wt_conversations_find(d->table, s, direction))) {
        make_room(d, at.time.ns, idle_ns);
        *direction = 0;
        c = wt_conversations_add(d->table, s, 0);
        if (c) {
            c->transport.kind = WT_TRANSPORT_UDP;
            c->first_frame = at.frame;
            c->digits = at.time.digits;
        }
    }
    if (!c)
        return NULL;
    c->last_frame = at.frame;
    c->seen_ns = at.time.ns;
    return c;
}

void wt_datagrams_outer(struct wt_datagrams *d, const struct wt_segment *s, struct wt_datagram_stamp at)
{
    for (unsigned i = 0; i < s->outer_count; i++) {
        const struct wt_datagram_ends *e = &s->outer[i];
        struct wt_segment one = {.source_port = e->source_port, .target_port = e->target_port};
        unsigned direction;
        memcpy(one.source, e->source, 16);
        memcpy(one.target, e->target, 16);
        (void)conversation_of(d, &one, at, 0, &direction);
    }
}

struct wt_conversation *wt_datagrams_quoted(struct wt_datagrams *d, const struct wt_segment *s,
                                            struct wt_datagram_stamp at, unsigned *direction)
{
    return conversation_of(d, s, at, 0, direction);
}

struct wt_conversation *wt_datagrams_take(struct wt_datagrams *d, const struct wt_segment *s,
                                          struct wt_datagram_stamp at, int64_t idle_ns, unsigned *direction)
{
    struct wt_conversation *c = conversation_of(d, s, at, idle_ns, direction);
    uint64_t bytes = (uint64_t)s->length + s->missing;
    d->packets++;
    d->bytes += bytes;
    if (!c)
        return NULL;
    c->last_ns = at.time.ns;
    d->conversations += c->transport.udp.packets[0] == 0 && c->transport.udp.packets[1] == 0;
    c->transport.udp.packets[*direction] += c->transport.udp.packets[*direction] < UINT32_MAX;
    c->transport.udp.bytes[*direction] += bytes;
    return c;
}
