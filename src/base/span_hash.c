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

static uint64_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Most are short: an extension's body, an address. Of the last 16 bytes or fewer each is in one of two words, some in
 * both; the length tells them apart. */
uint64_t wt_span_hash(struct wt_span s)
{
    uint64_t h = key[0] ^ s.n, a = 0, b = 0;
    const uint8_t *p = s.p;
    size_t n = s.n;
    for (; n > 16; n -= 16, p += 16)
        h = wt_fold(load(p) ^ key[2] ^ h, load(p + 8) ^ key[3]);
    if (n >= 8) {
        a = load(p);
        b = load(p + n - 8);
    } else if (n >= 4) {
        a = load32(p);
        b = load32(p + n - 4);
    } else if (n) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
    }
    h = wt_fold(a ^ key[2] ^ h, b ^ key[1]);
    return h ? h : 1;
}
