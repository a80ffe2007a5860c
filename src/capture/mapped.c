#include "capture/mapped.h"

#include "base/memory.h"
#include "base/thread.h"
#include "capture/window.h"
#include "wiretale/capture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* bytes: a piece. Two of them are in memory, three for a moment; the threads meet once in each. */
#define PIECE ((size_t)4 << 20)

/* bytes: what Linux maps around a page that is touched, when nobody changed it (fault_around_bytes in debugfs). */
#define STEP ((size_t)64 << 10)

/* bytes: what the page cache's large folios are mapped by. Giving back a part of one takes its whole mapping away, and
 * the rest is mapped anew, page by page. */
#define HUGE ((uintptr_t)2 << 20)

static bool ahead_asked;

struct wt_mapped {
    int fd;
    uint64_t offset;
    uint8_t *bytes;
    size_t size;
    struct wt_window *window;
    size_t end;    /* of what can be used */
    size_t freed;  /* bytes at the front that are mapped no more */
    bool threaded; /* the rest is shared with the thread, under the lock */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t touched; /* bytes from the first on that are ready */
    size_t wanted;  /* ... that are to be */
    bool stop;
};

void wt_capture_read_ahead(bool ahead)
{
    ahead_asked = ahead && wt_thread_is_worth_it();
}

/* One byte in each step: the kernel enters the page cache's pages around it into the table, without the reference to
 * each that MADV_POPULATE_READ takes (which was a third of the cost of mapping), and reads ahead from the disk. Of a
 * file that has become shorter what is left. */
static void touch(const struct wt_mapped *m, size_t from, size_t to)
{
    struct stat about;
    if (fstat(m->fd, &about) != 0)
        return;
    const uint64_t end = (uint64_t)about.st_size > m->offset ? (uint64_t)about.st_size - m->offset : 0;
    for (size_t at = from; at < to && at < end; at += STEP)
        (void)*(const volatile uint8_t *)(m->bytes + at);
}

/* Whole mappings before `unused`. */
static void give_back(struct wt_mapped *m, size_t unused)
{
    const uintptr_t first = (uintptr_t)m->bytes, end = (first + unused) / HUGE * HUGE;
    if (end <= first + m->freed)
        return;
    const size_t to = end - first;
    wt_window_begin(m->window, m->bytes + to);
    (void)munmap(m->bytes + m->freed, to - m->freed);
    m->freed = to;
}

static size_t next_piece(const struct wt_mapped *m, size_t from)
{
    return m->size - from < PIECE ? m->size : from + PIECE;
}

static void *work(void *context)
{
    struct wt_mapped *m = context;
    (void)pthread_mutex_lock(&m->lock);
    while (!m->stop) {
        const size_t from = m->touched, to = m->wanted;
        if (from == to) {
            (void)pthread_cond_wait(&m->changed, &m->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&m->lock);
        touch(m, from, to);
        (void)pthread_mutex_lock(&m->lock);
        m->touched = to;
        (void)pthread_cond_signal(&m->changed);
    }
    (void)pthread_mutex_unlock(&m->lock);
    return NULL;
}

static void start_thread(struct wt_mapped *m)
{
    if (!wt_thread_lock_new(&m->lock, &m->changed, 1))
        return;
    m->threaded = wt_thread_start(&m->thread, work, m);
    if (!m->threaded)
        wt_thread_lock_free(&m->lock, &m->changed, 1);
}

static void stop_thread(struct wt_mapped *m)
{
    (void)pthread_mutex_lock(&m->lock);
    m->stop = true;
    (void)pthread_cond_signal(&m->changed);
    (void)pthread_mutex_unlock(&m->lock);
    (void)pthread_join(m->thread, NULL);
    wt_thread_lock_free(&m->lock, &m->changed, 1);
    m->threaded = false;
}

struct wt_mapped *wt_mapped_open(int fd, uint64_t offset, uint64_t size, struct wt_window *window)
{
    if (!size || size > SIZE_MAX / 4) /* of 32 bits' addresses something is left for others */
        return NULL;
    struct wt_mapped *m = wt_calloc(1, sizeof *m);
    if (!m)
        return NULL;
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, (off_t)offset);
    if (bytes == MAP_FAILED) {
        free(m);
        return NULL;
    }
    m->fd = fd;
    m->offset = offset;
    m->bytes = bytes;
    m->size = (size_t)size;
    m->window = window;
    wt_window_set(window, m->bytes, m->size);
    return m;
}

void wt_mapped_close(struct wt_mapped *m)
{
    if (!m)
        return;
    if (m->threaded)
        stop_thread(m);
    wt_window_set(m->window, NULL, 0);
    if (m->freed < m->size)
        (void)munmap(m->bytes + m->freed, m->size - m->freed);
    free(m);
}

uint8_t *wt_mapped_bytes(const struct wt_mapped *m)
{
    return m->bytes;
}

/* Returns when the piece after m->end was touched, and has the thread go on with the one after that. What was used is
 * given back in between: while the thread sleeps no other processor has to be told, which took more than a third of
 * what the kernel did for us. */
static void await(struct wt_mapped *m, size_t piece, size_t used)
{
    (void)pthread_mutex_lock(&m->lock);
    while (m->touched < piece)
        (void)pthread_cond_wait(&m->changed, &m->lock);
    give_back(m, used);
    m->wanted = next_piece(m, piece);
    (void)pthread_cond_signal(&m->changed);
    (void)pthread_mutex_unlock(&m->lock);
}

size_t wt_mapped_more(struct wt_mapped *m, size_t used)
{
    struct stat about;
    const size_t piece = next_piece(m, m->end);
    if (piece == m->end)
        return m->end;
    if (ahead_asked && !m->threaded && m->end) { /* the first piece may be all that is read */
        m->touched = m->end;
        m->wanted = piece;
        start_thread(m);
    }
    if (m->threaded) {
        await(m, piece, used);
    } else {
        give_back(m, used);
        touch(m, m->end, piece);
    }
    size_t end = piece;
    if (fstat(m->fd, &about) != 0 || (uint64_t)about.st_size <= m->offset + m->end)
        return m->end;
    if ((uint64_t)about.st_size - m->offset < end)
        end = (size_t)((uint64_t)about.st_size - m->offset);
    const uint8_t *gone = wt_window_gone(m->window);
    if (gone && gone < m->bytes + end) /* it is there, and cannot be had: reading it says why */
        return m->end;
    m->end = end;
    wt_window_use(m->window, m->bytes + end);
    return end;
}
