/* Texts lie one after the other in chunks, each of which is in memory or, from MEMORY bytes on, in a file that has no
 * name any more: readable by its owner alone, and gone with the process, however that ends. A heap knows the order. */
#include "backlog.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CHUNK = 1 << 17,   /* bytes of a chunk; a longer text has one of its own */
    MEMORY = 16 << 20, /* bytes of chunks that stay in memory */
};

struct chunk {
    char *bytes; /* NULL: they are in the file, from `offset` on; or the chunk is free */
    size_t size, used;
    uint32_t texts; /* that are still to be taken out */
    off_t offset;
};

struct text {
    uint32_t place, chunk;
    size_t start, n;
};

struct tool_backlog {
    struct chunk *chunks;
    size_t chunk_count, chunk_room;
    size_t newest;  /* chunk that is being filled, with any */
    size_t spilled; /* chunks before it are free or in the file */
    size_t memory;  /* bytes of chunks in memory */
    char *spare;    /* CHUNK bytes for the next chunk: of one that was let go; or NULL */
    size_t given;   /* chunk of the text that was taken out last, with taken: it holds until the next call */
    bool any, taken;
    struct text *heap; /* the smallest place first */
    size_t count, room;
    int fd; /* -1: no file yet */
    off_t end;
    char *read; /* what was read from the file last */
    size_t read_room;
};

struct tool_backlog *tool_backlog_new(void)
{
    struct tool_backlog *b = tool_checked(calloc(1, sizeof *b));
    if (b)
        b->fd = -1;
    return b;
}

/* Texts may hold secrets. */
static void wipe_and_free(char *bytes, size_t n)
{
    if (bytes)
        explicit_bzero(bytes, n);
    free(bytes);
}

void tool_backlog_free(struct tool_backlog *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->chunk_count; i++)
        wipe_and_free(b->chunks[i].bytes, b->chunks[i].size);
    wipe_and_free(b->spare, CHUNK);
    wipe_and_free(b->read, b->read_room);
    if (b->fd >= 0)
        (void)close(b->fd);
    free(b->chunks);
    free(b->heap);
    free(b);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static int make_file(void)
{
    char path[4096];
    const char *folder = getenv("TMPDIR");
    int fd;
    folder = folder && *folder ? folder : "/tmp";
#ifdef O_TMPFILE
    if ((fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) >= 0)
        return fd;
#endif
    (void)snprintf(path, sizeof path, "%s/wiretale-XXXXXX", folder);
    if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
        (void)unlink(path);
    return fd;
}

void tool_backlog_prepare(struct tool_backlog *b)
{
    if (b->fd < 0)
        b->fd = make_file(); /* else that is said when it is needed */
}

/* 0 or errno. */
static int write_all(int fd, const char *bytes, size_t n, off_t at)
{
    while (n) {
        const ssize_t done = pwrite(fd, bytes, n, at);
        if (done < 0 && errno != EINTR)
            return errno;
        bytes += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
        at += done > 0 ? done : 0;
    }
    return 0;
}

/* The oldest chunks go into the file until those in memory are few. 0 or errno. */
static int spill(struct tool_backlog *b)
{
    for (int reason; b->memory > MEMORY && b->spilled < b->newest; b->spilled++) {
        struct chunk *c = &b->chunks[b->spilled];
        if (!c->bytes)
            continue;
        if (b->fd < 0 && (b->fd = make_file()) < 0)
            return errno;
        if ((reason = write_all(b->fd, c->bytes, c->used, b->end)) != 0)
            return reason;
        c->offset = b->end;
        b->end += (off_t)c->used;
        b->memory -= c->size;
        wipe_and_free(c->bytes, c->size);
        c->bytes = NULL;
    }
    return 0;
}

static bool read_text(struct tool_backlog *b, const struct text *t)
{
    const struct chunk *c = &b->chunks[t->chunk];
    if (b->read_room < t->n) {
        char *grown = tool_checked(realloc(b->read, t->n));
        if (!grown)
            return false;
        b->read = grown;
        b->read_room = t->n;
    }
    for (size_t have = 0; have < t->n;) {
        const ssize_t got = pread(b->fd, b->read + have, t->n - have, c->offset + (off_t)(t->start + have));
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        have += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* --- chunks ------------------------------------------------------------------------------------------------------- */

static bool grow(void *array, size_t count, size_t *room, size_t each)
{
    void **a = array;
    if (count < *room)
        return true;
    const size_t more = *room ? 2 * *room : 16;
    void *grown = tool_checked(realloc(*a, more * each));
    if (!grown)
        return false;
    *a = grown;
    *room = more;
    return true;
}

static void let_go(struct tool_backlog *b, struct chunk *c)
{
    if (c->bytes)
        b->memory -= c->size;
#ifdef FALLOC_FL_PUNCH_HOLE
    else if (b->fd >= 0) /* where the file system cannot, the room is lost until the end */
        (void)fallocate(b->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, c->offset, (off_t)c->used);
#endif
    if (c->bytes && c->size == CHUNK && !b->spare)
        b->spare = c->bytes; /* as long as texts come and go their room is neither wiped nor made anew */
    else
        wipe_and_free(c->bytes, c->size);
    *c = (struct chunk){0};
}

/* The text that was given last is of no more use. */
static void settle(struct tool_backlog *b)
{
    struct chunk *c = b->taken ? &b->chunks[b->given] : NULL;
    b->taken = false;
    if (c && c->texts == 0 && b->given != b->newest)
        let_go(b, c);
    else if (c && c->texts == 0)
        c->used = 0;
}

/* A chunk with room for n bytes; NULL without memory. */
static struct chunk *chunk_for(struct tool_backlog *b, size_t n)
{
    struct chunk *c = b->any ? &b->chunks[b->newest] : NULL;
    if (c && c->bytes && c->size - c->used >= n)
        return c;
    if (c && c->texts == 0)
        let_go(b, c);
    if (b->count == 0) { /* all are free */
        b->chunk_count = b->spilled = 0;
        b->any = false;
    }
    if (!grow(&b->chunks, b->chunk_count, &b->chunk_room, sizeof *b->chunks) || !b->chunks)
        return NULL;
    const size_t size = n > CHUNK ? n : CHUNK;
    char *bytes = size == CHUNK && b->spare ? b->spare : tool_checked(malloc(size));
    if (!bytes)
        return NULL;
    if (bytes == b->spare)
        b->spare = NULL;
    b->newest = b->chunk_count++;
    b->any = true;
    b->memory += size;
    b->chunks[b->newest] = (struct chunk){.bytes = bytes, .size = size};
    return &b->chunks[b->newest];
}

/* --- the order ---------------------------------------------------------------------------------------------------- */

static void swap(struct text *a, struct text *b)
{
    const struct text t = *a;
    *a = *b;
    *b = t;
}

static void sift_up(struct text *heap, size_t at)
{
    for (; at && heap[at].place < heap[(at - 1) / 2].place; at = (at - 1) / 2)
        swap(&heap[at], &heap[(at - 1) / 2]);
}

static void sift_down(struct text *heap, size_t count)
{
    for (size_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1].place < heap[child].place;
        if (heap[at].place <= heap[child].place)
            return;
        swap(&heap[at], &heap[child]);
    }
}

int tool_backlog_add(struct tool_backlog *b, uint32_t place, const void *bytes, size_t n)
{
    struct chunk *c;
    int reason;
    settle(b);
    if (!grow(&b->heap, b->count, &b->room, sizeof *b->heap) || !(c = chunk_for(b, n)))
        return ENOMEM;
    if ((reason = spill(b)) != 0)
        return reason;
    if (n)
        memcpy(c->bytes + c->used, bytes, n);
    b->heap[b->count] = (struct text){place, (uint32_t)b->newest, c->used, n};
    c->used += n;
    c->texts++;
    sift_up(b->heap, b->count++);
    return 0;
}

bool tool_backlog_take(struct tool_backlog *b, uint32_t before, const char **bytes, size_t *n)
{
    settle(b);
    if (!b->count || b->heap[0].place >= before)
        return false;
    const struct text t = b->heap[0];
    struct chunk *c = &b->chunks[t.chunk];
    *n = t.n;
    *bytes = c->bytes ? c->bytes + t.start : read_text(b, &t) ? b->read : NULL;
    if (!*bytes)
        *n = 0;
    b->heap[0] = b->heap[--b->count];
    sift_down(b->heap, b->count);
    c->texts--;
    b->given = t.chunk;
    b->taken = true;
    return true;
}
