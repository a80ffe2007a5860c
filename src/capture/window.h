/* Mapped windows of files that may shrink while they are looked at. Linux then sends SIGBUS to who touches a page that
 * is no more: a handler puts a page of zeros there, and remembers it. */
#ifndef WT_CAPTURE_WINDOW_H
#define WT_CAPTURE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

struct wt_window;

/* A window to watch over; NULL: nobody asked for it (wt_capture_map_files()), or there are too many. */
struct wt_window *wt_window_take(void);
void wt_window_release(struct wt_window *window);
/* Its bytes from now on: `size` bytes in whole pages, of which none is used; NULL: none. */
void wt_window_set(struct wt_window *window, void *bytes, size_t size);
/* It begins here from now on. */
void wt_window_begin(struct wt_window *window, const void *bytes);
/* All before the end is used from now on. What comes after it is only made ready, by whichever thread. */
void wt_window_use(struct wt_window *window, const void *end);
/* Where, in what was made ready, the first page was that could not be had; NULL: there was none. */
const void *wt_window_gone(const struct wt_window *window);
/* Whether a page that is used was gone. */
bool wt_window_is_lost(const struct wt_window *window);

#endif
