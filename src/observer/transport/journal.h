/* The bytes of a handshake that is under way, as they were read: a copy of a segment that comes later can differ, and
 * be the one that its receiver took. Then the connection is read anew with it. */
#ifndef WT_OBSERVER_JOURNAL_H
#define WT_OBSERVER_JOURNAL_H

#include "observer/transport/conversations.h"

struct wt_observer;
struct wt_journal;

/* A segment of a connection that is `journaling` was read in order. */
void wt_journal_note(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* One that was read already came again: whether its bytes differ, which is then settled and reported. */
bool wt_journal_compare(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* The handshake is over, or the connection: what is left to decide the Finished messages decide. */
void wt_journal_close(struct wt_observer *o, struct wt_conversation *c);
/* Frees what is kept for handshakes to come. */
void wt_journal_clear(struct wt_observer *o);
/* RFC 9293, 3.1: whether a segment's checksum is right; one that was cut cannot be judged, which is no. */
bool wt_journal_checksum(const struct wt_segment *s);

#endif
