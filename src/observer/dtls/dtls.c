#include "observer/dtls/dtls.h"

bool wt_dtls_take(struct wt_observer *o, const struct wt_datagram *d)
{
    (void)o;
    (void)d;
    return false;
}

void wt_dtls_end(struct wt_observer *o, struct wt_conversation *c)
{
    (void)o;
    (void)c;
}

size_t wt_dtls_bytes(const struct wt_dtls *dtls)
{
    (void)dtls;
    return 0;
}

void wt_dtls_free(struct wt_dtls *dtls)
{
    (void)dtls;
}
