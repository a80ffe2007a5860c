#include "observer/quic/quic.h"

bool wt_quic_take(struct wt_observer *o, const struct wt_datagram *d)
{
    (void)o;
    (void)d;
    return false;
}

void wt_quic_end(struct wt_observer *o, struct wt_conversation *c)
{
    (void)o;
    (void)c;
}

size_t wt_quic_bytes(const struct wt_quic *quic)
{
    (void)quic;
    return 0;
}

void wt_quic_free(struct wt_quic *quic)
{
    (void)quic;
}
