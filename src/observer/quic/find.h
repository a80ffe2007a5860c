/* Which connection a datagram is of, and who sent it; or whether it begins one. */
#ifndef WT_OBSERVER_QUIC_FIND_H
#define WT_OBSERVER_QUIC_FIND_H

#include "observer/quic/connection.h"

struct wt_quic_found {
    struct wt_quic *quic;
    unsigned from;
    size_t id_length;                  /* of a short header's Destination Connection ID */
    const struct wt_quic_sent *opened; /* the datagram's first packet, where it had to be opened to know who sent it */
};

/* False: it is of none, and begins none. `opened` is room for found->opened. */
bool wt_quic_find(struct wt_observer *o, const struct wt_datagram *d, struct wt_quic_sent *opened,
                  struct wt_quic_found *found);

#endif
