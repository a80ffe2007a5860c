/* Writes what a reader reads. The bytes belong to the caller; the first thing that does not fit sticks, and the caller
 * asks once at the end with wt_writer_done(). Vectors are opened and closed: the length prefix is filled on closing
 * and checked against the RFC's <min..max>. */
#ifndef WT_BASE_WRITER_H
#define WT_BASE_WRITER_H

#include "base/span.h"
#include "wiretale/error.h"

struct wt_writer {
    uint8_t *p;
    size_t n, cap; /* bytes written, bytes of room */
    struct wt_error error;
};

static inline struct wt_writer wt_writer_start(uint8_t *room, size_t cap)
{
    return (struct wt_writer){.p = room, .cap = cap};
}

void wt_write_number(struct wt_writer *w, uint64_t value, unsigned width);
void wt_write_bytes(struct wt_writer *w, struct wt_span bytes);

static inline void wt_write_u8(struct wt_writer *w, uint8_t v)
{
    wt_write_number(w, v, 1);
}

static inline void wt_write_u16(struct wt_writer *w, uint16_t v)
{
    wt_write_number(w, v, 2);
}

static inline void wt_write_u24(struct wt_writer *w, uint32_t v)
{
    wt_write_number(w, v, 3);
}

static inline void wt_write_u32(struct wt_writer *w, uint32_t v)
{
    wt_write_number(w, v, 4);
}

/* A variable-length integer (RFC 9000, 16) in as few bytes as it takes; WT_VALUE over 2^62 - 1. */
void wt_write_varint(struct wt_writer *w, uint64_t value);
/* The same in 1, 2, 4 or 8 bytes (`width`), as one may be that is filled in later. */
void wt_write_varint_in(struct wt_writer *w, uint64_t value, unsigned width);

/* Leaves room for a length prefix of `width` bytes; hand the returned mark to wt_write_close(). */
size_t wt_write_open(struct wt_writer *w, unsigned width);
/* Fills the prefix; WT_LENGTH when what was written lies outside <min..max>. */
void wt_write_close(struct wt_writer *w, size_t mark, unsigned width, size_t min, size_t max, const char *field);
/* An opaque vector in one go. */
void wt_write_opaque(struct wt_writer *w, struct wt_span bytes, unsigned width, size_t min, size_t max,
                     const char *field);

/* WT_OK and the span of all that was written, or the sticky error's code. */
enum wt_code wt_writer_done(const struct wt_writer *w, struct wt_span *out);

#endif
