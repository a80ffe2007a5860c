/* A QUIC connection as its story has it (wiretale/quic.h). */
#ifndef WT_OBSERVER_QUIC_STORY_H
#define WT_OBSERVER_QUIC_STORY_H

struct wt_observer;
struct wt_quic;
struct wt_quic_story;

/* In the story's arena; NULL without memory. */
const struct wt_quic_story *wt_quic_story_make(struct wt_observer *o, const struct wt_quic *q);

#endif
