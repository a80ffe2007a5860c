/* A view of bytes that somebody else owns. */
#ifndef WT_BASE_SPAN_H
#define WT_BASE_SPAN_H

#include "wiretale/span.h"

#include <stdbool.h>
#include <string.h>

static inline struct wt_span wt_span_of(const void *p, size_t n)
{
    return (struct wt_span){p, n};
}

/* Of a NUL-terminated string, without its NUL. */
static inline struct wt_span wt_span_text(const char *text)
{
    return (struct wt_span){(const uint8_t *)text, strlen(text)};
}

static inline bool wt_span_equal(struct wt_span a, struct wt_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* At most n bytes from `from` on; whatever lies outside is left out. */
static inline struct wt_span wt_span_cut(struct wt_span s, size_t from, size_t n)
{
    if (!s.p || from > s.n)
        return (struct wt_span){0};
    if (n > s.n - from)
        n = s.n - from;
    return (struct wt_span){s.p + from, n};
}

static inline bool wt_span_starts(struct wt_span s, const char *text)
{
    size_t n = strlen(text);
    return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* Big-endian numbers in bytes that the caller has already found to be there. */
static inline uint16_t wt_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t wt_get24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t wt_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t wt_get16le(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t wt_get32le(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* QUIC's variable-length integer (RFC 9000, 16: "The two most significant bits of the first byte" are "the base-2
 * logarithm of the integer encoding length in bytes"): how many bytes it takes, 0 when they are not there. */
static inline unsigned wt_get_varint(struct wt_span s, uint64_t *value)
{
    const unsigned width = s.n ? 1u << (s.p[0] >> 6) : 1;
    if (s.n < width)
        return 0;
    *value = s.p[0] & 0x3f;
    for (unsigned i = 1; i < width; i++)
        *value = *value << 8 | s.p[i];
    return width;
}

#define WT_VARINT_MOST (((uint64_t)1 << 62) - 1)

#endif
