/* What a segment tells of packets that are not here: lost to the capture, late in it, or of an older connection. */
#ifndef WT_OBSERVER_UNSEEN_H
#define WT_OBSERVER_UNSEEN_H

#include "observer/transport/conversations.h"

struct wt_observer;

/* The first packet of a conversation answers one that comes later: its direction is 1. */
unsigned wt_unseen_is_answer(const struct wt_segment *s);
/* It acknowledges more than was seen of the other direction. False when the segment is to be dropped. */
bool wt_unseen_acknowledged(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                            const struct wt_tcp_sink *sink);
/* Nothing was seen of the other direction: where that begins, if this one acknowledges its SYN. */
void wt_unseen_imply(struct wt_transport *t, unsigned d, const struct wt_segment *s);
/* Nothing of the direction was seen, or no more than a segment without bytes at that number. */
static inline bool wt_unseen_is_start(const struct wt_tcp_direction *d, uint32_t number)
{
    return !d->started || (!d->syn && !d->pending && d->next == number && d->next == d->base + 1);
}
/* Of several SYN-ACKs the one that counts is the one whose numbers the stream goes on with. */
void wt_unseen_follow(struct wt_transport *t, unsigned d, const struct wt_segment *s);
/* The SYN to which the RST belongs that came before it: all that there is of the conversation. */
bool wt_unseen_is_refused(const struct wt_conversation *c, unsigned d, const struct wt_segment *s);
/* It is of an older connection between the same ports. */
bool wt_unseen_is_older(struct wt_transport *t, unsigned d, const struct wt_segment *s);
/* A RST has ended the conversation, and the other direction may yet come. */
bool wt_unseen_may_come(const struct wt_transport *t);
/* The conversation is over, nothing of it was read, and these are its bytes. */
bool wt_unseen_is_first(const struct wt_observer *o, const struct wt_conversation *c, const struct wt_segment *s);
/* Bytes that did not wait for what they acknowledge. */
void wt_unseen_say_overdue(struct wt_conversation *c);

#endif
