/* Streams of QUIC put in order. */
#include "observer/quic/streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What came of one side: bytes; "[n]" for n that are lost. */
struct heard {
    char text[256];
    size_t n;
    uint64_t total, lost;
};

static void hear(void *context, const struct wt_quic_stream *s, uint64_t offset, uint64_t lost, struct wt_span bytes)
{
    struct heard *h = context;
    (void)s;
    h->lost += lost;
    assert_int_equal(offset, h->total + h->lost);
    h->total += bytes.n;
    if (lost)
        h->n += (size_t)snprintf(h->text + h->n, sizeof h->text - h->n, "[%llu]", (unsigned long long)lost);
    for (size_t i = 0; i < bytes.n && h->n + 1 < sizeof h->text; i++)
        h->text[h->n++] = (char)bytes.p[i];
    h->text[h->n] = 0;
}

static void feed(struct wt_quic_streams *streams, uint64_t id, uint64_t offset, const char *text, struct heard *h)
{
    bool full;
    struct wt_quic_stream *s = wt_quic_streams_find(streams, id, &full);
    assert_non_null(s);
    wt_quic_streams_feed(streams, s, 0, offset, wt_span_of((const uint8_t *)text, strlen(text)), hear, h);
}

/* RFC 9000, 2.2: "Endpoints MUST be able to deliver stream data to an application as an ordered byte stream." */
static void test_order(void **state)
{
    struct wt_quic_streams streams = {0};
    struct heard h = {.n = 0}, other = {.n = 0};
    (void)state;
    wt_quic_streams_begin(&streams);
    feed(&streams, 0, 6, "world", &h);
    feed(&streams, 4, 0, "another", &other);
    feed(&streams, 0, 3, "lo ", &h);
    assert_int_equal(streams.held, 8);
    assert_string_equal(h.text, "");
    feed(&streams, 0, 0, "hello", &h);
    assert_string_equal(h.text, "hello world");
    feed(&streams, 0, 0, "hello world", &h); /* once more */
    assert_string_equal(h.text, "hello world");
    assert_string_equal(other.text, "another");
    assert_int_equal(streams.held, 0);
    wt_quic_streams_clear(&streams);
}

static void test_give_up(void **state)
{
    struct wt_quic_streams streams = {0};
    struct heard h = {.n = 0};
    bool full;
    (void)state;
    wt_quic_streams_begin(&streams);
    feed(&streams, 0, 2, "c", &h);
    feed(&streams, 0, 5, "fg", &h);
    struct wt_quic_stream *s = wt_quic_streams_find(&streams, 0, &full);
    while (wt_quic_streams_give_up(&streams, s, 0, hear, &h))
        ;
    assert_string_equal(h.text, "[2]c[2]fg");
    s->half[0].has_final = true;
    s->half[0].final = 7;
    assert_true(wt_quic_streams_is_complete(s, 0));
    assert_false(wt_quic_streams_is_complete(s, 1));
    wt_quic_streams_clear(&streams);
}

static void over(struct wt_quic_streams *streams, uint64_t id)
{
    bool full;
    struct wt_quic_stream *s = wt_quic_streams_find(streams, id, &full);
    assert_non_null(s);
    s->half[0].over = true;
    if (!(id & 2)) {
        wt_quic_streams_close(streams, s); /* the other side may still send */
        assert_ptr_equal(wt_quic_streams_find(streams, id, &full), s);
        s->half[1].over = true;
    }
    wt_quic_streams_close(streams, s);
    assert_null(wt_quic_streams_find(streams, id, &full));
    assert_false(full);
}

/* A stream that is over is not begun again by a late copy of its first bytes, in whatever order streams end. */
static void test_closed(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 20; seed++) {
        struct wt_quic_streams streams = {0};
        uint64_t ids[WT_LIMIT_QUIC_STREAM_RANGES];
        const size_t n = sizeof ids / sizeof *ids;
        unsigned random = seed;
        bool full;
        wt_quic_streams_begin(&streams);
        for (size_t i = 0; i < n; i++)
            ids[i] = 4 * i;
        for (size_t i = n - 1; i > 0; i--) {
            random = random * 1103515245u + 12345u;
            const size_t j = (random >> 16) % (i + 1);
            const uint64_t id = ids[i];
            ids[i] = ids[j];
            ids[j] = id;
        }
        for (size_t i = 0; i < n; i++) {
            over(&streams, ids[i]);
            for (size_t j = 0; j < n; j++)
                assert_int_equal(!wt_quic_streams_find(&streams, ids[j], &full), j <= i);
            wt_quic_streams_clear(&streams);
        }
        assert_int_equal(streams.closed_count[0], 1);
        over(&streams, 2); /* another type has numbers of its own */
        assert_non_null(wt_quic_streams_find(&streams, 6, &full));
        wt_quic_streams_clear(&streams);
    }
}

/* More gaps between streams that are over than are kept: the lowest are closed. */
static void test_ranges(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct wt_quic_streams streams = {0};
        bool full;
        wt_quic_streams_begin(&streams);
        for (uint64_t i = 0; i < WT_LIMIT_QUIC_STREAM_RANGES + more; i++)
            over(&streams, 4 * 2 * i + 2);
        assert_int_equal(streams.closed_count[2], WT_LIMIT_QUIC_STREAM_RANGES);
        assert_int_equal(wt_quic_streams_find(&streams, 6, &full) == NULL, more);
        assert_non_null(wt_quic_streams_find(&streams, 14, &full));
        wt_quic_streams_clear(&streams);
        over(&streams, 4 * 1000 + 2); /* and one far above, then within */
        over(&streams, 4 * 500 + 2);
        assert_true(streams.closed_count[2] <= WT_LIMIT_QUIC_STREAM_RANGES);
        assert_null(wt_quic_streams_find(&streams, 4 * 1000 + 2, &full));
        assert_null(wt_quic_streams_find(&streams, 4 * 500 + 2, &full));
        wt_quic_streams_clear(&streams);
    }
}

static void test_open(void **state)
{
    struct wt_quic_streams streams = {0};
    bool full;
    (void)state;
    wt_quic_streams_begin(&streams);
    for (uint64_t i = 0; i < WT_LIMIT_QUIC_STREAMS; i++)
        assert_non_null(wt_quic_streams_find(&streams, 4 * i, &full));
    assert_null(wt_quic_streams_find(&streams, 4 * WT_LIMIT_QUIC_STREAMS, &full));
    assert_true(full);
    assert_non_null(wt_quic_streams_find(&streams, 0, &full));
    wt_quic_streams_clear(&streams);
    assert_int_equal(streams.open, 0);
}

/* Pieces of which the one before does not come: as many as are kept wait, then what is missing is given up. */
static void test_pieces(void **state)
{
    (void)state;
    for (uint64_t more = 0; more < 2; more++) {
        struct wt_quic_streams streams = {0};
        struct heard h = {.n = 0};
        wt_quic_streams_begin(&streams);
        for (uint64_t i = 0; i < WT_LIMIT_QUIC_STREAM_PIECES + more; i++)
            feed(&streams, 0, 2 * i + 1, "x", &h);
        assert_int_equal(h.total, more);
        assert_int_equal(h.lost, more);
        wt_quic_streams_clear(&streams);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct wt_quic_streams streams = {0};
        struct heard h = {.n = 0}, other = {.n = 0};
        const size_t n = WT_LIMIT_QUIC_STREAM_BYTES;
        char *text = malloc(n + 1);
        assert_non_null(text);
        memset(text, 'x', n);
        text[n] = 0;
        wt_quic_streams_begin(&streams);
        text[n - 2] = 0;
        feed(&streams, 0, 1, text, &h);
        feed(&streams, 4, 1, more ? "xyz" : "xy", &other); /* all streams share it */
        assert_int_equal(other.total, more ? 3 : 0);
        assert_int_equal(other.lost, more);
        assert_true(streams.held <= n);
        text[n - 2] = 'x';
        feed(&streams, 0, 0, text, &h);
        assert_int_equal(h.total, n);
        assert_int_equal(h.lost, 0);
        free(text);
        wt_quic_streams_clear(&streams);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),  cmocka_unit_test(test_give_up), cmocka_unit_test(test_closed),
        cmocka_unit_test(test_ranges), cmocka_unit_test(test_open),    cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
