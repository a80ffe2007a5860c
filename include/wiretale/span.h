/* A view of bytes that somebody else owns; valid as long as its owner says. p may be NULL when n is 0. */
#ifndef WIRETALE_SPAN_H
#define WIRETALE_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct wt_span {
    const uint8_t *p;
    size_t n; /* bytes */
};

#endif
