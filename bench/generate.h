/* What generate.c and its TLS messages share. */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    CERTIFICATES = 4,      /* distinct chains; connection i shows chain i mod 4 */
    CERTIFICATE_MAX = 512, /* bytes of one certificate */
};
enum { CLIENT, SERVER };
enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

struct certificate {
    uint8_t der[CERTIFICATE_MAX];
    size_t length;
    EVP_PKEY *key;
};

struct connection {
    uint64_t random;        /* state of its own pseudo-random bytes */
    uint8_t randoms[2][32]; /* of the hellos */
    uint32_t index;
    uint32_t place; /* which address and port the client has */
    uint32_t sequence[2];
    uint8_t step, shape;
    bool open; /* it is never closed */
};

/* ── pseudo-random bytes (splitmix64: one addition and a mix, any seed is a good seed) ── */

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* ── writing bytes: every put returns the place after what it wrote ── */

static inline uint8_t *put_u8(uint8_t *at, unsigned value)
{
    *at = (uint8_t)value;
    return at + 1;
}

static inline uint8_t *put_u16(uint8_t *at, size_t value)
{
    return put_u8(put_u8(at, (unsigned)(value >> 8) & 0xff), (unsigned)value & 0xff);
}

static inline uint8_t *put_u24(uint8_t *at, size_t value)
{
    return put_u16(put_u8(at, (unsigned)(value >> 16) & 0xff), value & 0xffff);
}

static inline uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    return put_u16(put_u16(at, value >> 16), value & 0xffff);
}

static inline uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static inline uint8_t *put_random(uint8_t *at, uint64_t *state, size_t length)
{
    for (; length >= 8; length -= 8) {
        const uint64_t word = random_next(state);
        /* Byte by byte from the low end, so that the output is the same on every machine. */
        for (unsigned i = 0; i < 8; i++)
            at = put_u8(at, (unsigned)(word >> (8 * i)) & 0xff);
    }
    while (length-- > 0)
        at = put_u8(at, (unsigned)random_next(state) & 0xff);
    return at;
}

/* Lengths come before what they count: leave room, and fill it in when the end is known. */
static inline void close_u16(uint8_t *length_at, const uint8_t *end)
{
    put_u16(length_at, (size_t)(end - length_at) - 2);
}

static inline void close_u24(uint8_t *length_at, const uint8_t *end)
{
    put_u24(length_at, (size_t)(end - length_at) - 3);
}

/* ── TLS messages (generate_messages.c): each put returns the place after what it wrote ── */

/* What AES-GCM leaves to be seen: explicit nonce, ciphertext and tag (RFC 5288, section 3). */
uint8_t *put_sealed(uint8_t *at, struct connection *c, unsigned content_type, size_t plaintext);
/* With a session ticket of so many bytes, 0 for none. */
uint8_t *put_client_hello(uint8_t *at, struct connection *c, size_t ticket);
uint8_t *put_finished(uint8_t *at, struct connection *c);
uint8_t *put_server_flight(uint8_t *at, struct connection *c, const struct certificate *certificate);
uint8_t *put_client_flight(uint8_t *at, struct connection *c);

#endif
