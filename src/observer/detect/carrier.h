/* Packets of another protocol around the TLS stream. */
#ifndef WT_OBSERVER_CARRIER_H
#define WT_OBSERVER_CARRIER_H

#include "base/span.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;
struct wt_tls;
struct wt_carrier;

/* When the hello at `hello` of the stream lies in such a packet, where that packet begins; else SIZE_MAX. */
size_t wt_carrier_begin(struct wt_tls *tls, struct wt_span stream, size_t hello);
void wt_carrier_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
/* Bytes of that direction are missing before what comes next. True when how many of them were TLS is not known; false,
 * too, without a carrier. */
bool wt_carrier_gap(struct wt_tls *tls, unsigned direction);
void wt_carrier_free(struct wt_carrier *carrier);

#endif
