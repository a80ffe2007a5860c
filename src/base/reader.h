/* Reads straight through, checks at the seam.
 *
 * A reader walks bytes that it does not own. The first thing that goes wrong is kept in the caller's wt_decode and
 * sticks. When it leaves unknown where the next field starts, every read of every reader of that decode returns zero or
 * an empty span from then on, so a decoder reads all its fields without looking and asks once, at its end. Values read
 * before the seam check may be used for nothing but reading on: never to index, never to allocate.
 *
 * A vector whose length is outside <floor..ceiling> but whose bytes are all there is an error that leaves the next
 * field where its length says (RFC 8446, 3.4: "the actual length precedes the vector's contents in the byte stream"):
 * the fields after it are read. The trail has that vector as well; the decoder gets an empty span if it is opaque. */
#ifndef WT_BASE_READER_H
#define WT_BASE_READER_H

#include "base/span.h"
#include "base/trail.h"
#include "wiretale/error.h"

/* One decode of one message: its error, its start (offsets count from there), and the trail if somebody wants it. */
struct wt_decode {
    struct wt_error error;
    const uint8_t *base;
    struct wt_trail *trail;
    bool lost; /* where the next field starts is unknown: nothing is read any more */
};

struct wt_reader {
    const uint8_t *p, *end;
    struct wt_decode *decode;
    unsigned depth;
};

/* Where nothing is read from: C knows no place 0 bytes after NULL. */
extern const uint8_t wt_reader_nothing[1];

/* `message` is what is to be read, NULL for nothing; `trail` may be NULL. The decode must outlive the reader. */
static inline struct wt_reader wt_reader_start(struct wt_decode *decode, struct wt_span message, struct wt_trail *trail)
{
    const uint8_t *p = message.p ? message.p : wt_reader_nothing;
    *decode = (struct wt_decode){.base = p, .trail = trail};
    return (struct wt_reader){p, message.p ? p + message.n : p, decode, 0};
}

static inline size_t wt_reader_left(const struct wt_reader *r)
{
    return (size_t)(r->end - r->p);
}

static inline bool wt_reader_ok(const struct wt_reader *r)
{
    return r->decode->error.code == WT_OK;
}

static inline size_t wt_reader_offset(const struct wt_reader *r)
{
    return (size_t)(r->p - r->decode->base);
}

/* Notes the first error of the decode, empties the reader and ends the decode. */
void wt_reader_fail(struct wt_reader *r, enum wt_code code, const char *field, uint64_t value, uint64_t bound,
                    const char *rule);
/* The same for an error at an offset already passed. */
void wt_reader_fail_at(struct wt_reader *r, size_t offset, enum wt_code code, const char *field, uint64_t value,
                       uint64_t bound, const char *rule);
/* An error at an offset already passed that leaves the next field where it is: reading goes on. */
void wt_reader_fault_at(struct wt_reader *r, size_t offset, enum wt_code code, const char *field, uint64_t value,
                        uint64_t bound, const char *rule);
void wt_reader_note(const struct wt_reader *r, const char *field, size_t length, uint64_t value, unsigned form,
                    unsigned kind, unsigned prefix);

/* True when n bytes can be taken; fails the reader otherwise. */
static inline bool wt_reader_has(struct wt_reader *r, const char *field, size_t n)
{
    if (wt_reader_left(r) >= n && !r->decode->lost)
        return true;
    wt_reader_fail(r, WT_TRUNCATED, field, wt_reader_left(r), n, NULL);
    return false;
}

/* A big-endian number of `width` bytes, 1 to 8; `kind` is the registry whose code point it is, 0 for none. */
static inline uint64_t wt_read_number(struct wt_reader *r, const char *field, unsigned width, unsigned kind)
{
    uint64_t value = 0;
    if (!wt_reader_has(r, field, width))
        return 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | r->p[i];
    if (r->decode->trail)
        wt_reader_note(r, field, width, value, kind ? WT_TRAIL_CODE : WT_TRAIL_NUMBER, kind, 0);
    r->p += width;
    return value;
}

static inline uint8_t wt_read_u8(struct wt_reader *r, const char *field)
{
    return (uint8_t)wt_read_number(r, field, 1, 0);
}

static inline uint16_t wt_read_u16(struct wt_reader *r, const char *field)
{
    return (uint16_t)wt_read_number(r, field, 2, 0);
}

static inline uint32_t wt_read_u24(struct wt_reader *r, const char *field)
{
    return (uint32_t)wt_read_number(r, field, 3, 0);
}

static inline uint32_t wt_read_u32(struct wt_reader *r, const char *field)
{
    return (uint32_t)wt_read_number(r, field, 4, 0);
}

static inline uint64_t wt_read_u64(struct wt_reader *r, const char *field)
{
    return wt_read_number(r, field, 8, 0);
}

/* QUIC's variable-length integer (RFC 9000, 16); `kind` as for wt_read_number(). */
uint64_t wt_read_varint(struct wt_reader *r, const char *field, unsigned kind);
/* An opaque vector whose length is such an integer, and its parts, as wt_read_opaque() and wt_read_vector() have them.
 */
struct wt_span wt_read_varint_opaque(struct wt_reader *r, const char *field, size_t min, size_t max,
                                     enum wt_trail_form form);

/* Code points of a registry (registry/registry.h, enum wt_registry). */
static inline uint8_t wt_read_code8(struct wt_reader *r, const char *field, unsigned kind)
{
    return (uint8_t)wt_read_number(r, field, 1, kind);
}

static inline uint16_t wt_read_code16(struct wt_reader *r, const char *field, unsigned kind)
{
    return (uint16_t)wt_read_number(r, field, 2, kind);
}

/* n opaque bytes; form is WT_TRAIL_BYTES or WT_TRAIL_TEXT. */
struct wt_span wt_read_bytes_as(struct wt_reader *r, const char *field, size_t n, enum wt_trail_form form);

static inline struct wt_span wt_read_bytes(struct wt_reader *r, const char *field, size_t n)
{
    return wt_read_bytes_as(r, field, n, WT_TRAIL_BYTES);
}

/* All that is left, perhaps nothing. */
static inline struct wt_span wt_read_rest(struct wt_reader *r, const char *field)
{
    return wt_read_bytes(r, field, wt_reader_left(r));
}

/* An opaque vector `field<min..max>` with a length prefix of `width` bytes (1, 2 or 3). min and max are bytes, as in
 * the RFC. One outside them is empty, and the decode has the error WT_LENGTH. */
struct wt_span wt_read_opaque(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                              enum wt_trail_form form);

/* A vector whose inside the caller goes on to read: the returned reader holds exactly its bytes, one level deeper in
 * the trail, where it stands as a LIST or STRUCT, also when their number is outside <min..max>. wt_reader_close() it.
 */
struct wt_reader wt_read_vector(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                                enum wt_trail_form form);

/* The same for the next n bytes, without a length prefix. */
struct wt_reader wt_read_part(struct wt_reader *r, const char *field, size_t n, enum wt_trail_form form);

/* A vector of code points of `width` bytes each (1 or 2) with a prefix of `prefix` bytes: the LIST `field` of
 * elements `element`. The span holds the raw numbers; use wt_codes_at(). When the length is no multiple of width
 * (WT_LENGTH) it holds those that fit. */
struct wt_span wt_read_codes(struct wt_reader *r, const char *field, const char *element, unsigned prefix, size_t min,
                             size_t max, unsigned width, unsigned kind);

/* Opens a STRUCT of the trail in place (an element of a LIST, say): what follows lies one level deeper, until
 * wt_read_leave(), which gives the struct its length. Both do nothing without a trail but keep the depth. */
size_t wt_read_enter(struct wt_reader *r, const char *field);
void wt_read_leave(struct wt_reader *r, size_t mark);

/* Demands that nothing is left (WT_TRAILING). True when the whole decode is still well. */
bool wt_reader_close(struct wt_reader *r, const char *field);

/* Element i of a span of 16-bit code points; count is span.n / 2. */
static inline uint16_t wt_codes_at(struct wt_span codes, size_t i)
{
    return wt_get16(codes.p + 2 * i);
}

static inline size_t wt_codes_count(struct wt_span codes)
{
    return codes.n / 2;
}

static inline bool wt_codes_have(struct wt_span codes, uint16_t code)
{
    for (size_t i = 0; i < wt_codes_count(codes); i++)
        if (wt_codes_at(codes, i) == code)
            return true;
    return false;
}

#endif
