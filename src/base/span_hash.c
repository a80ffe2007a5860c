#include "base/span_hash.h"

#include "base/fold.h"

#include <sys/random.h>

static uint64_t key[4];

/* Before anything else runs, so that no thread can meet it half made. Without the system's randomness (an early boot),
 * where the process lies in memory has to do. */
__attribute__((constructor)) static void make_key(void)
{
    if (getrandom(key, sizeof key, GRND_NONBLOCK) == (ssize_t)sizeof key)
        return;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        key[i] = ((uint64_t)(uintptr_t)&key ^ (uint64_t)(uintptr_t)&i << 32) * (0x9e3779b97f4a7c15u + 2 * i);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

uint64_t wt_span_hash(struct wt_span s)
{
    uint64_t h = key[0] ^ s.n;
    uint8_t last[16] = {0};
    const uint8_t *p = s.p;
    size_t n = s.n;
    for (; n > sizeof last; n -= 16, p += 16)
        h = wt_fold(load(p) ^ key[2] ^ h, load(p + 8) ^ key[3]);
    if (n)
        memcpy(last, p, n);
    h = wt_fold(load(last) ^ key[2] ^ h, load(last + 8) ^ key[3]);
    h = wt_fold(h ^ key[1], key[3] | 1);
    return h ? h : 1;
}
