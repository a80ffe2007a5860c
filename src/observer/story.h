/* The public view of a connection. */
#ifndef WT_OBSERVER_STORY_H
#define WT_OBSERVER_STORY_H

struct wt_observer;
struct wt_conversation;
struct wt_connection;

/* Fills it; it holds until the next call. */
void wt_story_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out);
void wt_story_clear(struct wt_observer *o);

#endif
