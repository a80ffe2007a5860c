/* One TLS connection that is captured at several places (before and after a NAT, on both sides of a relay, in a pod and
 * on its host) is several conversations with the same randoms. */
#ifndef WT_OBSERVER_SAME_H
#define WT_OBSERVER_SAME_H

#include "registry/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_observer;
struct wt_conversation;
struct wt_same; /* the newest WT_LIMIT_SAME connections */

/* Both hellos of the first handshake are known. */
void wt_same_note(struct wt_observer *o, struct wt_conversation *c);
/* The other streams, lowest first; how many. Those whose hellos come later are not known yet. */
size_t wt_same_streams(const struct wt_observer *o, const struct wt_conversation *c,
                       uint32_t out[WT_LIMIT_SAME_PLACES]);
/* It is told now: whether it was counted before, as another stream. */
bool wt_same_again(struct wt_observer *o, const struct wt_conversation *c);
/* It is over: the finding. */
void wt_same_settle(struct wt_observer *o, struct wt_conversation *c);
void wt_same_free(struct wt_same *same);

#endif
