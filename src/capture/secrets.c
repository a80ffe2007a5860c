/* Secrets blocks of a pcapng file that come after the packets that they decrypt: programs that write secrets as they
 * see them (draft-ietf-opsawg-pcapng, 4.7, asks for them before, where possible) leave them anywhere. Only the blocks'
 * heads are looked at, in large pieces. */
#include "base/memory.h"
#include "capture/file.h"
#include "capture/pcapng.h"
#include "registry/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 1 << 16, HEAD = 12, FRAME = 12, SECRETS_HEAD = 8 };

/* A piece of the file. */
struct window {
    int fd;
    uint64_t at;
    size_t n;
    uint8_t bytes[PIECE];
};

/* n bytes from `at` on, at most a piece; NULL beyond the end of the file. */
static const uint8_t *look(struct window *w, uint64_t at, size_t n)
{
    if (at >= w->at && at - w->at <= w->n && w->n - (at - w->at) >= n)
        return w->bytes + (at - w->at);
    ssize_t k;
    do
        k = pread(w->fd, w->bytes, sizeof w->bytes, (off_t)at);
    while (k < 0 && errno == EINTR);
    w->at = at;
    w->n = k > 0 ? (size_t)k : 0;
    return w->n >= n ? w->bytes : NULL;
}

/* The block's secrets to whoever asked. What is wrong with it is found when it is read in its place; that its end lies
 * beyond the file's, too. */
static void give(const struct wt_capture *c, int fd, uint64_t at, uint32_t length, bool swapped)
{
    if (length > WT_LIMIT_BLOCK && at + length <= c->input.size)
        c->on_secrets(c->secrets_context, &(struct wt_capture_secrets){.skipped = length});
    uint8_t *body = length >= FRAME + SECRETS_HEAD && length <= WT_LIMIT_BLOCK ? wt_malloc(length) : NULL;
    if (!body)
        return;
    size_t n = 0;
    for (ssize_t k = 1; n < length && k > 0; n += k > 0 ? (size_t)k : 0)
        k = pread(fd, body + n, length - n, (off_t)(at + n));
    uint32_t secrets = n == length ? wt_load32(body + 12, swapped) : 0;
    if (n == length && secrets <= length - FRAME - SECRETS_HEAD)
        c->on_secrets(c->secrets_context, &(struct wt_capture_secrets){.type = wt_load32(body + 8, swapped),
                                                                       .data = wt_span_of(body + 16, secrets)});
    explicit_bzero(body, length);
    free(body);
}

static void walk(const struct wt_capture *c, struct window *w, uint64_t at)
{
    bool swapped = false;
    const uint8_t *p;
    while ((p = look(w, at, HEAD))) {
        uint32_t type = wt_load32(p, swapped);
        if (type == BLOCK_SECTION)
            swapped = wt_load32(p + 8, false) != BYTE_ORDER_MAGIC;
        uint32_t length = wt_load32(p + 4, swapped);
        if (length < FRAME || length % 4 != 0)
            return;
        if (type == BLOCK_SECRETS)
            give(c, w->fd, at, length, swapped);
        at += length;
    }
}

bool wt_capture_find_secrets(struct wt_capture *c)
{
    const struct wt_input *in = &c->input;
    if (strcmp(c->format, "pcapng") != 0)
        return true;
    if (!c->on_secrets || in->fd < 0 || !in->size || in->unpack || in->offset)
        return false;
    struct window *w = wt_malloc(sizeof *w);
    off_t end = in->mapped ? 0 : lseek(in->fd, 0, SEEK_CUR);
    if (!w || end < 0) {
        free(w);
        return false;
    }
    w->fd = in->fd;
    w->at = 0;
    w->n = 0;
    walk(c, w, in->mapped ? in->map_at + in->begin : (uint64_t)end - wt_input_left(in));
    explicit_bzero(w, sizeof *w);
    free(w);
    c->secrets_found = true;
    return true;
}
