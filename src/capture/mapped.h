/* A large file as one mapping, of which a piece at a time is in memory. A packet lies in one piece wherever it begins,
 * and nothing of it is copied out of the page cache, whose payload hardly anybody looks at.
 *
 * A piece's pages are touched before it is used: by a second thread where wt_capture_read_ahead() asked for one, which
 * is then busy with the next piece while this one is read. A file that shrank, or a disk that failed, is noticed there.
 */
#ifndef WT_CAPTURE_MAPPED_H
#define WT_CAPTURE_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_mapped;
struct wt_window;

/* All of a file's `size` bytes from the offset on, which is a multiple of the page's size. NULL when it cannot be
 * mapped. The window is the caller's and is that of these bytes until wt_mapped_close(). */
struct wt_mapped *wt_mapped_open(int fd, uint64_t offset, uint64_t size, struct wt_window *window);
void wt_mapped_close(struct wt_mapped *mapped);

uint8_t *wt_mapped_bytes(const struct wt_mapped *mapped);

/* Readies the next piece: how many bytes from the first on can be used now; as many as before when no more can, because
 * the file ends there, now or when it was opened, or cannot be read. The first `used` bytes are no longer needed. */
size_t wt_mapped_more(struct wt_mapped *mapped, size_t used);

#endif
