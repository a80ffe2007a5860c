/* The last so many keys of a stream that may have any number: places for what is known of them, of which the one that
 * was used longest ago makes room. Keys are hashes; two that are equal are one. */
#ifndef WT_BASE_RECENT_H
#define WT_BASE_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#define WT_RECENT_NONE UINT32_MAX

struct wt_recent;

/* For `most` keys, at least one; places are numbered from 0 in the order in which they are used first. It takes memory
 * for as many as are in use; when there is no more, these are all that it has. NULL without memory. */
struct wt_recent *wt_recent_new(uint32_t most);
void wt_recent_free(struct wt_recent *recent);
/* Makes it where it is NULL; false without memory. */
bool wt_recent_ensure(struct wt_recent **recent, uint32_t most);
/* The same for one that is asked which keys made room: that costs it 16 bytes more a place once the first one has. */
bool wt_recent_ensure_asked(struct wt_recent **recent, uint32_t most);
/* How many places were used; NULL has none. */
uint32_t wt_recent_count(const struct wt_recent *recent);
/* The place of a key, or WT_RECENT_NONE. NULL has none. */
uint32_t wt_recent_find(const struct wt_recent *recent, uint64_t key);
/* The place of a key, which is the newest from now on. *is_new: it had none, and what is at this place is another
 * key's, or nobody's. */
uint32_t wt_recent_take(struct wt_recent *recent, uint64_t key, bool *is_new);
/* Whether a key had a place once and made room. Never false where one did; of one that never had a place it is true
 * once in a million times after three times as many keys made room as there are places, and mostly after fifty times as
 * many. */
bool wt_recent_forgot(const struct wt_recent *recent, uint64_t key);

#endif
