#include "base/reader.h"

const uint8_t wt_reader_nothing[1];

void wt_reader_fault_at(struct wt_reader *r, size_t offset, enum wt_code code, const char *field, uint64_t value,
                        uint64_t bound, const char *rule)
{
    struct wt_error *e = &r->decode->error;
    if (e->code == WT_OK)
        *e = (struct wt_error){code, field, offset, value, bound, rule};
}

void wt_reader_fail_at(struct wt_reader *r, size_t offset, enum wt_code code, const char *field, uint64_t value,
                       uint64_t bound, const char *rule)
{
    wt_reader_fault_at(r, offset, code, field, value, bound, rule);
    r->decode->lost = true;
    r->p = r->end;
}

void wt_reader_fail(struct wt_reader *r, enum wt_code code, const char *field, uint64_t value, uint64_t bound,
                    const char *rule)
{
    wt_reader_fail_at(r, wt_reader_offset(r), code, field, value, bound, rule);
}

void wt_reader_note(const struct wt_reader *r, const char *field, size_t length, uint64_t value, unsigned form,
                    unsigned kind, unsigned prefix)
{
    (void)wt_trail_add(r->decode->trail, (struct wt_trail_event){.field = field,
                                                                 .value = value,
                                                                 .offset = (uint32_t)wt_reader_offset(r),
                                                                 .length = (uint32_t)length,
                                                                 .prefix = (uint8_t)prefix,
                                                                 .depth = (uint8_t)r->depth,
                                                                 .form = (uint8_t)form,
                                                                 .kind = (uint8_t)kind});
}

/* The integer that comes next and the bytes that it takes; 0, with the error, when they are not there. */
static unsigned varint(struct wt_reader *r, const char *field, uint64_t *value)
{
    const struct wt_span left = {r->p, wt_reader_left(r)};
    const unsigned width = wt_get_varint(left, value);
    return wt_reader_has(r, field, width ? width : left.n ? 1u << (left.p[0] >> 6) : 1) ? width : 0;
}

uint64_t wt_read_varint(struct wt_reader *r, const char *field, unsigned kind)
{
    uint64_t value = 0;
    const unsigned width = varint(r, field, &value);
    if (!width)
        return 0;
    if (r->decode->trail)
        wt_reader_note(r, field, width, value, kind ? WT_TRAIL_CODE : WT_TRAIL_NUMBER, kind, 0);
    r->p += width;
    return value;
}

static struct wt_span take(struct wt_reader *r, const char *field, size_t n, unsigned form, unsigned prefix)
{
    struct wt_span s = {r->p, n};
    if (r->decode->trail)
        wt_reader_note(r, field, n, 0, form, 0, prefix);
    r->p += n;
    return s;
}

struct wt_span wt_read_bytes_as(struct wt_reader *r, const char *field, size_t n, enum wt_trail_form form)
{
    if (!wt_reader_has(r, field, n))
        return (struct wt_span){0};
    return take(r, field, n, form, 0);
}

/* A length prefix of `width` bytes that says n, checked against <min..max> (SIZE_MAX: no bound, also for a size_t that
 * is shorter than n) and against what is there: n, SIZE_MAX when that is less. */
static size_t checked(struct wt_reader *r, const char *field, unsigned width, uint64_t n, size_t min, size_t max)
{
    const size_t offset = wt_reader_offset(r);
    if (n < min || (n > max && max != SIZE_MAX))
        wt_reader_fault_at(r, offset, WT_LENGTH, field, n, n < min ? min : max, NULL);
    r->p += width;
    if (n > wt_reader_left(r)) {
        wt_reader_fail_at(r, offset, WT_TRUNCATED, field, wt_reader_left(r), n, NULL);
        return SIZE_MAX;
    }
    return (size_t)n;
}

static size_t prefix(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max)
{
    size_t n = 0;
    if (!wt_reader_has(r, field, width))
        return SIZE_MAX;
    for (unsigned i = 0; i < width; i++)
        n = n << 8 | r->p[i];
    return checked(r, field, width, n, min, max);
}

static struct wt_span opaque(struct wt_reader *r, const char *field, unsigned width, size_t n, size_t min, size_t max,
                             enum wt_trail_form form)
{
    if (n == SIZE_MAX)
        return (struct wt_span){0};
    struct wt_span s = take(r, field, n, form, width);
    if (n < min || n > max)
        return (struct wt_span){0};
    return s;
}

struct wt_span wt_read_opaque(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                              enum wt_trail_form form)
{
    return opaque(r, field, width, prefix(r, field, width, min, max), min, max, form);
}

struct wt_span wt_read_varint_opaque(struct wt_reader *r, const char *field, size_t min, size_t max,
                                     enum wt_trail_form form)
{
    uint64_t n = 0;
    const unsigned width = varint(r, field, &n);
    if (!width)
        return (struct wt_span){0};
    return opaque(r, field, width, checked(r, field, width, n, min, max), min, max, form);
}

static struct wt_reader sub(struct wt_reader *r, const char *field, size_t n, unsigned form, unsigned width)
{
    struct wt_reader inner = {r->p, r->p, r->decode, r->depth + 1};
    if (n == SIZE_MAX)
        return inner;
    struct wt_span s = take(r, field, n, form, width);
    inner.p = s.p;
    inner.end = s.p + s.n;
    return inner;
}

struct wt_reader wt_read_vector(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                                enum wt_trail_form form)
{
    return sub(r, field, prefix(r, field, width, min, max), form, width);
}

struct wt_reader wt_read_part(struct wt_reader *r, const char *field, size_t n, enum wt_trail_form form)
{
    return sub(r, field, wt_reader_has(r, field, n) ? n : SIZE_MAX, form, 0);
}

/* Each number of a list, as wt_read_number() would leave it in the trail. Lists are most of a hello. */
static void note_numbers(const struct wt_reader *r, struct wt_span list, const char *element, unsigned width,
                         unsigned kind)
{
    struct wt_trail *t = r->decode->trail;
    const size_t count = list.n / width, room = t->cap - t->n < count ? t->cap - t->n : count;
    struct wt_trail_event e = {.field = element,
                               .offset = (uint32_t)wt_reader_offset(r),
                               .length = width,
                               .depth = (uint8_t)r->depth,
                               .form = kind ? WT_TRAIL_CODE : WT_TRAIL_NUMBER,
                               .kind = (uint8_t)kind};
    for (size_t i = 0; i < room; i++, e.offset += width) {
        e.value = 0;
        for (unsigned k = 0; k < width; k++)
            e.value = e.value << 8 | list.p[i * width + k];
        t->events[t->n + i] = e;
    }
    t->n += room;
    t->lost += count - room;
}

struct wt_span wt_read_codes(struct wt_reader *r, const char *field, const char *element, unsigned prefix_width,
                             size_t min, size_t max, unsigned width, unsigned kind)
{
    struct wt_reader inner = wt_read_vector(r, field, prefix_width, min, max, WT_TRAIL_LIST);
    struct wt_span all = {inner.p, wt_reader_left(&inner)};
    /* RFC 8446, 3.4: "The length of an encoded vector must be an exact multiple of the length of a single element". */
    if (all.n % width)
        wt_reader_fault_at(&inner, wt_reader_offset(&inner), WT_LENGTH, field, all.n, width, NULL);
    all.n -= all.n % width;
    if (inner.decode->trail && !r->decode->lost)
        note_numbers(&inner, all, element, width, kind);
    if (r->decode->lost)
        return (struct wt_span){0};
    return all;
}

size_t wt_read_enter(struct wt_reader *r, const char *field)
{
    size_t mark = SIZE_MAX;
    struct wt_trail *t = r->decode->trail;
    if (t && !r->decode->lost) {
        mark = t->n;
        wt_reader_note(r, field, 0, 0, WT_TRAIL_STRUCT, 0, 0);
    }
    r->depth++;
    return mark;
}

void wt_read_leave(struct wt_reader *r, size_t mark)
{
    struct wt_trail *t = r->decode->trail;
    r->depth--;
    if (t && mark < t->n)
        t->events[mark].length = (uint32_t)(wt_reader_offset(r) - t->events[mark].offset);
}

bool wt_reader_close(struct wt_reader *r, const char *field)
{
    if (wt_reader_left(r))
        wt_reader_fail(r, WT_TRAILING, field, wt_reader_left(r), 0, NULL);
    return wt_reader_ok(r);
}
