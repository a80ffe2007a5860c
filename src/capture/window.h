/* Mapped windows of files that may shrink while they are looked at. Linux then sends SIGBUS to who touches a page that is
 * no more: a handler puts a page of zeros there, and remembers it. */
#ifndef WT_CAPTURE_WINDOW_H
#define WT_CAPTURE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

struct wt_window;

/* A window to watch over; NULL: nobody asked for it (wt_capture_map_files()), or there are too many. */
struct wt_window *wt_window_take(void);
void wt_window_release(struct wt_window *window);
/* Its bytes from now on: `size` whole pages; NULL: none. */
void wt_window_set(struct wt_window *window, void *bytes, size_t size);
/* Whether a page of it was gone. */
bool wt_window_is_lost(const struct wt_window *window);

#endif
