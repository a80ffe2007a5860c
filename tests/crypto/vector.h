/* Test vectors as the RFCs print them, hex with blanks between; and the handle that all tests share. */
#ifndef WT_TEST_CRYPTO_VECTOR_H
#define WT_TEST_CRYPTO_VECTOR_H

#include "crypto/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct vector {
    uint8_t bytes[1024];
    size_t n;
};

static inline int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static inline struct vector hex(const char *text)
{
    struct vector v = {.n = 0};
    unsigned half = 0;
    for (; *text; text++) {
        int d = digit_of(*text);
        if (d < 0)
            continue;
        assert_true(v.n < sizeof v.bytes);
        v.bytes[v.n] = (uint8_t)(v.bytes[v.n] << 4 | d);
        v.n += half;
        half ^= 1;
    }
    assert_int_equal(half, 0);
    return v;
}

static inline struct wt_span span(const struct vector *v)
{
    return wt_span_of(v->bytes, v->n);
}

static inline void same(const uint8_t *got, size_t n, const char *text)
{
    struct vector v = hex(text);
    assert_int_equal(n, v.n);
    assert_memory_equal(got, v.bytes, n);
}

static inline int open_crypto(void **state)
{
    *state = wt_crypto_new();
    return *state ? 0 : -1;
}

static inline int close_crypto(void **state)
{
    wt_crypto_free(*state);
    return 0;
}

#endif
