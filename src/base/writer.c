#include "base/writer.h"

static void fail(struct wt_writer *w, enum wt_code code, const char *field, uint64_t value, uint64_t bound)
{
    if (w->error.code == WT_OK)
        w->error = (struct wt_error){code, field, w->n, value, bound, NULL};
}

static uint8_t *room(struct wt_writer *w, size_t n)
{
    if (w->error.code != WT_OK)
        return NULL;
    if (n > w->cap - w->n) {
        fail(w, WT_NO_SPACE, NULL, n, w->cap - w->n);
        return NULL;
    }
    w->n += n;
    return w->p + w->n - n;
}

void wt_write_number(struct wt_writer *w, uint64_t value, unsigned width)
{
    uint8_t *p = room(w, width);
    if (width < 8 && value >> (8 * width))
        fail(w, WT_VALUE, NULL, value, width);
    for (unsigned i = 0; p && i < width; i++)
        p[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

void wt_write_bytes(struct wt_writer *w, struct wt_span bytes)
{
    uint8_t *p = bytes.n ? room(w, bytes.n) : NULL;
    if (p)
        memcpy(p, bytes.p, bytes.n);
}

void wt_write_varint_in(struct wt_writer *w, uint64_t value, unsigned width)
{
    const unsigned log = width == 8 ? 3 : width == 4 ? 2 : width - 1;
    if (value >> (8 * width - 2))
        fail(w, WT_VALUE, NULL, value, width);
    wt_write_number(w, value | (uint64_t)log << (8 * width - 2), width);
}

void wt_write_varint(struct wt_writer *w, uint64_t value)
{
    wt_write_varint_in(w, value, value < 1u << 6 ? 1 : value < 1u << 14 ? 2 : value < 1u << 30 ? 4 : 8);
}

size_t wt_write_open(struct wt_writer *w, unsigned width)
{
    size_t mark = w->n;
    wt_write_number(w, 0, width);
    return mark;
}

void wt_write_close(struct wt_writer *w, size_t mark, unsigned width, size_t min, size_t max, const char *field)
{
    if (w->error.code != WT_OK)
        return;
    size_t n = w->n - mark - width;
    if (n < min || n > max || n >> (8 * width)) {
        fail(w, WT_LENGTH, field, n, n < min ? min : max);
        return;
    }
    for (unsigned i = 0; i < width; i++)
        w->p[mark + i] = (uint8_t)(n >> (8 * (width - 1 - i)));
}

void wt_write_opaque(struct wt_writer *w, struct wt_span bytes, unsigned width, size_t min, size_t max,
                     const char *field)
{
    size_t mark = wt_write_open(w, width);
    wt_write_bytes(w, bytes);
    wt_write_close(w, mark, width, min, max, field);
}

enum wt_code wt_writer_done(const struct wt_writer *w, struct wt_span *out)
{
    *out = w->error.code == WT_OK ? (struct wt_span){w->p, w->n} : (struct wt_span){0};
    return w->error.code;
}
