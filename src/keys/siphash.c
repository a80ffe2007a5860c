#include "keys/siphash.h"

#include <endian.h>
#include <sys/random.h>

struct state {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void rounds(struct state *s, unsigned count)
{
    uint64_t *v = s->v;
    while (count--) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

static void absorb(struct state *s, uint64_t word)
{
    s->v[3] ^= word;
    rounds(s, 2);
    s->v[0] ^= word;
}

/* Up to eight bytes, the first one lowest. */
static uint64_t word_of(const uint8_t *p, size_t n)
{
    uint64_t word = 0;
    if (n)
        memcpy(&word, p, n);
    return le64toh(word);
}

uint64_t wt_siphash(const struct wt_siphash_key *key, struct wt_span bytes)
{
    struct state s = {{key->k[0] ^ 0x736f6d6570736575u, key->k[1] ^ 0x646f72616e646f6du,
                       key->k[0] ^ 0x6c7967656e657261u, key->k[1] ^ 0x7465646279746573u}};
    const uint8_t *p = bytes.p; /* NULL when there is nothing */
    size_t left = bytes.n;
    for (; left >= 8; p += 8, left -= 8)
        absorb(&s, word_of(p, 8));
    absorb(&s, word_of(p, left) | (uint64_t)bytes.n << 56);
    s.v[2] ^= 0xff;
    rounds(&s, 4);
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* Without the system's randomness (an early boot), where the process lies in memory has to do. */
struct wt_siphash_key wt_siphash_key(void)
{
    struct wt_siphash_key key;
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key)
        key = (struct wt_siphash_key){{(uint64_t)(uintptr_t)&key, (uint64_t)(uintptr_t)wt_siphash_key}};
    return key;
}
