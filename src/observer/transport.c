#include "observer/transport.h"

#include "registry/limits.h"

_Static_assert(sizeof(struct wt_transport) <= 72, "millions of conversations are kept");

bool wt_transport_is_unanswered(const struct wt_transport *t)
{
    return t->syns >= 2 && !(t->flags & (WT_TRANSPORT_SYN << 1 | WT_TRANSPORT_RST << 1 | WT_TRANSPORT_RESET)) &&
           !t->tcp[1].started && !t->tcp[0].has_ack && !t->tcp[1].has_ack;
}

/* A FIN counts one: one more than was seen is a FIN that was not. What no receiver takes in one go nobody has sent (RFC
 * 9293, 3.10.7.4: an acknowledgment of "something not yet sent" is dropped). */
uint32_t wt_transport_unseen(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    int32_t n = (int32_t)(d->acked - d->next) - d->ended;
    return t->kind != WT_TRANSPORT_UDP && d->started && d->has_ack && n > !d->ended && n <= (int32_t)WT_LIMIT_TCP_UNSEEN
               ? (uint32_t)n
               : 0;
}

bool wt_transport_ended_unseen(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind != WT_TRANSPORT_UDP && d->started && d->has_ack && !d->ended && d->acked - d->next == 1;
}

void wt_transport_feed(struct wt_transport *t)
{
    t->kind = WT_TRANSPORT_STREAM;
    t->flags = WT_TRANSPORT_SYN;
    t->tcp[0].syn = t->tcp[1].syn = 1;
}

void wt_transport_end_stream(struct wt_transport *t, bool reset)
{
    t->flags |= reset ? WT_TRANSPORT_RESET : WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1;
}

void wt_transport_open(struct wt_transport *t, unsigned direction, uint8_t tcp_flags)
{
    t->flags |= (uint16_t)(WT_TRANSPORT_SYN << direction);
    if (!(tcp_flags & WT_TCP_ACK) && direction == 0 && t->syns < UINT8_MAX)
        t->syns++;
}

void wt_transport_leave(struct wt_transport *t, unsigned direction)
{
    if (!(t->flags & (WT_TRANSPORT_LEFT | WT_TRANSPORT_LEFT << 1)))
        t->flags |= (uint16_t)(WT_TRANSPORT_LEFT << direction);
}

void wt_transport_end_fin(struct wt_transport_end *end, unsigned direction, uint32_t frame, int64_t ns)
{
    if (!end->fin_frame[direction])
        end->fin_frame[direction] = frame;
    if (!end->ns)
        end->ns = ns;
}

void wt_transport_end_reset(struct wt_transport_end *end, unsigned direction, uint32_t frame, int64_t ns)
{
    if (end->reset_seen)
        return;
    end->reset_seen = true;
    end->reset_frame = frame;
    end->reset_by = (uint8_t)direction;
    if (!end->ns)
        end->ns = ns;
}
