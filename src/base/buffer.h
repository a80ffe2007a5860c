/* Bytes that grow, owned by whoever holds the struct. All zero is empty. */
#ifndef WT_BASE_BUFFER_H
#define WT_BASE_BUFFER_H

#include "base/span.h"

#include <stdarg.h>

struct wt_buffer {
    uint8_t *p;
    size_t n, cap;
    bool failed; /* the system gave no memory; what was to be added is missing */
};

/* Room for n more bytes behind p + n (the caller then adds to n); NULL when the system refuses. */
uint8_t *wt_buffer_room(struct wt_buffer *b, size_t n);
bool wt_buffer_add(struct wt_buffer *b, const void *bytes, size_t n);
bool wt_buffer_add_text(struct wt_buffer *b, const char *text);
bool wt_buffer_add_char(struct wt_buffer *b, char c);
bool wt_buffer_format(struct wt_buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Lower-case hex of the bytes. */
bool wt_buffer_add_hex(struct wt_buffer *b, struct wt_span bytes);
/* Takes the first n bytes away. */
void wt_buffer_drop(struct wt_buffer *b, size_t n);
/* No more room than it needs, if the system can. */
void wt_buffer_fit(struct wt_buffer *b);
void wt_buffer_free(struct wt_buffer *b);
/* The same for a buffer that held secrets and never grew beyond its first room: its bytes are overwritten first. */
void wt_buffer_wipe(struct wt_buffer *b);

static inline struct wt_span wt_buffer_span(const struct wt_buffer *b)
{
    return (struct wt_span){b->p, b->p ? b->n : 0};
}

#endif
