/* What is concluded of a DTLS connection, and its part of the story. */
#ifndef WT_OBSERVER_DTLS_SETTLE_H
#define WT_OBSERVER_DTLS_SETTLE_H

struct wt_observer;
struct wt_conversation;
struct wt_dtls_story;

void wt_dtls_settle(struct wt_observer *o, struct wt_conversation *c);
/* The connection's, in the arena of stories; NULL without memory, or when it is none of DTLS. */
const struct wt_dtls_story *wt_dtls_settle_story(struct wt_observer *o, struct wt_conversation *c);

#endif
