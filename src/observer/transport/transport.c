#include "observer/transport/transport.h"

_Static_assert(sizeof(struct wt_transport) <= 72, "millions of conversations are kept");

bool wt_transport_is_unanswered(const struct wt_transport *t)
{
    return t->syns >= 2 && !(t->flags & (WT_TRANSPORT_SYN << 1 | WT_TRANSPORT_RST << 1 | WT_TRANSPORT_RESET)) &&
           !t->tcp[1].started && !t->tcp[0].has_ack && !t->tcp[1].has_ack;
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
    t->tcp[0].base = t->tcp[1].base = UINT32_MAX; /* its offsets are numbered as TCP's are */
}

void wt_transport_end_stream(struct wt_transport *t, bool reset)
{
    t->flags |= reset ? WT_TRANSPORT_RESET : WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1;
}
