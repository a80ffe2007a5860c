/* Conversations as they end: reported in the order of their first packets, or as they end, and let go. */
#ifndef WT_OBSERVER_QUEUE_H
#define WT_OBSERVER_QUEUE_H

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;

/* Each is reported after all that began before it; otherwise as they end, whatever goes on. */
bool wt_queue_is_ordered(const struct wt_observer *o);
/* Nothing more is taken in: it is reported, now or in its turn, or let go. */
void wt_queue_end(struct wt_observer *o, struct wt_conversation *c);
void wt_queue_end_all(struct wt_observer *o);
/* One conversation less where there are too many: one that is over, else the oldest. */
void wt_queue_make_room(struct wt_observer *o);
/* A connection that is over, with its c->tls. */
void wt_queue_report(struct wt_observer *o, struct wt_conversation *c);
/* The same without its turn, and it stays where it is: also a connection over UDP. Its c->tls is gone. */
void wt_queue_tell(struct wt_observer *o, struct wt_conversation *c);
/* It ends for want of memory, though perhaps it goes on: that is a finding. */
void wt_queue_let_go_of(struct wt_observer *o, struct wt_conversation *c);
/* One that was never TLS, with its c->tls. */
void wt_queue_report_refused(struct wt_observer *o, struct wt_conversation *c);
/* It was reported, or never will be. Its c->tls is gone. */
void wt_queue_let_go(struct wt_observer *o, struct wt_conversation *c);
/* What was over, and has nothing in a report, goes on. */
void wt_queue_go_on(struct wt_observer *o, struct wt_conversation *c);
/* All that have ended and are before the first that has not. */
void wt_queue_report_ready(struct wt_observer *o);

#endif
