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
/* Whether nothing but segments of that direction was read, and none of them is in doubt. */
bool wt_journal_is_of(const struct wt_journal *journal, unsigned direction);
/* The connection is kept as its journal alone, which is made as small as it can be; its c->tls is gone. */
struct wt_journal *wt_journal_lay_down(struct wt_observer *o, struct wt_conversation *c);
/* It is read anew from its journal, to which nothing was added since. */
void wt_journal_pick_up(struct wt_observer *o, struct wt_conversation *c, struct wt_journal *journal);
/* Bytes that it takes. */
size_t wt_journal_bytes(const struct wt_journal *journal);
/* Frees what is kept for handshakes to come. */
void wt_journal_clear(struct wt_observer *o);
/* RFC 9293, 3.1: whether a segment's checksum is right; one that was cut cannot be judged, which is no. */
bool wt_journal_checksum(const struct wt_segment *s);

#endif
