/* Which connection made a session. */
#ifndef WT_OBSERVER_SESSIONS_H
#define WT_OBSERVER_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

struct wt_observer;

/* By wt_span_hash() of an id or ticket. */
void wt_session_add(struct wt_observer *o, uint64_t hash, uint32_t stream);
bool wt_session_find(const struct wt_observer *o, uint64_t hash, uint32_t *stream);
void wt_session_name(struct wt_observer *o, uint64_t hash, uint32_t host);
uint32_t wt_session_host(const struct wt_observer *o, uint64_t hash);

#endif
