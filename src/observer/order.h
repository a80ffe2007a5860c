/* Whether each handshake message may come where it came, as far as a watcher of two streams can say. */
#ifndef WT_OBSERVER_ORDER_H
#define WT_OBSERVER_ORDER_H

#include "base/span.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;

/* What a message presumes that has not been seen. */
struct wt_presumed {
    uint64_t fact;                     /* of the flow; 0: nothing is presumed */
    uint32_t frame;                    /* of the message that presumes it */
    uint8_t type;                      /* its type */
} __attribute__((packed, aligned(2))); /* one in each connection: 14 bytes, not 16 */

/* A message takes its row in the flow; what breaks the order is a finding. `message`: its handshake type,
 * HelloRetryRequest's for a ServerHello that is one, or WT_FLOW_CCS; `facts`: wt_flow_facts(). False when it is certain
 * that it has no place there. */
bool wt_order_step(struct wt_observer *o, struct wt_conversation *c, unsigned side, unsigned message, uint64_t facts);
/* Nothing more comes: what was presumed and never shown. */
void wt_order_end(struct wt_conversation *c);

#endif
