/* A refusal that is spoken inside: the handshake came up, and the first answer rejects what it brought. */
#ifndef WT_DIAGNOSIS_REFUSAL_H
#define WT_DIAGNOSIS_REFUSAL_H

struct wt_observer;
struct wt_conversation;

void wt_refusal_settle(struct wt_observer *o, struct wt_conversation *c);

#endif
