/* Records of SSL 2.0, within those of a connection that opens with its hello. */
#ifndef WT_OBSERVER_SSL2_H
#define WT_OBSERVER_SSL2_H

#include "base/span.h"
#include "carriage/record.h"

struct wt_observer;
struct wt_conversation;

bool wt_ssl2_begin(struct wt_observer *o, struct wt_conversation *c, unsigned direction);
void wt_ssl2_body(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span piece);
void wt_ssl2_end(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct wt_record *record);

#endif
