/* One direction of a TCP stream, and what its sink was told. */
#ifndef WT_TESTS_CAPTURE_TCP_FIXTURE_H
#define WT_TESTS_CAPTURE_TCP_FIXTURE_H

#include "make.h"

#include "capture/tcp.h"

/* What the sink was told, as a line of text: bytes as they are, gaps as <n>, the end as |, a conflict as !. */
struct fixture {
    struct wt_tcp_direction d;
    struct wt_tcp_totals totals;
    struct wt_tcp_sink sink;
    struct wt_buffer told;
};

static inline void on_data(void *context, unsigned direction, struct wt_span bytes)
{
    struct fixture *f = context;
    assert_int_equal(direction, 1);
    assert_true(bytes.n > 0);
    assert_true(wt_buffer_add(&f->told, bytes.p, bytes.n));
}

static inline void on_gap(void *context, unsigned direction, uint64_t n)
{
    struct fixture *f = context;
    assert_int_equal(direction, 1);
    assert_true(n > 0);
    assert_true(wt_buffer_format(&f->told, "<%llu>", (unsigned long long)n));
}

static inline void on_end(void *context, unsigned direction)
{
    struct fixture *f = context;
    assert_int_equal(direction, 1);
    assert_true(wt_buffer_add_char(&f->told, '|'));
}

static inline void on_conflict(void *context, unsigned direction)
{
    struct fixture *f = context;
    assert_int_equal(direction, 1);
    assert_true(wt_buffer_add_char(&f->told, '!'));
}

static inline int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->sink = (struct wt_tcp_sink){on_data, on_gap, on_end, on_conflict, f};
    *state = f;
    return 0;
}

static inline int end(void **state)
{
    struct fixture *f = *state;
    wt_tcp_flush(&f->d, 1, &f->totals, &f->sink);
    assert_null(f->d.pending);
    assert_int_equal(f->totals.pending_bytes, 0);
    wt_buffer_free(&f->told);
    free(f);
    return 0;
}

static inline void segment(struct fixture *f, uint32_t sequence, uint8_t flags, const char *text, uint32_t missing)
{
    /* a copy of its own, gone afterwards: nothing may point into it */
    size_t n = strlen(text);
    uint8_t *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    wt_tcp_segment(&f->d, 1, sequence, flags, wt_span_of(copy, n), missing, &f->totals, &f->sink);
    free(copy);
}

static inline void data(struct fixture *f, uint32_t sequence, const char *text)
{
    segment(f, sequence, WT_TCP_ACK, text, 0);
}

static inline void bulk(struct fixture *f, uint32_t sequence, uint32_t n)
{
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'x', n);
    text[n] = '\0';
    data(f, sequence, text);
    free(text);
}

static inline void acknowledge(struct fixture *f, uint32_t number)
{
    wt_tcp_acknowledge(&f->d, 1, number, &f->totals, &f->sink);
}

static inline void flush(struct fixture *f)
{
    wt_tcp_flush(&f->d, 1, &f->totals, &f->sink);
}

static inline void expect(struct fixture *f, const char *told)
{
    assert_true(wt_buffer_add_char(&f->told, '\0'));
    assert_string_equal((const char *)f->told.p, told);
    f->told.n--;
}

#endif
