/* Multipath TCP (RFC 8684, and RFC 6824 before it): one connection over several TCP connections, its subflows. Each has
 * sequence numbers of its own; where its bytes belong in the stream the option DSS tells. A joined subflow's segments
 * are taken as the first one's, by the stream's numbers, so that whatever stands above sees one conversation. */
#ifndef WT_OBSERVER_TRANSPORT_MULTIPATH_H
#define WT_OBSERVER_TRANSPORT_MULTIPATH_H

#include "observer/transport/conversations.h"

struct wt_observer;
struct wt_multipath; /* the newest WT_LIMIT_MULTIPATH connections, and so many subflows */

/* A SYN or SYN-ACK of `c`: whether it begins a connection of several paths, or joins one. */
void wt_multipath_syn(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct wt_segment *s);

/* A segment, without SYN, of a conversation with `multipath`: whether it is the first subflow's, which *c, *direction
 * and *s are then, with the stream's numbers. False: it is the conversation's as it is. */
bool wt_multipath_take(struct wt_observer *o, struct wt_conversation **c, unsigned *direction, struct wt_segment *s);
void wt_multipath_free(struct wt_multipath *m);

#endif
