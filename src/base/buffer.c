#include "base/buffer.h"
#include "base/memory.h"

#include "base/digits.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *wt_buffer_room(struct wt_buffer *b, size_t n)
{
    if (n <= b->cap - b->n)
        return b->p + b->n;
    size_t cap = b->cap ? b->cap : 64;
    while (cap - b->n < n && cap < SIZE_MAX / 2)
        cap *= 2;
    uint8_t *p = cap - b->n >= n ? wt_realloc(b->p, cap) : NULL;
    if (!p) {
        b->failed = true;
        return NULL;
    }
    b->p = p;
    b->cap = cap;
    return p + b->n;
}

bool wt_buffer_add(struct wt_buffer *b, const void *bytes, size_t n)
{
    if (n == 0)
        return true;
    uint8_t *p = wt_buffer_room(b, n);
    if (!p)
        return false;
    memcpy(p, bytes, n);
    b->n += n;
    return true;
}

bool wt_buffer_add_text(struct wt_buffer *b, const char *text)
{
    return wt_buffer_add(b, text, strlen(text));
}

bool wt_buffer_add_char(struct wt_buffer *b, char c)
{
    return wt_buffer_add(b, &c, 1);
}

bool wt_buffer_format(struct wt_buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    bool ok = n >= 0 && wt_buffer_room(b, (size_t)n + 1) != NULL;
    if (ok) {
        va_start(args, format);
        (void)vsnprintf((char *)b->p + b->n, (size_t)n + 1, format, args); // NOLINT(clang-analyzer-valist.*): started
        va_end(args);
        b->n += (size_t)n;
    }
    return ok;
}

bool wt_buffer_add_hex(struct wt_buffer *b, struct wt_span bytes)
{
    if (bytes.n == 0)
        return true;
    uint8_t *p = bytes.n < SIZE_MAX / 2 ? wt_buffer_room(b, 2 * bytes.n) : NULL;
    if (!p)
        return false;
    (void)wt_digits_hex((char *)p, bytes);
    b->n += 2 * bytes.n;
    return true;
}

void wt_buffer_drop(struct wt_buffer *b, size_t n)
{
    if (n > b->n)
        n = b->n;
    if (n && n < b->n)
        memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

void wt_buffer_fit(struct wt_buffer *b)
{
    uint8_t *p = b->n && b->n < b->cap ? wt_realloc(b->p, b->n) : NULL;
    if (!p)
        return;
    b->p = p;
    b->cap = b->n;
}

void wt_buffer_free(struct wt_buffer *b)
{
    free(b->p);
    *b = (struct wt_buffer){0};
}

void wt_buffer_wipe(struct wt_buffer *b)
{
    if (b->p)
        explicit_bzero(b->p, b->cap);
    wt_buffer_free(b);
}
