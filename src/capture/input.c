#include "capture/input.h"

#include "base/memory.h"
#include "capture/mapped.h"
#include "capture/unpack.h"
#include "capture/window.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* bytes: one block. Large enough that the system calls vanish, small enough to stay in the second-level cache, where
 * the kernel has just put it. */
#define BLOCK ((size_t)128 << 10)

/* bytes: the least size of a file for which mapping pays, with a thread that readies its pages. Any other is read: to
 * copy a block costs one processor less than to map its pages and to unmap them, and does not mind what others do to
 * the file meanwhile. */
#define LEAST_TO_MAP ((uint64_t)256 << 20)

/* Waits until there is something to read, or the end; false when who waits has enough. */
static bool may_read(struct wt_input *in)
{
    struct pollfd ready = {.fd = in->fd, .events = POLLIN};
    while (in->wait && !in->stopped && !in->regular && poll(&ready, 1, 0) <= 0)
        in->stopped = !in->wait(in->wait_context, in->fd, false);
    return !in->stopped;
}

size_t wt_input_read_raw(struct wt_input *in, uint8_t *to, size_t n)
{
    if (in->fd < 0) {
        size_t k = n < in->memory.n ? n : in->memory.n;
        if (k > 0)
            memcpy(to, in->memory.p, k);
        in->memory = wt_span_cut(in->memory, k, in->memory.n);
        in->raw += k;
        return k;
    }
    for (;;) {
        if (!may_read(in))
            return 0;
        ssize_t k = read(in->fd, to, n);
        if (k == 0 && in->wait && in->regular) {
            in->stopped = !in->wait(in->wait_context, in->fd, true);
            if (!in->stopped)
                continue;
        }
        if (k >= 0) {
            in->raw += (uint64_t)k;
            return (size_t)k;
        }
        if (errno == EAGAIN) {
            struct pollfd wait = {.fd = in->fd, .events = POLLIN};
            (void)poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            in->error = (struct wt_error){.code = WT_IO, .field = "read", .offset = in->raw, .value = (uint64_t)errno};
            return 0;
        }
    }
}

/* Maps the file from `at` on; false when it is to be read. */
static bool map(struct wt_input *in, uint64_t at)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = at / page * page;
    in->mapped = wt_mapped_open(in->fd, start, in->size - start, in->window);
    if (!in->mapped)
        return false;
    free(in->buffer);
    in->buffer = wt_mapped_bytes(in->mapped);
    in->begin = in->end = (size_t)(at - start);
    in->map_at = start;
    return true;
}

static void drop_buffer(struct wt_input *in)
{
    if (in->mapped)
        wt_mapped_close(in->mapped);
    else
        free(in->buffer);
    in->mapped = NULL;
    in->buffer = NULL;
    in->begin = in->end = in->cap = 0;
}

/* Where the mapping ends, reading goes on. */
static void unmap(struct wt_input *in)
{
    const uint64_t at = in->map_at + in->begin;
    drop_buffer(in);
    in->raw = at;
    if (lseek(in->fd, (off_t)at, SEEK_SET) < 0) {
        in->error = (struct wt_error){.code = WT_IO, .field = "seek", .offset = at, .value = (uint64_t)errno};
        in->ended = true;
    }
}

static void fill_mapped(struct wt_input *in, size_t n)
{
    while (wt_input_left(in) < n) {
        const size_t end = wt_mapped_more(in->mapped, in->begin);
        if (end <= in->end) {
            unmap(in);
            return;
        }
        in->end = end;
        in->raw = in->map_at + end;
    }
}

/* Room for n bytes in the window, its bytes moved to the front. The end of what is moved is aligned, because the
 * kernel copies faster to an aligned place. */
static bool make_room(struct wt_input *in, size_t n)
{
    size_t left = wt_input_left(in), front = (0 - left) & 63;
    if (n + 64 > in->cap) {
        size_t cap = (n + 64 + BLOCK - 1) / BLOCK * BLOCK + BLOCK;
        uint8_t *grown = wt_aligned_alloc(4096, cap);
        if (!grown) {
            in->error = (struct wt_error){.code = WT_MEMORY, .field = "read", .offset = in->offset};
            in->ended = true;
            return false;
        }
        if (left > 0)
            memcpy(grown + front, in->buffer + in->begin, left);
        free(in->buffer);
        in->buffer = grown;
        in->cap = cap;
    } else if (left > 0) {
        memmove(in->buffer + front, in->buffer + in->begin, left);
    }
    in->begin = front;
    in->end = front + left;
    return true;
}

const uint8_t *wt_input_fill(struct wt_input *in, size_t n)
{
    if (in->mapped)
        fill_mapped(in, n);
    if (in->mapped)
        return in->buffer + in->begin;
    if (!in->ended && !make_room(in, n))
        return NULL;
    while (!in->ended && wt_input_left(in) < n) {
        size_t room = in->cap - in->end, k;
        if (room > BLOCK)
            room = BLOCK;
        k = in->unpack ? wt_unpack_read(in->unpack, in, in->buffer + in->end, room)
                       : wt_input_read_raw(in, in->buffer + in->end, room);
        in->end += k;
        in->ended = k == 0;
    }
    return wt_input_left(in) >= n ? in->buffer + in->begin : NULL;
}

bool wt_input_skip(struct wt_input *in, uint64_t n)
{
    while (n > 0) {
        size_t k;
        if (!wt_input_need(in, 1))
            return false;
        k = wt_input_left(in) < n ? wt_input_left(in) : (size_t)n;
        wt_input_take(in, k);
        n -= k;
    }
    return true;
}

static bool start_unpacking(struct wt_input *in, const char *format)
{
    in->unpack = wt_unpack_new(format, wt_span_of(in->buffer + in->begin, wt_input_left(in)));
    in->begin = in->end = 0;
    in->ended = false;
    if (!in->unpack)
        in->error = (struct wt_error){.code = WT_MEMORY, .field = format};
    return in->unpack != NULL;
}

bool wt_input_open(struct wt_input *in, int fd, struct wt_span memory)
{
    struct stat about;
    const char *format;
    off_t start = -1; /* a descriptor may stand anywhere in its file when we get it */
    in->fd = fd;
    in->memory = memory;
    in->size = memory.n;
    in->regular = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    if (in->regular) {
        in->size = in->wait ? 0 : (uint64_t)about.st_size;
        start = lseek(fd, 0, SEEK_CUR);
        in->raw = start > 0 ? (uint64_t)start : 0;
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    (void)wt_input_fill(in, 4);
    if (in->error.code)
        return false;
    format = wt_unpack_detect(wt_span_of(in->buffer + in->begin, wt_input_left(in)));
    if (format)
        return start_unpacking(in, format);
    in->whole = in->regular ? in->size : 0;
    if (start >= 0 && in->size >= LEAST_TO_MAP && (in->window = wt_window_take()))
        (void)map(in, (uint64_t)start);
    return true;
}

bool wt_input_has_shrunk(const struct wt_input *in)
{
    return wt_window_is_lost(in->window) || (in->ended && in->raw < in->whole);
}

void wt_input_close(struct wt_input *in)
{
    wt_unpack_free(in->unpack);
    drop_buffer(in);
    wt_window_release(in->window);
    if (in->fd >= 0)
        (void)close(in->fd);
    *in = (struct wt_input){.fd = -1};
}
