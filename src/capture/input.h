/* Bytes of a capture in order, from a descriptor or memory, plain or compressed.
 *
 * The input is read in large blocks into one window that stays in the cache, and packets are used where they lie in
 * it. Only what straddles two blocks is moved: the tail of the old block goes to the front. Nothing seeks, so that a
 * pipe is as good as a file.
 *
 * A large plain file is mapped instead (mapped.h). Of such a capture nine bytes in ten are payload that nobody looks
 * at, and copying them out of the page cache would be nearly all of the work. Where it shrinks below what is in use,
 * window.h sees it. A file that is shorter than it was ends with an error, also where a packet ends. */
#ifndef WT_CAPTURE_INPUT_H
#define WT_CAPTURE_INPUT_H

#include "base/span.h"
#include "wiretale/error.h"

struct wt_mapped;
struct wt_unpack; /* gzip, zstd, lz4 */
struct wt_window;

struct wt_input {
    uint8_t *buffer;
    size_t begin, end, cap; /* the window: bytes begin to end of the buffer are read and not yet used */
    uint64_t offset;        /* of buffer[begin] in the uncompressed capture */
    uint64_t raw;           /* where the descriptor stands: in its file, or after so many bytes */
    uint64_t size;          /* of the file; 0 when unknown */
    struct wt_unpack *unpack;
    struct wt_span memory;    /* what is left to read when fd is -1 */
    struct wt_window *window; /* NULL: the file is read */
    uint64_t whole;           /* bytes of a plain file when it was opened; 0: it may be as long as it likes */
    struct wt_mapped *mapped; /* the buffer is the file from offset `map_at` on */
    uint64_t map_at;
    int fd;
    bool (*wait)(void *context, int fd, bool at_end); /* while nothing is there to read; NULL: the system waits */
    void *wait_context;
    bool regular;          /* a file */
    bool stopped;          /* `wait` said that the input ends here */
    bool ended;            /* nothing more comes after the window */
    struct wt_error error; /* why, when not the end: holds once the window is used up */
};

/* Takes the descriptor over; `wait` and `wait_context` are set before, the rest is zero. False with in->error set. */
bool wt_input_open(struct wt_input *in, int fd, struct wt_span memory);
void wt_input_close(struct wt_input *in);

/* As wt_input_need(), when the window has fewer than n bytes. */
const uint8_t *wt_input_fill(struct wt_input *in, size_t n);

/* At most n bytes as they lie in the file; 0 at its end or on an error. */
size_t wt_input_read_raw(struct wt_input *in, uint8_t *to, size_t n);

/* Drops n bytes without keeping them; false when the capture ends before. */
bool wt_input_skip(struct wt_input *in, uint64_t n);

/* Whether the file has become shorter than what was read of it, or was to be. */
bool wt_input_has_shrunk(const struct wt_input *in);

static inline size_t wt_input_left(const struct wt_input *in)
{
    return in->end - in->begin;
}

/* n bytes from here on, which hold until the next call; NULL when the capture has fewer. */
static inline const uint8_t *wt_input_need(struct wt_input *in, size_t n)
{
    if (__builtin_expect(in->end - in->begin >= n, 1))
        return in->buffer + in->begin;
    return wt_input_fill(in, n);
}

/* Goes past n bytes that wt_input_need() found. */
static inline void wt_input_take(struct wt_input *in, size_t n)
{
    in->begin += n;
    in->offset += n;
}

#endif
