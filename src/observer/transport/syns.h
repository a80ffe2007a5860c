/* SYNs: which conversation one belongs to, and what it says beside its number. */
#ifndef WT_OBSERVER_TRANSPORT_SYNS_H
#define WT_OBSERVER_TRANSPORT_SYNS_H

#include "observer/transport/conversations.h"

struct wt_observer;

/* A SYN with another sequence number than the conversation began with: the port is used again. (Wireshark numbers
 * tcp.stream so.) A SYN-ACK begins one only where what it answers comes late: the conversation is over, and had another
 * SYN. */
bool wt_syns_is_another(const struct wt_transport *t, unsigned direction, const struct wt_segment *s);
/* Takes one in, `age` nanoseconds after the last packet. False: it is not of this conversation. */
bool wt_syns_take(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct wt_segment *s,
                  int64_t age);

#endif
