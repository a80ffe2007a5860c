#include "crypto/hasher.h"

#include "base/memory.h"
#include "base/thread.h"
#include "registry/limits.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* bytes of a piece: a record's plaintext */
#define PIECE ((size_t)1 << 14)

/* Waking somebody takes longer than hashing a piece: it is done for some at once. */
enum { AT_ONCE = WT_LIMIT_HASHER / 4 };

struct piece {
    _Alignas(64) uint8_t bytes[PIECE];
    struct wt_hash *hash;
    size_t n;
};

enum { GIVEN, DONE, CONDITIONS };

struct wt_hasher {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed[CONDITIONS];
    /* counts of pieces, which wrap around; those between them are the thread's */
    uint32_t given, done;
    bool sleeps;   /* the thread waits for GIVEN */
    uint32_t left; /* DONE is waited for until no more are to be hashed */
    bool waits;
    bool stop;
    struct piece pieces[WT_LIMIT_HASHER];
};

static void *work(void *context)
{
    struct wt_hasher *h = context;
    (void)pthread_mutex_lock(&h->lock);
    for (;;) {
        while (h->given == h->done && !h->stop) {
            h->sleeps = true;
            (void)pthread_cond_wait(&h->changed[GIVEN], &h->lock);
        }
        h->sleeps = false;
        if (h->given == h->done)
            break;
        const struct piece *piece = &h->pieces[h->done % WT_LIMIT_HASHER];
        (void)pthread_mutex_unlock(&h->lock);
        wt_hash_add(piece->hash, wt_span_of(piece->bytes, piece->n));
        (void)pthread_mutex_lock(&h->lock);
        h->done++;
        if (h->waits && h->given - h->done <= h->left)
            (void)pthread_cond_signal(&h->changed[DONE]);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return NULL;
}

struct wt_hasher *wt_hasher_new(void)
{
    struct wt_hasher *h = wt_aligned_alloc(_Alignof(struct wt_hasher), sizeof *h);
    if (!h)
        return NULL;
    memset(h, 0, sizeof *h);
    if (wt_thread_lock_new(&h->lock, h->changed, CONDITIONS)) {
        if (wt_thread_start(&h->thread, work, h))
            return h;
        wt_thread_lock_free(&h->lock, h->changed, CONDITIONS);
    }
    free(h);
    return NULL;
}

static void wake(struct wt_hasher *h)
{
    if (h->sleeps)
        (void)pthread_cond_signal(&h->changed[GIVEN]);
    h->sleeps = false;
}

void wt_hasher_free(struct wt_hasher *h)
{
    if (!h)
        return;
    (void)pthread_mutex_lock(&h->lock);
    h->stop = true;
    wake(h);
    (void)pthread_mutex_unlock(&h->lock);
    (void)pthread_join(h->thread, NULL);
    wt_thread_lock_free(&h->lock, h->changed, CONDITIONS);
    wt_wipe(h->pieces, sizeof h->pieces);
    free(h);
}

/* Under the lock: until no more than `left` pieces are to be hashed. */
static void await(struct wt_hasher *h, uint32_t left)
{
    wake(h);
    h->left = left;
    h->waits = true;
    while (h->given - h->done > left)
        (void)pthread_cond_wait(&h->changed[DONE], &h->lock);
    h->waits = false;
}

/* Past the caches: what is in the other processor's must be fetched from there first, which takes longer than all else.
 */
static void copy(uint8_t *to, const uint8_t *from, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; n - i >= sizeof(__m128i); i += sizeof(__m128i))
        _mm_stream_si128((__m128i *)(void *)(to + i), _mm_loadu_si128((const __m128i *)(const void *)(from + i)));
    _mm_sfence();
#endif
    memcpy(to + i, from + i, n - i);
}

static void add_piece(struct wt_hasher *h, struct wt_hash *hash, const uint8_t *bytes, size_t n)
{
    struct piece *piece = &h->pieces[h->given % WT_LIMIT_HASHER]; /* it is nobody's */
    piece->hash = hash;
    piece->n = n;
    copy(piece->bytes, bytes, n);
    (void)pthread_mutex_lock(&h->lock);
    h->given++;
    if (h->given - h->done >= AT_ONCE)
        wake(h);
    if (h->given - h->done == WT_LIMIT_HASHER)
        await(h, WT_LIMIT_HASHER / 2);
    (void)pthread_mutex_unlock(&h->lock);
}

void wt_hasher_add(struct wt_hasher *h, struct wt_hash *hash, struct wt_span bytes)
{
    for (size_t at = 0, n; at < bytes.n; at += n) {
        n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        add_piece(h, hash, bytes.p + at, n);
    }
}

void wt_hasher_finish(struct wt_hasher *h)
{
    (void)pthread_mutex_lock(&h->lock);
    if (h->given != h->done)
        await(h, 0);
    (void)pthread_mutex_unlock(&h->lock);
}
