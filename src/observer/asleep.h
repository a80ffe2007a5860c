/* Connections that wait, in fewer bytes: nobody may look at what they hold until they are woken. */
#ifndef WT_OBSERVER_ASLEEP_H
#define WT_OBSERVER_ASLEEP_H

#include "observer/transport/conversations.h"

struct wt_observer;

/* Puts a TLS connection to sleep when that makes it smaller: one of which no more than the client's first bytes came is
 * kept as these bytes, to be read anew; one whose handshake is over is kept without its zeros. False: it has more. */
bool wt_asleep_put(struct wt_observer *o, struct wt_conversation *c);
/* Bytes that it takes; 0: it is awake. */
uint32_t wt_asleep_bytes(const struct wt_conversation *c);
void wt_asleep_wake_up(struct wt_observer *o, struct wt_conversation *c);

/* Before anything else is done with a conversation. */
static inline void wt_asleep_wake(struct wt_observer *o, struct wt_conversation *c)
{
    if (__builtin_expect(c->asleep, 0))
        wt_asleep_wake_up(o, c);
}

#endif
